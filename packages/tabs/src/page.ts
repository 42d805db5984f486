/** What a page alone can do for the replica (SPEC, The page's part); a port, since tests have no page. */

export interface Page {
  now(): number
  random(bytes: number): Uint8Array
  /** Asks the browser to keep the app's data. */
  persist(): Promise<void>
  /** Calls when the network came back or a person looks; the result stops it. */
  onWake(wake: () => void): () => void
}

export function browserPage(): Page {
  return {
    now: () => Date.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    async persist() {
      // Absent on pages of plain HTTP, where nothing is promised; what the storage is then, the worker says.
      await navigator.storage?.persist?.()
    },
    onWake,
  }
}

function onWake(wake: () => void): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  globalThis.addEventListener('online', wake, { signal })
  globalThis.addEventListener('focus', wake, { signal })
  const shown = () => document.visibilityState === 'visible' && wake()
  document.addEventListener('visibilitychange', shown, { signal })
  return () => stopping.abort()
}
