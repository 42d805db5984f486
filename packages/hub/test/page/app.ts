/** What an app does that a hub's policy and headers could forbid. */
import { exposed } from '@skerry/browser-test/page'

/** The shortest module there is. */
const EMPTY_MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

const refused = async (work: () => unknown) => {
  try {
    await work()
    return false
  } catch {
    return true
  }
}

exposed({
  path: () => location.pathname,
  compiles: async () => (await WebAssembly.compile(EMPTY_MODULE)) instanceof WebAssembly.Module,
  async registers() {
    const { scope } = await navigator.serviceWorker.register('/assets/sw.js', { scope: '/' })
    await navigator.serviceWorker.ready
    return new URL(scope).pathname
  },
  async shows(png: number[]) {
    const image = new Image()
    image.src = URL.createObjectURL(new Blob([new Uint8Array(png)], { type: 'image/png' }))
    await image.decode()
    return image.naturalWidth
  },
  asksTheHub: async () => (await fetch('/readyz')).status,
  isHeldFromAsking: (url: string) => refused(() => fetch(url, { mode: 'no-cors' })),
  // In a task of its own: what devtools call may evaluate anything.
  isHeldFromEvaluating: () =>
    new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(refused(() => new Function('return 1')())), 0)
    }),
})
