/** Asking another process again until it says what is waited for, within bounds. */
import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds between two questions: a tenth of what the fastest of these waits takes. */
const ASK_AGAIN_MS = 40
/** Milliseconds until the story gives up. The longest wait, the first sync, takes a few seconds; on cores that others keep busy it was seen to take 27. */
const PATIENCE_MS_MAX = 60_000

/** @throws when `ask` finds nothing in time; `what` is waited for */
export async function eventually<Found>(what: string, ask: () => Promise<Found | undefined>): Promise<Found> {
  const end = performance.now() + PATIENCE_MS_MAX
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS_MAX / 1_000} s`)
    await pause(ASK_AGAIN_MS)
  }
}
