/** Two lists as sets: nothing that either side has is lost, and what both took away is gone (SPEC B-93). */
import type { Json } from '@skerry/core'
import type { FieldConflict } from './conflict.ts'

/** What both had keeps its order; what was added follows in the order of its spelling, so that both sides make the same list. Undefined when a side has no list. */
export function unionOf({ agreed, ours, theirs }: FieldConflict): Json[] | undefined {
  const [before, here, there] = [agreed, ours, theirs].map((value) => value ?? [])
  if (!Array.isArray(before) || !Array.isArray(here) || !Array.isArray(there)) return undefined
  const known = new Set(before.map(spelling))
  const held = new Map([...here, ...there].map((element) => [spelling(element), element]))
  const kept = [...new Map(before.map((element) => [spelling(element), element]))].filter(([key]) =>
    held.has(key),
  )
  const added = [...held].filter(([key]) => !known.has(key)).sort(([a], [b]) => (a < b ? -1 : 1))
  return [...kept, ...added].map(([, element]) => element)
}

function spelling(element: Json): string {
  return JSON.stringify(element)
}
