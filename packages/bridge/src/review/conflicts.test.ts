/** What is counted of conflicts, and what is proposed of people's decisions (SPEC B-105, B-106). */
import type { MappingConfig } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { jobMapping } from '../../test/nodes.ts'
import { TwoSides } from '../../test/two-sides.ts'
import { COUNTED_DAYS_MAX, DECISIONS_KEPT_MAX, PROPOSAL_DECISIONS_MIN } from '../limits.ts'
import type { NamedRule } from '../rules/resolve.ts'
import { type ConflictTally, counted } from './conflict-counts.ts'
import { proposalOf } from './decisions.ts'

beforeAll(startEngine)

const withRule = (rule: NamedRule): MappingConfig => ({
  ...jobMapping,
  fields: {
    ...jobMapping.fields,
    title: { field: 'Title', rule },
    site: { field: 'Site', rule: 'that-side' },
    price: { field: 'Price', rule: 'sum' },
  },
})

const DAY_MS = 86_400_000

describe('B-105 CON-11: counts', () => {
  const seen = async ({ bridge }: TwoSides) =>
    (await bridge.conflicts()).counts.map(({ collection, field, rule, outcome, count }) =>
      [collection, field, rule, outcome, count].join(' '),
    )

  test('by collection, field, rule and outcome, kept over restarts; what was no conflict is not counted', async () => {
    const sides = await TwoSides.agree({
      mapping: withRule('last-writer'),
      record: { title: 'a', price: '10' },
    })
    await sides.apart(
      { title: 'ours', site: 'PDX', notes: 'n', price: '11', status: 'done' },
      { Title: 'theirs', Site: 'SEA', Notes: 'm', Price: '12', Status: 'done', Other: 1 },
    )
    const first = [
      'jobs notes merge both 1',
      'jobs price sum made 1',
      'jobs site that-side theirs 1',
      'jobs title last-writer theirs 1',
    ]
    expect(await seen(sides)).toEqual(first)
    await sides.apart({ title: 'ours again' }, { Title: 'theirs again' }, { seconds: { ours: 600 } })
    expect(await seen(sides)).toEqual([...first.slice(0, 3), 'jobs title last-writer ours 1', first[3]])
    // Polls and restarts count nothing.
    await sides.apart(undefined, undefined)
    const { counts } = await sides.bridge.conflicts()
    expect(counts.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1])
    expect(counts[0]).toMatchObject({ firstAt: counts[0]!.lastAt, days: { '2023-11-14': 1 } })
  })

  test('a review once when it begins and once by how it ends; delete against edit is of the whole record', async () => {
    const sides = await TwoSides.agree({ mapping: withRule('review') })
    await sides.apart({ title: 'ours' }, { Title: 'theirs' })
    sides.office({ Title: 'theirs, later' })
    await sides.sync()
    expect(await seen(sides)).toEqual(['jobs title review review 1'])
    await sides.bridge.resolve((await sides.review('title'))!, 'theirs')
    expect(await seen(sides)).toEqual(['jobs title review review 1', 'jobs title review theirs 1'])
    await sides.apart({ title: 'ours' }, { Title: 'theirs' })
    sides.office({ Title: 'ours' })
    await sides.sync()
    expect(await seen(sides)).toEqual([
      'jobs title review over 1',
      'jobs title review review 2',
      'jobs title review theirs 1',
    ])
    await sides.bridge.close()
    await sides.edit({ notes: 'x' })
    sides.office({}, true)
    await sides.start()
    await sides.sync()
    expect(await seen(sides)).toContain('jobs  edit-wins ours 1')
  })

  test('by day, for as many days as are kept', () => {
    let tally: ConflictTally | undefined
    for (let day = 0; day < COUNTED_DAYS_MAX; day++) tally = counted(tally, day * DAY_MS)
    expect(Object.keys(tally!.days)).toHaveLength(COUNTED_DAYS_MAX)
    expect(tally!.days['1970-01-01']).toBe(1)
    tally = counted(counted(tally, COUNTED_DAYS_MAX * DAY_MS), COUNTED_DAYS_MAX * DAY_MS + 1)
    expect(Object.keys(tally.days)).toHaveLength(COUNTED_DAYS_MAX)
    expect(tally.days['1970-01-01']).toBeUndefined()
    expect(tally).toMatchObject({
      count: COUNTED_DAYS_MAX + 2,
      firstAt: 0,
      lastAt: COUNTED_DAYS_MAX * DAY_MS + 1,
      days: { '1970-02-01': 2 },
    })
  })
})

describe('B-106 AI-2: proposals', () => {
  const decided = (...groups: [times: number, ...rules: NamedRule[]][]) =>
    proposalOf(
      'jobs',
      'title',
      groups.flatMap(([times, ...rules]) => Array.from({ length: times }, () => rules)),
    )

  test('from ten decisions of which nine are alike, and no earlier', () => {
    const enough = {
      collection: 'jobs',
      field: 'title',
      rule: 'that-side',
      decisions: PROPOSAL_DECISIONS_MIN,
    }
    expect(decided([PROPOSAL_DECISIONS_MIN, 'that-side'])).toEqual({
      ...enough,
      alike: PROPOSAL_DECISIONS_MIN,
    })
    expect(decided([PROPOSAL_DECISIONS_MIN - 1, 'that-side'])).toBeUndefined()
    expect(decided([9, 'that-side'], [1, 'this-side'])).toEqual({ ...enough, alike: 9 })
    expect(decided([8, 'that-side'], [2, 'this-side'])).toBeUndefined()
    expect(decided([10])).toBeUndefined()
  })

  test('of the rule that explains most; of equally good ones, the plainest', () => {
    expect(decided([5, 'that-side', 'larger'], [5, 'this-side', 'larger'])?.rule).toBe('larger')
    expect(decided([12, 'larger', 'that-side', 'last-writer'])?.rule).toBe('that-side')
    expect(decided([9, 'this-side', 'sum'], [1, 'sum'])?.rule).toBe('sum')
  })

  test('out of what people decided here, as long as the field has another rule', {
    timeout: 60_000,
  }, async () => {
    const mapping: MappingConfig = {
      ...jobMapping,
      fields: { title: 'Title', price: { field: 'Price', rule: 'review' } },
    }
    const sides = await TwoSides.agree({ mapping })
    for (let n = 1; n <= PROPOSAL_DECISIONS_MIN; n++) {
      expect((await sides.bridge.conflicts()).proposals).toEqual([])
      const [more, less] = [`${10 * n + 1}`, `${10 * n}`]
      await sides.apart({ price: n % 2 ? more : less }, { Price: n % 2 ? less : more })
      const review = (await sides.review('price'))!
      await sides.bridge.resolve(review, n % 3 ? (n % 2 ? 'ours' : 'theirs') : { value: more })
      await sides.bridge.idle()
    }
    const proposal = { collection: 'jobs', field: 'price', rule: 'larger', decisions: 10, alike: 10 }
    expect((await sides.bridge.conflicts()).proposals).toEqual([proposal])
    const { price } = mapping.fields as { price: object }
    await sides.apart(undefined, undefined, {
      mapping: { ...mapping, fields: { ...mapping.fields, price: { ...price, rule: 'larger' } as never } },
    })
    expect((await sides.bridge.conflicts()).proposals).toEqual([])
  })

  test('the last decisions count', async () => {
    const sides = await TwoSides.agree({ mapping: withRule('review') })
    await sides.node.replica.transact(async (tx) => {
      const kept = Array.from({ length: DECISIONS_KEPT_MAX }, () => ['this-side'])
      tx.tables.put('bridge/crm/decisions', 'jobs\ntitle', new TextEncoder().encode(JSON.stringify(kept)))
    })
    await sides.apart({ title: 'ours' }, { Title: 'theirs' })
    expect((await sides.bridge.conflicts()).proposals).toMatchObject([
      { decisions: DECISIONS_KEPT_MAX, alike: DECISIONS_KEPT_MAX },
    ])
    await sides.bridge.resolve((await sides.review('title'))!, 'theirs')
    expect((await sides.bridge.conflicts()).proposals).toMatchObject([
      { rule: 'this-side', decisions: DECISIONS_KEPT_MAX, alike: DECISIONS_KEPT_MAX - 1 },
    ])
  })
})
