/** How much a write matters, and whose turn it is: shares instead of strict order, so that no tier is ever left out (SPEC B-50, B-51). */

/** From the highest to the lowest. */
export const tiers = ['critical', 'operational', 'analytical', 'reference'] as const
export type Tier = (typeof tiers)[number]

/** Calls of each tier while all of them wait: most go where it matters most, and the last still moves. */
const shares: Readonly<Record<Tier, number>> = { critical: 8, operational: 4, analytical: 2, reference: 1 }

/** Stride scheduling: each turn moves a tier on by the inverse of its share, and whoever is furthest behind is next. */
export class TierTurns {
  readonly #passed = new Map<Tier, number>()
  /** Where the tier stood that had the last turn. */
  #stand = 0

  /** The tiers that wait, in the order in which they should be tried. */
  order(waiting: readonly Tier[]): Tier[] {
    const rank = (tier: Tier) => tiers.indexOf(tier)
    return [...waiting].sort((a, b) => this.#at(a) - this.#at(b) || rank(a) - rank(b))
  }

  took(tier: Tier): void {
    this.#stand = this.#at(tier)
    this.#passed.set(tier, this.#stand + 1 / shares[tier])
  }

  /** A tier that had nothing due for long does not make up for it. */
  #at(tier: Tier): number {
    return Math.max(this.#passed.get(tier) ?? 0, this.#stand)
  }
}
