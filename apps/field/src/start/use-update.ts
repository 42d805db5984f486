/**
 * A newer build waits until its user is ready: taking it reloads this window. Nothing is lost by that, since work is in IndexedDB before the app says that it is saved, and pages and workers
 * of different builds speak a versioned protocol (@skerry/tabs, V-1 to V-3).
 */
import { useSyncExternalStore } from 'react'

let waiting: ServiceWorker | undefined
const listeners = new Set<() => void>()

function found(worker: ServiceWorker | null): void {
  waiting = worker ?? undefined
  for (const listener of listeners) listener()
}

/** Milliseconds between two looks for a newer build, in an app that is open all day. */
const LOOK_MS = 3_600_000

/** Registers the service worker, and looks for a newer one now and then. Resolves when the look was begun; a browser without service workers has no app offline. */
export async function startServiceWorker(url: string): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const registration = await navigator.serviceWorker.register(url, { updateViaCache: 'none' })
  const look = () => {
    // The first one of all replaces nothing.
    if (navigator.serviceWorker.controller) found(registration.waiting)
  }
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look)
  })
  look()
  setInterval(() => {
    // Without network there is nothing newer to be had.
    registration.update().catch(() => undefined)
  }, LOOK_MS)
}

/** Whoever presses Back meanwhile, or types an address of the app, ends the reload (Chromium); no worker waits any more by then, so it could not be asked for again. */
function beginAnew(): void {
  addEventListener('hashchange', () => location.reload())
  location.reload()
}

function take(): void {
  if (!waiting) return
  // Only this window: whoever types in another one decides there.
  navigator.serviceWorker.addEventListener('controllerchange', beginAnew, { once: true })
  waiting.postMessage({ kind: 'take-over' })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useUpdate(): { isReady: boolean; take(): void } {
  return { isReady: useSyncExternalStore(subscribe, () => waiting !== undefined), take }
}
