/** What a hub does beside its work: compaction, piece by piece, so that nothing else waits for it long. */
import type { Host, Replica } from '@skerry/core'
import { UPKEEP_MS, UPKEEP_PAUSE_MS } from './limits.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

interface Upkeep {
  host: Pick<Host, 'timer'>
  replica: Pick<Replica, 'upkeep'>
  metrics: Pick<Metrics, 'compactions' | 'compactedBytes'>
  log: Pick<Logger, 'warn'>
}

/** Returns what ends it; it waits for the piece under way. */
export function startUpkeep({ host, replica, metrics, log }: Upkeep): () => Promise<void> {
  let ended = false
  let cancel = () => {}
  let running: Promise<void> = Promise.resolve()
  const again = (delayMs: number) => {
    if (!ended)
      cancel = host.timer(delayMs, () => {
        running = piece()
      })
  }
  const piece = async () => {
    try {
      const { done, compacted, bytesBefore, bytesAfter } = await replica.upkeep()
      metrics.compactions.inc(compacted)
      metrics.compactedBytes.inc(bytesBefore - bytesAfter)
      again(done ? UPKEEP_MS : UPKEEP_PAUSE_MS)
    } catch (error) {
      // A store that cannot be written now: commits say so, and the next piece tries again.
      log.warn({ error: String(error) }, 'upkeep failed; it is tried again')
      again(UPKEEP_MS)
    }
  }
  again(UPKEEP_MS)
  return async () => {
    ended = true
    cancel()
    await running
  }
}
