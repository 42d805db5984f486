/**
 * Two changes of one sequence, letters of a text or items of a list, made into one: what either removed is gone, what either inserted is there.
 *
 *     base     the pump leaks          ours     the old pump leaks       theirs   the pump leaks at night
 *     merged   the old pump leaks at night
 *
 * Both changes are told against the base, gap by gap and item by item, so that nothing has to be shifted over anything else.
 */

/** Items removed and inserted that are told apart one by one; the search grows with the square, these some 10 ms. Beyond it, what lies between the first and the last difference is one piece. */
export const REBASE_EDITS_MAX = 1_000

/** Items compared for that: of two sequences that repeat themselves the search would go to the end at each of 2,000 offsets. Some 10 ms. */
export const REBASE_COMPARISONS_MAX = 2_000_000

interface Change<T> {
  /** By index in the base. */
  removed: Uint8Array
  /** By the index that it stands before. */
  inserted: Map<number, T[]>
}

/** Of what both inserted at one place, theirs comes first. */
export function mergeSequence<T>(base: readonly T[], ours: readonly T[], theirs: readonly T[]): T[] {
  const changes = [changeOf(base, theirs), changeOf(base, ours)]
  const merged: T[] = []
  for (let i = 0; i <= base.length; i++) {
    for (const { inserted } of changes) for (const item of inserted.get(i) ?? []) merged.push(item)
    if (i < base.length && changes.every(({ removed }) => removed[i] === 0)) merged.push(base[i]!)
  }
  return merged
}

function changeOf<T>(before: readonly T[], after: readonly T[]): Change<T> {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let same = 0
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++
  const [endBefore, endAfter] = [before.length - same, after.length - same]
  const change: Change<T> = { removed: new Uint8Array(before.length), inserted: new Map() }
  const trace = traceOf(before.slice(start, endBefore), after.slice(start, endAfter))
  if (trace) follow(trace, after, [start, endBefore, endAfter], change)
  else {
    change.removed.fill(1, start, endBefore)
    change.inserted.set(start, after.slice(start, endAfter))
  }
  return { removed: change.removed, inserted: gathered(change) }
}

/** What takes the place of removed items stands where those began, so that what others append to them stays behind it. */
function gathered<T>({ removed, inserted }: Change<T>): Map<number, T[]> {
  const moved = new Map<number, T[]>()
  for (const at of [...inserted.keys()].sort((a, b) => a - b)) {
    let gap = at
    while (gap > 0 && removed[gap - 1] === 1) gap--
    moved.set(gap, [...(moved.get(gap) ?? []), ...inserted.get(at)!])
  }
  return moved
}

/** How far each diagonal is reached by so many edits (Myers, "An O(ND) difference algorithm", 1986); undefined: more than REBASE_EDITS_MAX, or REBASE_COMPARISONS_MAX. */
function traceOf<T>(before: readonly T[], after: readonly T[]): Int32Array[] | undefined {
  const trace: Int32Array[] = []
  let reached = new Int32Array(3)
  let comparisons = 0
  for (let edits = 0; edits <= REBASE_EDITS_MAX; edits++) {
    // Diagonals -edits-1 to edits+1, the first at index 0.
    const next = new Int32Array(2 * edits + 5)
    trace.push(reached)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const middle = edits + 1
      const down = isDown(reached, middle, diagonal, edits)
      let x = down ? reached[middle + diagonal + 1]! : reached[middle + diagonal - 1]! + 1
      const from = x
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++
      comparisons += x - from + 1
      if (comparisons > REBASE_COMPARISONS_MAX) return undefined
      next[middle + 1 + diagonal] = x
      if (x >= before.length && x - diagonal >= after.length) return trace
    }
    reached = next
  }
  return undefined
}

function isDown(reached: Int32Array, middle: number, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true
  return diagonal !== edits && reached[middle + diagonal - 1]! < reached[middle + diagonal + 1]!
}

/** Backwards from the end. */
function follow<T>(
  trace: readonly Int32Array[],
  after: readonly T[],
  [start, endBefore, endAfter]: readonly [number, number, number],
  { removed, inserted }: Change<T>,
): void {
  let x = endBefore - start
  let y = endAfter - start
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const reached = trace[edits]!
    const middle = edits + 1
    const diagonal = x - y
    if (isDown(reached, middle, diagonal, edits)) {
      x = reached[middle + diagonal + 1]!
      y = x - diagonal - 1
      inserted.set(start + x, [after[start + y]!, ...(inserted.get(start + x) ?? [])])
    } else {
      x = reached[middle + diagonal - 1]!
      y = x + 1 - diagonal
      removed[start + x] = 1
    }
  }
}
