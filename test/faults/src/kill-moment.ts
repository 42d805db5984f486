/** When a process is killed: while it opens its store, in the midst of its first work, or after others know of it. Drawn from the seed; the machine adds its own. */
import type { SeededRandom } from '@skerry/core/testing'
import type { Place } from './marking.ts'
import { elapsed, within } from './within.ts'

/** Milliseconds of work after the first edit acknowledged here, or there. */
const WORK_MS_MIN = 20
const WORK_MS_MAX = 400
/** Milliseconds after the errand was given, when it is killed early: opening takes about as long. */
const EARLY_MS_MAX = 150
/** Milliseconds until the first edit must be acknowledged: calls of a bridge that are not answered in time are repeated, and on a busy machine that is many. */
const FIRST_MS_MAX = 120_000

/** One in five comes early. */
const afters: readonly ('errand' | Place)[] = ['errand', 'here', 'here', 'there', 'there']

export class KillMoment {
  readonly #after: 'errand' | Place
  readonly #delayMs: number
  readonly #reached: Promise<void>
  #reach: () => void = () => undefined

  constructor(random: SeededRandom) {
    this.#after = random.pick(afters)
    this.#delayMs =
      this.#after === 'errand'
        ? random.below(EARLY_MS_MAX)
        : WORK_MS_MIN + random.below(WORK_MS_MAX - WORK_MS_MIN)
    this.#reached = new Promise((resolve) => {
      this.#reach = resolve
    })
    if (this.#after === 'errand') this.#reach()
  }

  /** Tell it of each acknowledged edit. */
  acknowledged(place: Place): void {
    if (place === this.#after) this.#reach()
  }

  /** Resolves when the process is to be killed, or when it has ended by itself (`closed`), which the kill will tell. */
  async come(closed: Promise<void>): Promise<void> {
    await within(FIRST_MS_MAX, `an edit acknowledged ${this.#after}`, Promise.race([this.#reached, closed]))
    await Promise.race([elapsed(this.#delayMs), closed])
  }
}
