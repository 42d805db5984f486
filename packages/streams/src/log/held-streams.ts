/** Streams whose newest segments wait behind a missing number, each for a bounded time. */

import type { Host, Seq } from '@skerry/core'

interface Held {
  /** A segment that waits: reading the log again from below it finds the stream again. */
  seq: Seq
  isOverdue: boolean
  cancel(): void
}

export class HeldStreams {
  readonly #timer: Host['timer']
  readonly #holeMsMax: number
  readonly #onOverdue: () => void
  readonly #held = new Map<string, Held>()

  /** `onOverdue` is called when a stream has waited `holeMsMax` milliseconds. */
  constructor(timer: Host['timer'], holeMsMax: number, onOverdue: () => void) {
    this.#timer = timer
    this.#holeMsMax = holeMsMax
    this.#onOverdue = onOverdue
  }

  /** A copy, by stream. */
  get seqs(): Map<string, Seq> {
    return new Map([...this.#held].map(([stream, { seq }]) => [stream, seq]))
  }

  /** Those that waited long enough. */
  get overdue(): string[] {
    return [...this.#held].filter(([, { isOverdue }]) => isOverdue).map(([stream]) => stream)
  }

  /** These wait now. One that waited before goes on with its time. */
  update(seqs: ReadonlyMap<string, Seq>): void {
    for (const [stream, { cancel }] of this.#held) {
      if (seqs.has(stream)) continue
      cancel()
      this.#held.delete(stream)
    }
    for (const [stream, seq] of seqs) {
      const held = this.#held.get(stream)
      if (held === undefined) this.#hold(stream, seq)
      else held.seq = seq
    }
  }

  close(): void {
    this.update(new Map())
  }

  #hold(stream: string, seq: Seq): void {
    const held: Held = { seq, isOverdue: false, cancel: () => undefined }
    held.cancel = this.#timer(this.#holeMsMax, () => {
      held.isOverdue = true
      this.#onOverdue()
    })
    this.#held.set(stream, held)
  }
}
