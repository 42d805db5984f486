import { SeededRandom } from '@skerry/core/testing'
import { describe, expect, it } from 'vitest'
import type { Sighting } from './discovery.ts'
import { DIALLED_MAX, REFUSALS_MAX, SIGHTINGS_MAX } from './limits.ts'
import { type Known, Sightings, type Target, whomToDial } from './whom-to-dial.ts'

const nodeAt = (n: number) => n.toString(16).padStart(32, '0')
const urlAt = (n: number) => `ws://10.0.0.${n}:1/sync`
const own = { space: 'acme', node: nodeAt(10), versionMin: 2, versionMax: 3 }
const seen = (n: number, over: Partial<Sighting> = {}): Sighting => ({
  space: 'acme',
  node: nodeAt(n),
  versionMin: 1,
  versionMax: 2,
  url: urlAt(n),
  forMs: 100,
  ...over,
})
const found = (n: number): Target => ({ url: urlAt(n), node: nodeAt(n), isGiven: false })
const given = (n: number, node?: string): Target => ({ url: urlAt(n), node, isGiven: true })

function dialled(over: Partial<Omit<Known, 'sightings'>>, ...sightings: Sighting[]): string[] {
  const all = new Sightings()
  for (const sighting of sightings) all.see(sighting, 0)
  const none = { given: [], accepted: new Set<string>(), open: new Map(), heldUntil: new Map(), now: 0 }
  return whomToDial({ own, ...none, ...over, sightings: all }).map(({ url }) => url)
}

describe('P1: of those found', () => {
  it('the ones with a higher id are dialled, the nearest first', () => {
    expect(dialled({}, seen(12), seen(9), seen(11), seen(10))).toEqual([urlAt(11), urlAt(12)])
  })

  it('P3 not those of another space, or that speak no version of ours', () => {
    const others = [
      seen(11, { space: 'initech' }),
      seen(12, { versionMax: 1 }),
      seen(13, { versionMin: 4, versionMax: 5 }),
    ]
    expect(dialled({}, ...others, seen(14, { versionMin: 3, versionMax: 9 }))).toEqual([urlAt(14)])
  })

  it('P6 not those whose time is over, or that said goodbye', () => {
    expect(dialled({ now: 99 }, seen(11))).toEqual([urlAt(11)])
    expect(dialled({ now: 100 }, seen(11))).toEqual([])
    expect(dialled({}, seen(11), seen(11, { forMs: 0 }))).toEqual([])
  })

  it('P6 the newest address counts, but one that is open stays', () => {
    const moved = seen(11, { url: urlAt(99) })
    expect(dialled({}, seen(11), moved)).toEqual([urlAt(99)])
    expect(dialled({ open: new Map([[urlAt(11), found(11)]]) }, moved)).toEqual([urlAt(11)])
    expect(dialled({ open: new Map([[urlAt(11), found(11)]]) })).toEqual([urlAt(11)])
  })

  it('P9 DIALLED_MAX: so many, and no more', () => {
    const some = (count: number) => Array.from({ length: count }, (_, i) => seen(11 + i))
    expect(dialled({}, ...some(DIALLED_MAX))).toHaveLength(DIALLED_MAX)
    expect(dialled({}, ...some(DIALLED_MAX + 1))).toEqual(some(DIALLED_MAX).map(({ url }) => url))
    expect(dialled({ given: [given(1), given(2)] }, ...some(DIALLED_MAX + 1))).toHaveLength(DIALLED_MAX + 2)
  })
})

describe('P2: of two sessions with one node', () => {
  it('what the other side began is enough', () => {
    const accepted = new Set([nodeAt(11)])
    expect(dialled({ accepted, given: [given(11, nodeAt(11))] }, seen(11))).toEqual([])
  })

  it('the one that the lower id began stays: the higher hangs up', () => {
    const both = (n: number) =>
      dialled({ accepted: new Set([nodeAt(n)]), open: new Map([[urlAt(n), given(n, nodeAt(n))]]) })
    expect(both(11)).toEqual([urlAt(11)])
    expect(both(9)).toEqual([])
  })

  it('an address given is not dialled beside the same node found, nor the same address twice', () => {
    expect(dialled({ given: [given(50, nodeAt(11))] }, seen(11))).toEqual([urlAt(50)])
    expect(dialled({ given: [given(11)] }, seen(11))).toEqual([urlAt(11)])
    const open = new Map([[urlAt(11), found(11)]])
    expect(dialled({ open, given: [given(50, nodeAt(11))] }, seen(11))).toEqual([urlAt(11)])
  })
})

it('P4: who refused is left alone for a time', () => {
  const heldUntil = new Map([[urlAt(11), 50]])
  expect(dialled({ heldUntil, now: 49 }, seen(11), seen(12))).toEqual([urlAt(12)])
  expect(dialled({ heldUntil, now: 50 }, seen(11), seen(12))).toEqual([urlAt(11), urlAt(12)])
})

it('P9 REFUSALS_MAX: after so many nobody found is dialled any more; who is met, and who was given, stays', () => {
  const refused = (count: number) =>
    new Map(Array.from({ length: count }, (_, i) => [`ws://10.1.0.${i}:1/sync`, 50]))
  const there = { given: [given(1)], open: new Map([[urlAt(12), found(12)]]) }
  const by = (heldUntil: Map<string, number>) => dialled({ ...there, heldUntil }, seen(11), seen(12))
  expect(by(refused(REFUSALS_MAX - 1))).toEqual([urlAt(12), urlAt(1), urlAt(11)])
  expect(by(refused(REFUSALS_MAX))).toEqual([urlAt(12), urlAt(1)])
})

it('P9 SIGHTINGS_MAX: beyond it the one seen longest ago is forgotten', () => {
  const sightings = new Sightings()
  for (let n = 1; n <= SIGHTINGS_MAX; n++) sightings.see(seen(n), 0)
  sightings.see(seen(1), 1)
  expect([sightings.standing(1).length, sightings.nextEnd]).toEqual([SIGHTINGS_MAX, 100])
  sightings.see(seen(SIGHTINGS_MAX + 1), 1)
  const nodes = sightings.standing(1).map(({ node }) => node)
  expect(nodes).toHaveLength(SIGHTINGS_MAX)
  expect([nodes.includes(nodeAt(1)), nodes.includes(nodeAt(2))]).toEqual([true, false])
})

it('P10: whoever came in whatever order, all are joined', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new SeededRandom(seed)
    const count = 2 + random.below(30)
    const joined = new Map<number, Set<number>>()
    const order = Array.from({ length: count }, (_, i) => i).sort(() => random.below(3) - 1)
    const there: number[] = []
    const open = new Map<number, Map<string, Target>>()
    for (const newcomer of order) {
      there.push(newcomer)
      for (const n of there) {
        const sightings = new Sightings()
        for (const other of there) sightings.see(seen(other), 0)
        const known = { given: [], accepted: new Set<string>(), heldUntil: new Map(), now: 0 }
        const mine = { ...own, node: nodeAt(n) }
        const targets = whomToDial({ ...known, own: mine, open: open.get(n) ?? new Map(), sightings })
        open.set(n, new Map(targets.map((target) => [target.url, target])))
        joined.set(n, new Set(targets.map(({ node }) => Number.parseInt(node!, 16))))
      }
    }
    expect(reachedFrom(order[0]!, joined)).toBe(count)
  }
})

function reachedFrom(start: number, joined: ReadonlyMap<number, ReadonlySet<number>>): number {
  const reached = new Set([start])
  for (const n of reached)
    for (const [from, targets] of joined) {
      if (from === n) for (const target of targets) reached.add(target)
      else if (targets.has(n)) reached.add(from)
    }
  return reached.size
}
