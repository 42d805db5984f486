/**
 * A text field that a person types in while others do. What is typed goes to the replica as the difference to what the page last showed; what the replica tells is shown as soon as nothing
 * typed is on its way, and the caret stays between the letters it stood between.
 *
 *          typed                         told by the replica
 *   idle ────────▶ sending ──▶ idle      idle: shown at once        sending: shown after it
 *
 * Pure: `TextMerge` says what to send and what to show; whoever holds the field does it.
 */

export interface Sending {
  base: string
  wanted: string
}

export class TextMerge {
  /** What the field shows. */
  shown: string
  /** What the replica has of it, with all that was sent. */
  #sent: string
  /** Told last. */
  #told: string
  /** Edits on their way: one, but for what is sent when the page goes away. */
  #underWay = 0

  constructor(text: string) {
    this.shown = text
    this.#sent = text
    this.#told = text
  }

  typed(text: string): void {
    this.shown = text
  }

  told(text: string): void {
    this.#told = text
  }

  /** What is to be sent now; undefined when nothing is, or something is on its way. */
  next(): Sending | undefined {
    return this.#underWay > 0 ? undefined : this.rest()
  }

  /** All that was not sent, whatever is on its way. */
  rest(): Sending | undefined {
    if (this.shown === this.#sent) return undefined
    const sending = { base: this.#sent, wanted: this.shown }
    this.#sent = this.shown
    this.#underWay += 1
    return sending
  }

  arrived(): void {
    this.#underWay -= 1
  }

  /** It is sent again with what is typed next. */
  refused({ base }: Sending): void {
    this.#underWay -= 1
    this.#sent = base
  }

  /** True when `shown` became another text by what was told. */
  settle(): boolean {
    if (this.#underWay > 0 || this.shown !== this.#sent || this.#told === this.shown) return false
    this.shown = this.#told
    this.#sent = this.#told
    return true
  }
}

/** Where a caret at `offset` of `before` stands in `after`: after the same letters, where they are still there. */
export function movedCaret(before: string, after: string, offset: number): number {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  if (offset <= head) return offset
  if (offset >= before.length - tail) return offset + after.length - before.length
  return after.length - tail
}
