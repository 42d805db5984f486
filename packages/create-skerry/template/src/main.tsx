/** The page's entry: joins the worker that has the replica, and draws the app. */

import { connectTabs } from '@skerry/tabs'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { keepPage } from './keep-page.ts'
import { BUILD, NAME } from './names.ts'
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
    <App replica={replica} />
  </StrictMode>,
)

// Without it the app works too, from the hub alone.
keepPage().catch((error: unknown) => console.warn('the page is not kept', error))
