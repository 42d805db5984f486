/** Whose turn it is: tiers, ages, and what goes together. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testHost } from '../../test/nodes.ts'
import { RETRY_AFTER_MS_MAX } from '../limits.ts'
import type { Begun, OutboxItem, Waiting } from '../outbox.ts'
import { OutboxIndex } from '../outbox-index.ts'
import { AgeHeap } from './age-heap.ts'
import { type Tier, TierTurns, tiers } from './tiers.ts'

describe('turns', () => {
  function taken(turns: TierTurns, waiting: readonly Tier[], count: number): Record<string, number> {
    const counts: Record<string, number> = {}
    for (let i = 0; i < count; i++) {
      const [next] = turns.order(waiting)
      turns.took(next!)
      counts[next!] = (counts[next!] ?? 0) + 1
    }
    return counts
  }

  test('TIE-3 TIE-4 B-51 while all wait, each has its share', () => {
    expect(taken(new TierTurns(), tiers, 150)).toEqual({
      critical: 80,
      operational: 40,
      analytical: 20,
      reference: 10,
    })
  })

  test('B-51 the higher one comes first, also when it comes late', () => {
    const turns = new TierTurns()
    expect(turns.order(tiers)).toEqual([...tiers])
    taken(turns, ['operational', 'reference'], 1_000)
    expect(turns.order(tiers)[0]).toBe('critical')
  })

  test('B-51 who had nothing due has saved nothing up', () => {
    const turns = new TierTurns()
    taken(turns, ['critical'], 800)
    expect(taken(turns, ['critical', 'reference'], 90)).toEqual({ critical: 80, reference: 10 })
  })

  test('B-51 no tier that waits is left out, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.subarray([...tiers]), { minLength: 60, maxLength: 200 }), (given) => {
        const turns = new TierTurns()
        const since = new Map<Tier, number>()
        for (const others of given) {
          const waiting: Tier[] = [...new Set<Tier>([...others, 'reference'])]
          const [next] = turns.order(waiting)
          turns.took(next!)
          for (const tier of tiers) {
            const isOut = !waiting.includes(tier) || tier === next
            since.set(tier, isOut ? 0 : (since.get(tier) ?? 0) + 1)
          }
          // One round of shares is fifteen turns; each of the three others may have one more, at its border.
          expect(Math.max(...since.values())).toBeLessThanOrEqual(15 + 3)
        }
      }),
    )
  })
})

describe('the index', () => {
  function made(tierOf: (record: string) => Tier = () => 'operational') {
    const host = testHost()
    const placeOf = (record: string) =>
      record.startsWith('gone/') ? undefined : { type: record.split('/')[0]!, tier: tierOf(record) }
    const index = new OutboxIndex(host, placeOf)
    const put = (record: string, more: Partial<Waiting> = {}) =>
      index.apply(record, { state: 'waiting', attempts: 0, dueAt: host.clock, since: host.clock, ...more })
    const begun = (record: string, more: Partial<Begun> = {}) =>
      index.apply(record, {
        state: 'begun',
        dueAt: host.clock,
        attempts: 1,
        wish: { action: 'upsert', fields: {}, restore: false },
        ...more,
      } as OutboxItem)
    const next = (tier: Tier, count: number) => {
      const group = index.dueTiers.includes(tier) && index.dueGroup(tier)
      return group ? index.take(group, count) : []
    }
    return { host, index, put, begun, next }
  }

  test('B-55 API-6: what is of one tier, type and kind goes together; of groups the one with the oldest edit is next', () => {
    const { host, put, next } = made((record) => (record === 'a/5' ? 'critical' : 'operational'))
    const at = host.clock
    put('a/1', { kind: 'create', since: at - 30 })
    put('b/1', { kind: 'update', since: at - 40 })
    put('a/2', { kind: 'update', since: at - 20 })
    put('a/3', { kind: 'create', since: at - 10 })
    put('a/4', { kind: 'delete', since: at - 50 })
    put('a/5', { kind: 'create', since: at - 60 })
    put('a/6', { kind: 'create', since: at - 70 })
    expect(next('operational', 9)).toEqual(['a/6', 'a/1', 'a/3'])
    expect([1, 2, 3].map(() => next('operational', 9))).toEqual([['a/4'], ['b/1'], ['a/2']])
    expect([next('operational', 9), next('critical', 9)]).toEqual([[], ['a/5']])
  })

  test('B-50 an item that an edit lifts goes with the critical ones', () => {
    const { put, next } = made()
    put('a/1')
    put('a/2', { tier: 'critical' })
    expect([next('critical', 9), next('operational', 9)]).toEqual([['a/2'], ['a/1']])
  })

  test('B-57 what went in one call without an answer is a group of its own, of half the size', () => {
    const { index, begun, next } = made()
    for (const [i, company] of [7, 7, 7, 1].entries()) begun(`a/${i}`, { company })
    begun('a/fresh')
    const most = [1, 2, 3].map(() => {
      const group = index.dueGroup('operational')!
      return [group.most, next('operational', 9).length]
    })
    expect(most.sort()).toEqual([
      [1, 1],
      [3, 3],
      [Number.POSITIVE_INFINITY, 1],
    ])
  })

  test('B-87 B-88 what is deferred is not open, and has no age, until its time comes or somebody asks', () => {
    const { host, index, put, next } = made()
    const at = host.clock
    put('a/1', { deferred: true, dueAt: at + 1_000 })
    put('a/2', { deferred: true, dueAt: Number.POSITIVE_INFINITY })
    put('a/3', { deferred: true, dueAt: at + 3 * RETRY_AFTER_MS_MAX })
    expect([index.open, index.deferred, index.nextDueMs]).toEqual([0, 3, 1_000])
    expect([next('operational', 9), index.notBegun()]).toEqual([[], ['a/1', 'a/2', 'a/3']])
    host.clock += 1_000
    expect([next('operational', 9), index.open, index.deferred]).toEqual([['a/1'], 1, 2])
    // However far away: a clock is not trusted for longer.
    expect(index.nextDueMs).toBe(RETRY_AFTER_MS_MAX)
    expect(index.queues().operational).toEqual({ open: 1, lagMs: 1_000 })
    for (const record of ['a/1', 'a/2', 'a/3']) index.apply(record, undefined)
    expect([index.open, index.deferred, index.queues().operational.open]).toEqual([0, 0, 0])
  })

  test('B-87 what was deferred under a clock that was ahead is due, and what waits for somebody is not', () => {
    const { host, put, next, index } = made()
    const since = host.clock + 2 * RETRY_AFTER_MS_MAX
    put('a/1', { deferred: true, dueAt: since + 1_000, since })
    put('a/2', { deferred: true, dueAt: Number.POSITIVE_INFINITY, since })
    expect([next('operational', 9), index.deferred]).toEqual([['a/1'], 1])
  })

  test('B-80 what is parked is not open, and is found by each record that it waits for', () => {
    const { index, put } = made()
    const park = (record: string, ...parents: string[]) =>
      index.apply(record, { state: 'parked', parents, reason: '' })
    park('a/1', 'b/1', 'b/2')
    park('a/2', 'b/1')
    expect([index.open, index.parked, [...index.waitedFor()]]).toEqual([0, 2, ['b/1', 'b/2']])
    expect([index.dependants('b/1'), index.dependants('b/3')]).toEqual([['a/1', 'a/2'], []])
    park('a/1', 'b/3')
    put('a/2')
    expect([index.open, index.parked, [...index.waitedFor()]]).toEqual([1, 1, ['b/3']])
  })

  test('B-07 what is taken is not due, whatever becomes of it meanwhile, until it is released', () => {
    const { host, index, put, begun, next } = made()
    put('a/1')
    expect([next('operational', 9), index.isBegun('a/1'), index.begun]).toEqual([['a/1'], true, 0])
    begun('a/1')
    expect([next('operational', 9), index.begun, index.open]).toEqual([[], 1, 1])
    put('a/1')
    expect(next('operational', 9)).toEqual([])
    index.release('a/1', 500)
    expect([next('operational', 9), index.nextDueMs]).toEqual([[], 500])
    host.clock += 500
    expect(next('operational', 9)).toEqual(['a/1'])
    index.apply('a/1', undefined)
    index.release('a/1')
    expect([index.open, next('operational', 9)]).toEqual([0, []])
  })

  test('B-69 counts and ages by tier', () => {
    const { host, index, put } = made((record) => (record.startsWith('r/') ? 'reference' : 'analytical'))
    put('a/1', { since: host.clock - 9_000 })
    put('a/2', { since: host.clock - 5_000, dueAt: host.clock + 60_000 })
    put('r/1')
    put('r/2', { approved: { action: 'delete' } })
    index.apply('a/3', { state: 'dead', wish: { action: 'none' }, reason: '', fields: [], seqs: {}, at: 0 })
    const empty = { open: 0, lagMs: 0 }
    expect(index.queues()).toEqual({
      critical: empty,
      operational: empty,
      analytical: { open: 2, lagMs: 9_000 },
      reference: { open: 1, lagMs: 0 },
    })
    expect([index.open, index.held, index.dead]).toEqual([3, 1, 1])
    index.apply('a/1', undefined)
    host.clock += 1_000
    expect(index.queues().analytical).toEqual({ open: 1, lagMs: 6_000 })
  })

  test('an item whose mapping is gone waits for another configuration, and keeps nobody awake', () => {
    const { index, put } = made()
    put('gone/1')
    expect([index.open, index.dueTiers, index.nextDueMs]).toEqual([0, [], undefined])
  })

  test('fault T3: B-51 an edit of a time that has not come yet is not behind all others for as long', () => {
    const { host, put, next } = made()
    put('a/ahead', { since: host.clock + 10 * 365 * 86_400_000 })
    host.clock += 1
    put('a/later')
    expect(next('operational', 1)).toEqual(['a/ahead'])
  })
})

test('the heap gives what is smallest, and of equals what came first, however it was filled and emptied', () => {
  interface Item {
    at: number
    order: number
    gone: boolean
  }
  const step = fc.oneof(
    fc.record({ at: fc.integer({ min: 0, max: 20 }) }),
    fc.constantFrom('shift' as const),
    fc.record({ lose: fc.nat(60) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3_000 }), (steps) => {
      const heap = new AgeHeap<Item>(({ at }) => at)
      let model: Item[] = []
      let order = 0
      for (const given of steps) {
        if (given === 'shift') {
          const [first] = model
          expect(heap.shift()).toBe(first)
          model = model.slice(1)
        } else if ('at' in given) {
          const item = { at: given.at, order: ++order, gone: false }
          heap.push(item)
          model = [...model, item].sort((a, b) => a.at - b.at || a.order - b.order)
        } else if (given.lose < model.length) {
          const [lost] = model.splice(given.lose, 1)
          lost!.gone = true
          heap.lost()
        }
        expect([heap.size, heap.first()]).toEqual([model.length, model[0]])
      }
    }),
    { numRuns: 40 },
  )
})
