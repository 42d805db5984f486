/** A host for tests of bridges over real systems: calls take the time they take, back-offs none. */
import { nodeHost } from '@skerry/node'
import { BACK_OFF_MS_SHOWN } from './limits.ts'

/** Real time, but nobody waits for a back-off: timers fire soon, and the clock follows. */
export function quickHost() {
  const host = nodeHost()
  let aheadMs = 0
  const now = () => host.now() + aheadMs
  return {
    ...host,
    now,
    timer: (delayMs: number, run: () => void) => {
      const dueAt = now() + delayMs
      return host.timer(Math.min(delayMs, BACK_OFF_MS_SHOWN), () => {
        aheadMs = Math.max(aheadMs, dueAt - host.now())
        run()
      })
    },
  }
}
