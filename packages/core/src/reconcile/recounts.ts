/** When a recount was last made for whom. A device that reconnects asks no more often for that. */
import { RECOUNT_MS_MIN, RECOUNTS_REMEMBERED_MAX } from './limits.ts'

export class Recounts {
  /** Milliseconds since 1970, by node; the one asked longest ago first. */
  readonly #madeAt = new Map<string, number>()

  /** Whether one may be made for this node now; it is then taken as made. */
  mayMakeFor(node: string, now: number): boolean {
    const before = this.#madeAt.get(node)
    // A clock that was set counts as time that went by.
    if (before !== undefined && Math.abs(now - before) < RECOUNT_MS_MIN) return false
    this.#madeAt.delete(node)
    this.#madeAt.set(node, now)
    if (this.#madeAt.size > RECOUNTS_REMEMBERED_MAX) this.#madeAt.delete(this.#madeAt.keys().next().value!)
    return true
  }
}
