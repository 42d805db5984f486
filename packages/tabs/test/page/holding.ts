/** A page that only holds the engine up. */
import { exposed } from '@skerry/browser-test/page'
import { ENGINE_LOCK } from './app.ts'

exposed({
  holdEngine: () =>
    new Promise<void>((held) => {
      navigator.locks.request(ENGINE_LOCK, () => {
        held()
        // Until the page ends.
        return new Promise(() => undefined)
      })
    }),
})
