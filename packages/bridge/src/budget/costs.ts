/** What calls of a kind have cost lately, so that one is not begun which cannot be paid (SPEC B-61). */
import { COSTS_KEPT } from '../limits.ts'

export class Costs {
  readonly #lately = new Map<string, number[]>()

  /** Units; 1 for a kind that was not seen yet. */
  expected(what: string): number {
    return Math.max(1, ...(this.#lately.get(what) ?? []))
  }

  learn(what: string, units: number): void {
    const costs = this.#lately.get(what) ?? []
    this.#lately.set(what, [...costs, units].slice(-COSTS_KEPT))
  }

  /** Undefined for a kind that was not seen yet. */
  known(what: string): number | undefined {
    return this.#lately.has(what) ? this.expected(what) : undefined
  }
}
