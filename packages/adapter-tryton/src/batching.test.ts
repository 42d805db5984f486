import type { Write } from '@skerry/bridge'
import { SeededRandom } from '@skerry/core/testing'
import { describe, expect, test } from 'vitest'
import type { Answer } from './client.ts'
import { halving } from './halving.ts'
import { roundsOf } from './rounds.ts'

const result = (value: unknown): Answer => ({ kind: 'result', value, at: 0 })

describe('TR-42: a call that saves all or nothing', () => {
  /** A server that refuses any call with a poisoned item, and numbers what it saves. */
  async function saved(items: readonly number[], poisoned: (item: number) => boolean) {
    let calls = 0
    const settled = await halving(items, async (some) => {
      calls += 1
      return some.some(poisoned) ? { kind: 'rejected', reason: 'no' } : result(some.map((item) => item * 10))
    })
    return { calls, settled }
  }

  test('is one call when nothing is refused', async () => {
    const { calls, settled } = await saved([1, 2, 3], () => false)
    expect(calls).toBe(1)
    expect(
      settled.map(({ item, place, answer }) => [item, (answer as { value: number[] }).value[place]]),
    ).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ])
  })

  test('is halved until what is refused stands alone; one of 200 costs 17 calls', async () => {
    const items = Array.from({ length: 200 }, (_, i) => i)
    const { calls, settled } = await saved(items, (item) => item === 77)
    expect(calls).toBe(17)
    expect(settled.map(({ item }) => item)).toEqual(items)
    expect(settled.filter(({ answer }) => answer.kind === 'rejected').map(({ item }) => item)).toEqual([77])
  })

  test('none at all is no call', async () => {
    expect(await saved([], () => true)).toEqual({ calls: 0, settled: [] })
  })

  test.each<Answer>([
    { kind: 'later', reason: 'quota' },
    { kind: 'unknown', reason: 'cut' },
    { kind: 'unauthorized', reason: 'who' },
  ])('is not tried again when it is $kind: that is of no item', async (answer) => {
    let calls = 0
    const settled = await halving([1, 2, 3], async () => {
      calls += 1
      return answer
    })
    expect([calls, settled.map(({ answer: told }) => told)]).toEqual([1, [answer, answer, answer]])
  })
})

describe('TR-42: rounds', () => {
  const write = (row: string, mark: number): Write => ({
    action: 'upsert',
    externalId: row,
    ...(row.startsWith('#') && { id: row.slice(1) }),
    fields: { mark },
    idempotencyKey: `${row} ${mark}`,
    restore: false,
  })

  test('are as large as allowed', () => {
    const writes = Array.from({ length: 5 }, (_, i) => write(`r${i}`, i))
    expect(roundsOf(writes, 2).map(({ length }) => length)).toEqual([2, 2, 1])
    expect(roundsOf([], 2)).toEqual([])
  })

  test('hold no row twice, and keep the order of each row’s writes (seed 1)', () => {
    const random = new SeededRandom(1)
    for (let run = 0; run < 50; run++) {
      const writes = Array.from({ length: 1 + random.below(30) }, (_, i) =>
        write(random.pick(['a', 'b', 'c', '#1', '#2', '#3']), i),
      )
      const rounds = roundsOf(writes, 4)
      for (const round of rounds) {
        expect(round.length).toBeLessThanOrEqual(4)
        expect(new Set(round.map(({ externalId }) => externalId)).size).toBe(round.length)
      }
      const inOrder = rounds.flat()
      expect(inOrder).toHaveLength(writes.length)
      for (const row of ['a', 'b', 'c', '#1', '#2', '#3'])
        expect(inOrder.filter(({ externalId }) => externalId === row)).toEqual(
          writes.filter(({ externalId }) => externalId === row),
        )
    }
  })
})
