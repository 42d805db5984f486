import type { Followed } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { describe, expect, test } from 'vitest'
import type { LiveRecord, Splice } from '../port.ts'
import { inParts, SortedResult, SPLICE_RECORDS_MAX } from './sorted-result.ts'

const byRank = (a: LiveRecord, b: LiveRecord) =>
  (a.rank as number) - (b.rank as number) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const record = (id: string, rank: number): LiveRecord => ({ id, rank })

function applied(before: readonly LiveRecord[], splices: readonly Splice[]): LiveRecord[] {
  const records = [...before]
  for (const { at, removed, inserted } of splices) {
    expect(records.length).toBeGreaterThanOrEqual(at + removed)
    records.splice(at, removed, ...inserted)
  }
  return records
}

describe('WHOLE: a sorted result', () => {
  test.each([
    [undefined, 3],
    [4, 3],
    [1, 3],
    [0, 3],
    [5, 120],
    [undefined, 120],
  ])('with the limit %s tells of up to %i changes what leads to the result', (limit, changesMax) => {
    const random = new SeededRandom(7)
    const all = new Map<string, LiveRecord>()
    const result = new SortedResult(new Map(), byRank, limit)
    let shown: LiveRecord[] = []
    for (let step = 0; step < 400; step++) {
      const changes = Array.from({ length: 1 + random.below(changesMax) }, (): Followed<LiveRecord> => {
        const id = `r${random.below(changesMax * 3)}`
        return [id, random.below(3) === 0 ? undefined : record(id, random.below(6))]
      })
      for (const [id, one] of changes)
        if (one) all.set(id, one)
        else all.delete(id)
      shown = applied(shown, inParts(result.apply(changes)))
      expect(shown).toEqual([...all.values()].sort(byRank).slice(0, limit))
      expect(shown).toEqual(result.shown)
      expect(shown.length).toBeLessThanOrEqual(limit ?? Number.POSITIVE_INFINITY)
    }
  })

  test('one change among 10,000 records is one splice, and a few dozen comparisons', () => {
    let compared = 0
    const counted = (a: LiveRecord, b: LiveRecord) => {
      compared += 1
      return byRank(a, b)
    }
    const records = Array.from({ length: 10_000 }, (_, i) => [`r${i}`, record(`r${i}`, i)] as const)
    const result = new SortedResult(new Map(records), counted)
    compared = 0
    expect(result.apply([['r5000', { ...record('r5000', 5_000), title: 'x' }]])).toHaveLength(1)
    expect(result.apply([['r5000', record('r5000', 17.5)]]).map(({ at }) => at)).toEqual([5_000, 18])
    expect(compared).toBeLessThan(100)
  })

  test('what changes nothing that is shown is not told', () => {
    const result = new SortedResult(new Map(), byRank, 1)
    expect(result.apply([['none', undefined]])).toEqual([])
    expect(result.apply([['a', record('a', 1)]])).toHaveLength(1)
    expect(result.apply([['b', record('b', 2)]])).toEqual([])
  })
})

describe('parts', () => {
  test.each([
    [0, [0]],
    [1, [1]],
    [SPLICE_RECORDS_MAX, [SPLICE_RECORDS_MAX]],
    [SPLICE_RECORDS_MAX + 1, [SPLICE_RECORDS_MAX, 1]],
  ])('of %i records', (count, sizes) => {
    const inserted = Array.from({ length: count }, (_, i) => record(`r${i}`, i))
    const parts = inParts([{ at: 3, removed: 2, inserted }])
    expect(parts.map((part) => part.inserted.length)).toEqual(sizes)
    expect(
      applied(
        Array.from({ length: 5 }, (_, i) => record(`x${i}`, i)),
        parts,
      ),
    ).toHaveLength(3 + count)
  })
})
