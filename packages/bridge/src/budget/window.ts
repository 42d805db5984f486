/** What was spent in the last so many milliseconds, in bounded memory: spends near each other count as the latest of them, so that they are let go late and never early (SPEC B-62). */
import { WINDOW_SLOTS } from '../limits.ts'

interface Slot {
  from: number
  /** The latest spend in it. */
  at: number
  units: number
}

export class SlidingWindow {
  readonly ms: number
  readonly #slots: Slot[] = []
  #spent = 0

  constructor(ms: number) {
    this.ms = ms
  }

  spentAt(now: number): number {
    for (let first = this.#slots[0]; first && now - first.at >= this.ms; first = this.#slots[0]) {
      this.#spent -= first.units
      this.#slots.shift()
    }
    return this.#spent
  }

  spend(units: number, now: number): void {
    this.#spent += units
    const last = this.#slots.at(-1)
    if (!last || now - last.from >= this.ms / WINDOW_SLOTS) this.#slots.push({ from: now, at: now, units })
    else Object.assign(last, { at: now, units: last.units + units })
  }

  /** Milliseconds until no more than `most` (from 0) is spent. */
  waitMs(most: number, now: number): number {
    let left = this.spentAt(now)
    if (left <= most) return 0
    for (const { at, units } of this.#slots) {
      left -= units
      if (left <= most) return at + this.ms - now
    }
    return this.ms
  }
}
