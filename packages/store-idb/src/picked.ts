/** A read: a look into the index, and what lies where it says. Between the two a merge may move it, and then both are done again. */
import type { Bodies, Loaded } from './bodies.ts'
import type { Index, Span } from './frame.ts'

/** Merges that one read meets at most; one is rare, and what is still missing then is told as damage. */
const ATTEMPTS_MAX = 8

export interface Picked<T> {
  spans: readonly Span[]
  /** Gets what the spans lie in. */
  build: (bodies: Loaded) => T
}

/** `pick` looks into the index at once, so that a read sees every commit that was resolved before it. */
export async function picked<T>(
  index: Index,
  bodies: Pick<Bodies, 'load'>,
  pick: (index: Index) => Picked<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    const { spans, build } = pick(index)
    const loaded = await bodies.load(spans)
    if (attempts === ATTEMPTS_MAX || !isOvertaken(loaded)) return build(loaded)
  }
}

/** Whether a body was deleted between the look into the index and the read. */
function isOvertaken(loaded: Loaded): boolean {
  for (const [frame, bytes] of loaded) if (bytes === undefined && frame.isGone) return true
  return false
}
