/** The page's entry: joins the worker that has the replica, and draws the app. */

import { registerSW } from 'virtual:pwa-register'
import { connectTabs } from '@skerry/tabs'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { BUILD, NAME } from './names.ts'
import { signIn } from './sign-in.ts'
import './style.css'

const replica = connectTabs({
  name: NAME,
  version: BUILD,
  shared: () => new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: NAME }),
  dedicated: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: NAME }),
  events: (event) => console.warn(event),
})

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App replica={replica} signedIn={signIn(replica)} />
  </StrictMode>,
)

// Keeps the page itself, so that it opens without a network; a newer build reloads it. What was saved is in IndexedDB.
registerSW({ immediate: true })
