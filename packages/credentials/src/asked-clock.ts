/**
 * The time by the clock of whoever is asked. Proofs are good for a minute by that clock, and a device whose own is years off is to send its photos all the same, as it sends its edits: who
 * refuses a proof says what time it is (RFC 9110, section 6.6.1), and the next proof has that. It decides nothing but the time in proofs.
 */

/** Milliseconds by which clocks may differ: `Date` has whole seconds, and an answer may be on its way for some. */
const DIFFERENCE_MS_MAX = 30_000

export class AskedClock {
  readonly #ownNow: () => number
  /** By how much the other clock is ahead. */
  #aheadMs = 0

  constructor(ownNow: () => number) {
    this.#ownNow = ownNow
  }

  now(): number {
    return this.#ownNow() + this.#aheadMs
  }

  /** @param date as the header has it. True when it is worth asking again. */
  heard(date: string | null): boolean {
    const at = Date.parse(date ?? '')
    if (!(Math.abs(at - this.now()) > DIFFERENCE_MS_MAX)) return false
    this.#aheadMs = at - this.#ownNow()
    return true
  }
}
