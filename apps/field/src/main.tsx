/** The page's entry: joins the worker that has the replica, and draws the app. */
import { pageBlobs } from '@skerry/blobs'
import { connectTabs } from '@skerry/tabs'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { photosChannelOf } from './start/replica-name.ts'
import { followOpened, ownReplica } from './start/replicas.ts'
import { listenForInstall } from './start/use-install.ts'
import { startServiceWorker } from './start/use-update.ts'
import { APP_BUILD } from './start/version.ts'
import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/pages.css'

listenForInstall()
followOpened(() => location.reload())

const name = ownReplica()

const replica = connectTabs({
  name,
  version: APP_BUILD,
  shared: () => new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name }),
  dedicated: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name }),
  events: (event) => console.warn(event),
})

const photos = pageBlobs(new BroadcastChannel(photosChannelOf(name)))

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App replica={replica} photos={photos} />
  </StrictMode>,
)

// The app works without it, from the network alone.
if (import.meta.env.PROD)
  startServiceWorker('/sw.js').catch((error: unknown) => console.warn('no service worker', error))
