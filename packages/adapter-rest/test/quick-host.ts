/** A host in real time on which nobody waits for a back-off: timers fire at once, and the clock follows. */
import { nodeHost } from '@skerry/node'

/** Milliseconds that a wait of the bridge takes. */
const WAIT_MS_MAX = 20

export function quickHost() {
  const host = nodeHost()
  let aheadMs = 0
  const now = () => host.now() + aheadMs
  return {
    ...host,
    now,
    timer: (delayMs: number, run: () => void) => {
      const dueAt = now() + delayMs
      return host.timer(Math.min(delayMs, WAIT_MS_MAX), () => {
        aheadMs = Math.max(aheadMs, dueAt - host.now())
        run()
      })
    },
  }
}
