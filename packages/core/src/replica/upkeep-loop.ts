/** Upkeep from time to time, as long as a replica is open: piece by piece, so that nothing else waits for it long. */
import type { Host } from '../host.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { UpkeepReport } from './upkeep.ts'

/** Milliseconds between looks at what changed: a record that grows fast has some thousand entries by then, which cost a few milliseconds to read. */
export const UPKEEP_MS = 60_000
/** Milliseconds between two pieces when there is more: whoever uses the replica comes first. */
export const UPKEEP_PAUSE_MS = 100

export interface UpkeepOptions {
  /** In place of the host's: one that keeps no process alive, where there is such. */
  timer?: Host['timer']
  /** After each piece. */
  done?: (report: UpkeepReport) => void
}

interface Parts {
  timer: Host['timer']
  piece(): Promise<UpkeepReport>
  done?: UpkeepOptions['done']
  events: (event: ReplicaEvent) => void
}

/** Returns what ends it; that waits for the piece under way. */
export function startUpkeep({ timer, piece, done, events }: Parts): () => Promise<void> {
  let isEnded = false
  let cancel = () => {}
  let running: Promise<void> = Promise.resolve()
  const again = (delayMs: number) => {
    if (isEnded) return
    cancel = timer(delayMs, () => {
      running = step()
    })
  }
  const step = async () => {
    try {
      const report = await piece()
      done?.(report)
      again(report.done ? UPKEEP_MS : UPKEEP_PAUSE_MS)
    } catch (error) {
      // A store that cannot be written now: commits say so too, and the next piece tries again. What is being closed tells nobody.
      if (isEnded) return
      events({ level: 'warn', code: 'upkeep-failed', message: `upkeep failed, and is tried again: ${error}` })
      again(UPKEEP_MS)
    }
  }
  again(UPKEEP_MS)
  return async () => {
    isEnded = true
    cancel()
    await running
  }
}
