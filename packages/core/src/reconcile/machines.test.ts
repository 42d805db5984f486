/** The two machines, played message by message over plain digests: what is asked, what is answered, and what no honest side would say. */
import { describe, expect, test } from 'vitest'
import type { Item, Tree } from '../digest/tree.ts'
import { ProtocolError } from '../session/port.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { Asker, type Own } from './asker.ts'
import * as limit from './limits.ts'
import type { Answer, Ask, Compare, Difference, Differences, NodeName } from './messages.ts'
import { NaiveDigests, naiveHash } from './naive-digests.test-support.ts'
import { isEqual, itemsDifference, showsItems, sumsDifference, Teller } from './teller.ts'

const host = new VirtualWorld(1).host()
const a: Tree = { channel: 'a', kind: 'records' }

/** Records by key, with a version that their digest is made of. */
type Records = Record<string, string>

function digestsOf(records: Records): NaiveDigests {
  const items = Object.entries(records).map(([key, version]): Item => {
    const digest = host.sha256(new TextEncoder().encode(`${key} ${version}`)).subarray(0, 16)
    return { hash: naiveHash(host, key), key, digest }
  })
  return new NaiveDigests(async () => [...items])
}

function recordsOf(count: number, change: (i: number) => string | undefined = () => 'v'): Records {
  const records: Records = {}
  for (let i = 0; i < count; i++) {
    const version = change(i)
    if (version !== undefined) records[`r/${i}`] = version
  }
  return records
}

async function differenceOf(
  there: NaiveDigests,
  { node, sum }: Compare['nodes'][number],
): Promise<Difference> {
  const here = await there.sum(a, node)
  if (isEqual(sum, here)) return { kind: 'equal' }
  if (showsItems(node, here)) return itemsDifference(await there.items(a, node, limit.ITEMS_PER_NODE_MAX + 1))
  return sumsDifference(node, await there.below(a, node))
}

interface Played {
  asker: Asker
  compares: number
  nodes: number
  asks: string[][]
}

/** Plays both sides to the end. `most`: answers in one DIFFERENCES at most. */
async function play(here: Records, there: Records, most = Number.POSITIVE_INFINITY): Promise<Played> {
  const [own, theirs] = [digestsOf(here), digestsOf(there)]
  const asker = new Asker(1, [{ tree: a, root: await own.sum(a, '') }])
  const played: Played = { asker, compares: 0, nodes: 0, asks: [] }
  const answer = async (nodes: Compare['nodes']) => {
    played.compares += 1
    played.nodes += nodes.length
    const answers: Difference[] = []
    for (const node of nodes.slice(0, most)) answers.push(await differenceOf(theirs, node))
    await take(asker, own, { number: 1, answers })
  }
  await answer(asker.opening(0, undefined).nodes)
  for (;;) {
    const next = asker.next()
    if (next.do === 'wait') break
    if (next.do === 'compare') {
      const nodes = await Promise.all(
        next.nodes.map(async (name) => ({ ...name, sum: await own.sum(a, name.node) })),
      )
      await answer(nodes)
      continue
    }
    const isLast = asker.asked(next.records.length)
    played.asks.push(next.records.map((record) => ('key' in record ? record.key : record.hash)))
    const records = next.records.map((record) => ({
      state: 'key' in record && record.key in there ? ('large' as const) : undefined,
      underWay: false,
    }))
    asker.answered({ number: 1, records, settled: isLast ? { run: '', seq: 1 } : undefined })
    if (isLast) break
  }
  return played
}

async function take(asker: Asker, own: NaiveDigests, said: Differences): Promise<void> {
  for (const { name, difference } of asker.heard(said)) {
    const found: Own =
      difference.kind === 'sums'
        ? { sums: await own.below(a, name.node) }
        : { items: await own.items(a, name.node, limit.ITEMS_PER_NODE_MAX + 1) }
    asker.took(name, difference, found)
  }
}

describe('Q4, Q6: what differs is found, and nothing else', () => {
  const seeds = Array.from({ length: 12 }, (_, i) => i + 1)
  test.each(seeds)('whatever it is: seed %i', async (seed) => {
    const dice = new SeededRandom(seed)
    const size = dice.pick([1, 5, 40, 400, 1_500])
    const [here, there] = [recordsOf(size), recordsOf(size)]
    const changed = new Set<string>()
    for (let i = 0; i < Math.min(size / 3, dice.below(40)); i++) {
      const key = `r/${dice.below(size)}`
      changed.add(key)
      const what = dice.below(3)
      if (what === 0) delete here[key]
      else if (what === 1) delete there[key]
      else there[key] = `other ${i}`
    }
    const differing = [...changed].filter((key) => here[key] !== there[key])
    const { asker, asks } = await play(here, there, dice.pick([1, 3, Number.POSITIVE_INFINITY]))
    const { outcome } = asker
    if (outcome.trees[0]!.verdict === 'beginning') return
    expect([...outcome.differing.keys()].sort()).toEqual(differing.filter((key) => key in here).sort())
    expect([...outcome.onlyHere[0]!].sort()).toEqual(differing.filter((key) => !(key in there)).sort())
    const lacked = differing.filter((key) => !(key in here)).map((key) => naiveHash(host, key))
    expect([...outcome.lacked[0]!].sort()).toEqual(lacked.sort())
    expect(asks.flat().sort()).toEqual([...outcome.differing.keys(), ...lacked].sort())
  })

  test('in three questions for 1,500 records, at a cost that follows the difference', async () => {
    const few = await play(
      recordsOf(1_500),
      recordsOf(1_500, (i) => (i % 300 === 7 ? 'other' : 'v')),
    )
    expect(few).toMatchObject({ compares: 2, asks: [expect.any(Array)] })
    expect(few.asks[0]).toHaveLength(5)
    expect(few.nodes).toBeLessThan(10)
  })

  test('two keys with one hash are two items', async () => {
    const asker = new Asker(1, [{ tree: a, root: { count: 2, digest: new Uint8Array(16) } }])
    const item = (key: string, fill: number): Item => ({
      hash: 'ab'.repeat(8),
      key,
      digest: new Uint8Array(16).fill(fill),
    })
    const difference: Difference = { kind: 'items', items: [item('', 1), item('', 2)] }
    asker.heard({ number: 1, answers: [difference] })
    asker.took({ tree: 0, node: '' }, difference, { items: [item('r/1', 1)] })
    expect(asker.next()).toEqual({ do: 'ask', records: [{ tree: 0, hash: 'ab'.repeat(8) }], isLast: true })
  })
})

test('Q4: a node is shown by its items up to a number of them, a leaf always', () => {
  const sum = (count: number) => ({ count, digest: new Uint8Array(16) })
  expect(showsItems('abc', sum(limit.ITEMS_LISTED_MAX))).toBe(true)
  expect(showsItems('abc', sum(limit.ITEMS_LISTED_MAX + 1))).toBe(false)
  expect(showsItems('abcd', sum(limit.ITEMS_LISTED_MAX + 1))).toBe(true)
})

test.each([0, 1])('Q4: the asker opens a node itself, or those below it: %i above the limit', (above) => {
  const count = limit.ITEMS_AT_ONCE_MAX + above
  const asker = new Asker(1, [{ tree: a, root: { count: 2 * count, digest: new Uint8Array(16) } }])
  const difference: Difference = {
    kind: 'sums',
    sums: new Map([['ab', { count, digest: new Uint8Array(16) }]]),
  }
  asker.heard({ number: 1, answers: [difference] })
  asker.took({ tree: 0, node: '' }, difference, { sums: new Map() })
  const next = asker.next()
  expect(next.do === 'compare' && next.nodes.map(({ node }) => node)).toEqual(
    above === 0 ? ['ab'] : Array.from({ length: 16 }, (_, i) => `ab${i.toString(16)}`),
  )
})

test('Q5: what was not answered is asked again; many records are asked in several messages', async () => {
  const here = recordsOf(1_200)
  const there = recordsOf(1_200, (i) => (i % 2 === 0 ? 'other' : 'v'))
  const { asks, asker } = await play(here, there, 50)
  expect(asks.every((records) => records.length <= limit.RECORDS_PER_ASK_MAX)).toBe(true)
  expect(asks.length).toBeGreaterThan(1)
  expect(asker.outcome.differing.size).toBe(600)
})

test('Q7: where all roots are equal nothing is asked', async () => {
  const { compares, asks, asker } = await play(recordsOf(50), recordsOf(50))
  expect({ compares, asks }).toEqual({ compares: 1, asks: [] })
  asker.answered({ number: 1, records: [], settled: { run: '', seq: 1 } })
  expect(asker.outcome).toMatchObject({ diverged: 0, trees: [{ verdict: 'compared' }] })
})

describe('Q8: told from the beginning', () => {
  const verdict = async (here: number, there: number) =>
    (await play(recordsOf(here), recordsOf(there))).asker.outcome.trees[0]!.verdict

  test('is what only one side has, or has far more of', async () => {
    expect(await verdict(0, 0)).toBe('compared')
    expect(await verdict(0, 1)).toBe('beginning')
    expect(await verdict(1, 0)).toBe('beginning')
    expect(await verdict(1, limit.SIZE_RATIO_ITEMS_MIN)).toBe('compared')
    expect(await verdict(1, limit.SIZE_RATIO_ITEMS_MIN + 1)).toBe('beginning')
    expect(await verdict(300, 300 * limit.SIZE_RATIO_MAX)).toBe('compared')
    expect(await verdict(300, 300 * limit.SIZE_RATIO_MAX + 1)).toBe('beginning')
  })

  test('is a tree of which too many items share a node, and one that differs too much', () => {
    const item = (i: number): Item => ({
      hash: i.toString(16).padStart(16, '0'),
      key: `${i}`,
      digest: new Uint8Array(16),
    })
    const of = (count: number) => Array.from({ length: count }, (_, i) => item(i))
    expect(itemsDifference(of(limit.ITEMS_PER_NODE_MAX)).kind).toBe('items')
    expect(itemsDifference(of(limit.ITEMS_PER_NODE_MAX + 1)).kind).toBe('too-many')
    const one = { count: 1, digest: new Uint8Array(16) }
    const told = (difference: Difference) => {
      const asker = new Asker(1, [{ tree: a, root: one }])
      asker.heard({ number: 1, answers: [difference] })
      return asker.outcome.trees[0]!.verdict
    }
    expect(told({ kind: 'too-many' })).toBe('beginning')
    const differing = (count: number) => {
      const asker = new Asker(1, [{ tree: a, root: { ...one, count } }])
      const difference: Difference = {
        kind: 'items',
        items: of(1).map((only) => ({ ...only, hash: 'ffffffffffffffff' })),
      }
      for (let left = count; left > 0; left -= limit.ITEMS_PER_NODE_MAX)
        asker.took({ tree: 0, node: '00' }, difference, {
          items: of(Math.min(left, limit.ITEMS_PER_NODE_MAX)),
        })
      return asker.outcome.trees[0]!.verdict
    }
    expect(differing(limit.DIFFERING_MAX - limit.ITEMS_PER_NODE_MAX)).toBe('compared')
    expect(differing(limit.DIFFERING_MAX + 1)).toBe('beginning')
  })
})

function refusal(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

describe('Q15: what no honest teller says', () => {
  const asking = () => new Asker(1, [{ tree: a, root: { count: 500, digest: new Uint8Array(16) } }])
  const sums = (...names: string[]): Difference => ({
    kind: 'sums',
    sums: new Map(names.map((name) => [name, { count: 250, digest: new Uint8Array(16) }])),
  })

  test.each<[string, Difference[]]>([
    ['no answer', []],
    ['more answers than nodes', [{ kind: 'equal' }, { kind: 'equal' }]],
    ['sums one digit below the root', [sums('a')]],
  ])('%s', (_, answers) => {
    expect(refusal(() => asking().heard({ number: 1, answers }))).toBe('malformed')
  })

  test('items of another node, sums below a leaf, and leaving out a node', () => {
    const opened = () => {
      const asker = asking()
      const root = sums('ab', 'cd')
      asker.heard({ number: 1, answers: [root] })
      asker.took({ tree: 0, node: '' }, root, { sums: new Map() })
      asker.next()
      return asker
    }
    const item = (hash: string): Difference => ({
      kind: 'items',
      items: [{ hash, digest: new Uint8Array(16) }],
    })
    expect(
      refusal(() => opened().heard({ number: 1, answers: [item('ab0'.padEnd(16, '0'))] })),
    ).toBeUndefined()
    expect(refusal(() => opened().heard({ number: 1, answers: [item('cd0'.padEnd(16, '0'))] }))).toBe(
      'malformed',
    )
    expect(refusal(() => opened().heard({ number: 1, answers: [{ kind: 'left-out' }] }))).toBe('malformed')
    expect(refusal(() => opened().heard({ number: 1, answers: [sums('abc')] }))).toBe('malformed')
  })

  test('answers to nothing, too few or too many, and settling at the wrong time', () => {
    const answer = (records: number, settled = false): Answer => ({
      number: 1,
      records: Array.from({ length: records }, () => ({ state: undefined, underWay: false })),
      settled: settled ? { run: '', seq: 1 } : undefined,
    })
    expect(refusal(() => asking().answered(answer(0, true)))).toBe('unexpected-message')
    const asked = () => {
      const asker = new Asker(1, [{ tree: a, root: { count: 1, digest: new Uint8Array(16) } }])
      const difference: Difference = {
        kind: 'items',
        items: [{ hash: 'ab'.repeat(8), digest: new Uint8Array(16) }],
      }
      asker.heard({ number: 1, answers: [difference] })
      asker.took({ tree: 0, node: '' }, difference, { items: [] })
      asker.next()
      asker.asked(1)
      return asker
    }
    expect(refusal(() => asked().heard({ number: 1, answers: [{ kind: 'equal' }] }))).toBe(
      'unexpected-message',
    )
    expect(refusal(() => asked().answered(answer(2, true)))).toBe('malformed')
    expect(refusal(() => asked().answered(answer(1, false)))).toBe('malformed')
    expect(refusal(() => asked().answered(answer(1, true)))).toBeUndefined()
    const over = asked()
    over.answered(answer(1, true))
    expect(refusal(() => over.answered(answer(0, true)))).toBe('unexpected-message')
  })
})

describe('what no honest asker says', () => {
  const root = { tree: 0, node: '', sum: { count: 0, digest: new Uint8Array(16) } }
  const opening = (number: number): Compare => ({
    number,
    opening: { granted: 0, trees: [a], seed: undefined },
    nodes: [root],
  })
  const node = (name: NodeName): Compare => ({ number: 1, opening: undefined, nodes: [{ ...root, ...name }] })
  const ask = (over: Partial<Ask> = {}): Ask => ({ number: 1, records: [], end: undefined, ...over })
  const opened = (isTold = true) => {
    const teller = new Teller()
    teller.hears(opening(1), () => isTold, 0)
    teller.answered(false)
    return teller
  }

  test('Q3: a tree that was not named, or is not told', () => {
    expect(refusal(() => opened().hears(node({ tree: 0, node: 'ab' }), () => true, 0))).toBeUndefined()
    expect(refusal(() => opened().hears(node({ tree: 1, node: 'ab' }), () => true, 0))).toBe('malformed')
    expect(refusal(() => opened(false).hears(node({ tree: 0, node: 'ab' }), () => true, 0))).toBe('malformed')
    const records = [{ tree: 0, hash: 'ab'.repeat(8) }]
    expect(refusal(() => opened(false).isAsked(ask({ records })))).toBe('malformed')
    expect(refusal(() => opened(false).isAsked(ask({ end: { beginning: [0] } })))).toBe('malformed')
    expect(refusal(() => opened().isAsked(ask({ end: { beginning: [1] } })))).toBe('malformed')
  })

  test('Q10: numbers that go back or were never opened; what is over is passed over', () => {
    expect(refusal(() => opened().hears(opening(1), () => true, 0))).toBe('malformed')
    expect(refusal(() => opened().isAsked(ask({ number: 2 })))).toBe('malformed')
    const cancelled = opened()
    cancelled.cancel()
    expect(cancelled.isAsked(ask())).toBe(false)
    expect(cancelled.hears(node({ tree: 0, node: 'ab' }), () => true, 0)).toBe(false)
    expect(cancelled.hears(opening(2), () => true, 0)).toBe(true)
    cancelled.answered(false)
    expect(cancelled.isAsked(ask())).toBe(false)
  })

  test('Q10: an opening by who had not heard every answer to its wants settles nothing, and spends its number', () => {
    const teller = new Teller()
    expect(teller.hears(opening(1), () => true, 1)).toBe(false)
    expect(teller.hears(node({ tree: 0, node: 'ab' }), () => true, 1)).toBe(false)
    expect(refusal(() => teller.hears(opening(1), () => true, 0))).toBe('malformed')
    expect(teller.hears(opening(2), () => true, 0)).toBe(true)
  })

  test('Q15: asking again before the answer', () => {
    const teller = opened()
    teller.hears(node({ tree: 0, node: 'ab' }), () => true, 0)
    expect(refusal(() => teller.hears(node({ tree: 0, node: 'ab' }), () => true, 0))).toBe('too-many')
    expect(refusal(() => teller.isAsked(ask()))).toBe('too-many')
    expect(refusal(() => teller.hears(opening(2), () => true, 0))).toBe('too-many')
  })

  test('NODES_MAX: asking for ever', () => {
    const teller = opened()
    const nodes = Array.from({ length: limit.NODES_PER_COMPARE_MAX }, () => ({ ...root, node: 'abcd' }))
    let asked = 0
    const codes = new Set<string | undefined>()
    while (asked <= limit.NODES_MAX + limit.TREES_MAX) {
      codes.add(refusal(() => teller.hears({ number: 1, opening: undefined, nodes }, () => true, 0)))
      teller.answered(false)
      asked += nodes.length
    }
    expect([...codes]).toEqual([undefined, 'too-many'])
  })
})
