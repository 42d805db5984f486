/** Random numbers that a seed repeats: "splitmix32", good enough to explore with and short enough to trust. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to 2^32 - 1. */
  u32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor((this.u32() / 2 ** 32) * below)
  }

  chance(probability: number): boolean {
    return this.u32() / 2 ** 32 < probability
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('picking from nothing')
    return from[this.below(from.length)]!
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.u32() & 0xff)
  }

  /** Another one, whose numbers do not depend on how many are taken here afterwards. */
  fork(): SeededRandom {
    return new SeededRandom(this.u32())
  }
}
