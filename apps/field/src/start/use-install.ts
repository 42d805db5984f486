/** The browser's offer to install the app. It comes once, early, and is kept until a page asks for it. */
import { useSyncExternalStore } from 'react'

/** Chromium's; it stands in no standard. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

let offer: InstallOffer | undefined
let isInstalled = matchMedia('(display-mode: standalone)').matches
const listeners = new Set<() => void>()

function changed(): void {
  for (const listener of listeners) listener()
}

/** To be called before the first paint: the browser offers it only once. */
export function listenForInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offer = event as InstallOffer
    changed()
  })
  addEventListener('appinstalled', () => {
    offer = undefined
    isInstalled = true
    changed()
  })
}

type InstallState = 'installed' | 'offered' | 'by-hand'

function state(): InstallState {
  if (isInstalled) return 'installed'
  return offer ? 'offered' : 'by-hand'
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useInstall(): { state: InstallState; ask(): void } {
  return {
    state: useSyncExternalStore(subscribe, state),
    ask: () => {
      void offer?.prompt()
      offer = undefined
      changed()
    },
  }
}
