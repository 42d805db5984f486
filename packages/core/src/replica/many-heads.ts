/**
 * A hub says so when a record comes to have many heads: more concurrent changes than there are devices are no accident. It does not join them by a change of its own (SPEC.md, A-17), since whoever edits the record next does.
 * Told when the number passes HEADS_WARNED_MIN, and each time it has doubled since.
 */
import { HEADS_WARNED_MIN } from './limits.ts'
import type { OpenRecord } from './open-record.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { Turn } from './turn.ts'

export class HeadsWatch {
  /** Heads of a record when this turn first met it. */
  readonly #before = new Map<string, number>()

  note({ key, frontier }: OpenRecord): void {
    if (!this.#before.has(key)) this.#before.set(key, frontier.heads.length)
  }

  async tell(turn: Turn, events: (event: ReplicaEvent) => void): Promise<void> {
    for (const [record, before] of this.#before) {
      const heads = (await turn.open(record)).frontier.heads.length
      if (levelOf(heads) <= levelOf(before)) continue
      turn.afterCommit(() =>
        events({
          level: 'warn',
          code: 'many-heads',
          message: `${record} has ${heads} concurrent changes; the next edit of it joins them, and above its ceiling more are refused: look for who writes them`,
          fields: { record, heads },
        }),
      )
    }
  }
}

/** 0 below the least, then one more with each doubling. */
function levelOf(heads: number): number {
  return heads < HEADS_WARNED_MIN ? 0 : 1 + Math.floor(Math.log2(heads / HEADS_WARNED_MIN))
}
