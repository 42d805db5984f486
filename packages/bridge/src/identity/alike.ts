/** How alike two values are, from 0 to 1, whichever comes first (SPEC B-126). */
import type { Json, JsonObject } from '@skerry/core'
import { normalised } from './normalise.ts'

/** Sørensen's measure over pairs of neighbouring letters: a letter wrong leaves most of them, and words in another order all. */
export function alike(a: Json | undefined, b: Json | undefined): number {
  const [left, right] = [normalised(a), normalised(b)]
  if (left === '' || right === '') return 0
  if (left === right) return 1
  const [pairs, others] = [pairsOf(left), pairsOf(right)]
  let shared = 0
  for (const [pair, times] of pairs) shared += Math.min(times, others.get(pair) ?? 0)
  return (2 * shared) / (sizeOf(pairs) + sizeOf(others))
}

/** The fields' likeness, weighed; a field that one of them lacks is not alike. */
export function scoreOf(weights: Readonly<Record<string, number>>, a: JsonObject, b: JsonObject): number {
  let [sum, of] = [0, 0]
  for (const [field, weight] of Object.entries(weights)) {
    sum += weight * alike(a[field], b[field])
    of += weight
  }
  return sum / of
}

/** A space stands at both ends, so that a single letter has pairs too, and beginnings count. */
function pairsOf(text: string): Map<string, number> {
  const padded = ` ${text} `
  const pairs = new Map<string, number>()
  for (let i = 0; i + 1 < padded.length; i++) {
    const pair = padded.slice(i, i + 2)
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
  }
  return pairs
}

function sizeOf(pairs: ReadonlyMap<string, number>): number {
  let size = 0
  for (const times of pairs.values()) size += times
  return size
}
