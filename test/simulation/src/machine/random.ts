/**
 * The one source of chance in a simulated world: sfc32, seeded by a number, so that a seed is a whole run. Each part of the world (a link, a disk, a step) draws from a
 * stream of its own, so that taking one step out of a run changes as little as possible of the rest.
 */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number in [0, n). */
  below(n: number): number
  chance(probability: number): boolean
  /** In [least, most). */
  between(least: number, most: number): number
  pick<T>(items: readonly T[]): T
  bytes(n: number): Uint8Array
}

export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed | 0
  let d = 1
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 16; i++) next()
  const below = (n: number) => Math.floor(next() * n)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)]!,
    between: (least, most) => least + next() * (most - least),
    bytes(n) {
      const bytes = new Uint8Array(n)
      for (let i = 0; i < n; i++) bytes[i] = below(256)
      return bytes
    },
  }
}

/** The stream of one part of a seed's world, by name. */
export function streamOf(seed: number, name: string): Random {
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return seededRandom(hash ^ Math.imul(seed, 0x9e3779b1))
}
