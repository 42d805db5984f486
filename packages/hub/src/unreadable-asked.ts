/**
 * Devices that ask for records which they may not read. The answer is that of a record that is not there; what the operator can learn from it, somebody who guesses ids, is a line in the log: for each device one in a while, with
 * how often it asked.
 */
import { UNREADABLE_DEVICES_MAX, UNREADABLE_TOLD_MS } from './limits.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface UnreadableParts {
  log: Logger
  metrics: Metrics
  now(): number
}

interface Told {
  at: number
  /** Asked since then. */
  since: number
}

export class UnreadableAsked {
  readonly #parts: UnreadableParts
  /** By subject, the one told longest ago first. */
  readonly #told = new Map<string, Told>()

  constructor(parts: UnreadableParts) {
    this.#parts = parts
  }

  note(subject: string, record: string): void {
    const { log, metrics, now } = this.#parts
    metrics.unreadableAsked.inc()
    const told = this.#told.get(subject)
    if (told && now() - told.at < UNREADABLE_TOLD_MS) {
      told.since += 1
      return
    }
    this.#told.delete(subject)
    this.#told.set(subject, { at: now(), since: 0 })
    if (this.#told.size > UNREADABLE_DEVICES_MAX) this.#told.delete(this.#told.keys().next().value!)
    log.warn(
      { code: 'unreadable-asked', subject, record, before: told?.since ?? 0 },
      'a device asked for a record in no channel that it may read',
    )
  }
}
