/** When a process is killed: mostly in the midst of its work, sometimes while it opens its store. Drawn from the seed; the machine adds its own. */
import type { SeededRandom } from '@skerry/core/testing'
import { elapsed, within } from './within.ts'

/** Milliseconds after the first acknowledged edit. */
const WORK_MS_MIN = 20
const WORK_MS_MAX = 400
/** Of so many kills one comes this many milliseconds at most after the errand: opening takes about as long. */
const EARLY_ONE_OF = 5
const EARLY_MS_MAX = 150
/** Milliseconds until the first edit must be acknowledged. */
const FIRST_MS_MAX = 20_000

export class KillMoment {
  readonly #delayMs: number
  readonly #early: boolean
  readonly #working: Promise<void>
  /** Tell it when the process has acknowledged something. */
  worked: () => void = () => undefined

  constructor(random: SeededRandom) {
    this.#early = random.below(EARLY_ONE_OF) === 0
    this.#delayMs = this.#early ? random.below(EARLY_MS_MAX) : WORK_MS_MIN + random.below(WORK_MS_MAX - WORK_MS_MIN)
    this.#working = new Promise((resolve) => {
      this.worked = resolve
    })
  }

  /** Resolves when the process is to be killed, or when it has ended by itself (`closed`), which the kill will tell. */
  async come(closed: Promise<void>): Promise<void> {
    if (!this.#early) await within(FIRST_MS_MAX, 'the first acknowledged edit', Promise.race([this.#working, closed]))
    await Promise.race([elapsed(this.#delayMs), closed])
  }
}
