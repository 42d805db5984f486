/** Watches: WHOLE, ORDERED, and what can be asked. */
import type { JsonObject } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { expect } from 'vitest'
import { SPLICE_RECORDS_MAX } from '../over/sorted-result.ts'
import type { LiveQuery } from '../port.ts'
import { type LiveCase, watching } from './case.ts'
import { job } from './jobs.ts'
import type { LiveSubject } from './subject.ts'

/** More than one splice carries. */
const MANY = SPLICE_RECORDS_MAX + 100
const STEPS = 120

const fill = ({ live }: LiveSubject, all: Record<string, JsonObject>) =>
  Promise.all(Object.entries(all).map(([id, more]) => live.create('jobs', job(more), id)))

const five: Record<string, JsonObject> = {
  a: { title: 'x', rank: 2 },
  b: { title: 'y', rank: 10, status: 'done' },
  c: { title: 'x', rank: 1 },
  d: { title: 'z' },
  e: { title: 'y', rank: 2, status: 'done' },
}

const asked: readonly (readonly [title: string, expected: string, Partial<LiveQuery>])[] = [
  ['an index', 'be', { where: { status: { wanted: 'done' } } }],
  ['a field that is none', 'ac', { where: { title: { wanted: 'x' } } }],
  ['one of several values', 'acbe', { where: { title: { wanted: { oneOf: ['x', 'y'] } } }, ...by('title') }],
  [
    'one of several values of an index',
    'abcde',
    { where: { status: { wanted: { oneOf: ['open', 'done'] } } } },
  ],
  ['a range', 'cae', { where: { rank: { wanted: { from: 1, to: 2 } } }, ...by('rank') }],
  ['a range without an end', 'aeb', { where: { rank: { wanted: { from: 2 } } }, ...by('rank') }],
  ['a range of another type', '', { where: { rank: { wanted: { from: 'a' } } } }],
  ['an id', 'd', { where: { id: { wanted: 'd' } } }],
  ['ids', 'ad', { where: { id: { wanted: { oneOf: ['d', 'a', 'none'] } } } }],
  ['all of several', 'c', { where: { title: { wanted: 'x' }, rank: { wanted: 1 } } }],
  [
    'an order of two fields',
    'dbeac',
    { orderBy: [...by('title', 'descending').orderBy, ...by('rank', 'descending').orderBy] },
  ],
  ['so many', 'dca', { ...by('rank'), limit: 3 }],
]

function by(field: string, direction: 'ascending' | 'descending' = 'ascending') {
  return { orderBy: [{ field, direction }] } satisfies Partial<LiveQuery>
}

export const watchCases: readonly LiveCase[] = [
  {
    title: 'WHOLE: an empty result is told, with nothing in it',
    async run({ live }) {
      const told = watching(live)
      await told.untilResult()
      expect(told.values).toEqual([{ at: 0, removed: 0, inserted: [] }])
    },
  },
  {
    title: `WHOLE: a result of ${MANY} comes in parts of at most ${SPLICE_RECORDS_MAX}, of which only the last is without more`,
    async run(subject) {
      await fill(subject, Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`j${i}`, { rank: i }])))
      const told = watching(subject.live, by('rank'))
      const records = await told.untilResult()
      expect(records.map(({ rank }) => rank)).toEqual(Array.from({ length: MANY }, (_, i) => i))
      const whole = told.values.length - 1
      expect(whole).toBeGreaterThan(0)
      expect(told.values.map(({ more }) => more ?? false)).toEqual(told.values.map((_, i) => i < whole))
      const longest = Math.max(...told.values.map(({ inserted }) => inserted.length))
      expect(longest).toBeLessThanOrEqual(SPLICE_RECORDS_MAX)
      const before = told.values.length
      await subject.live.update('jobs', 'j7', { base: records[7]!, wanted: { ...records[7]!, title: 'new' } })
      expect(told.values.slice(before)).toEqual([
        { at: 7, removed: 1, inserted: [{ ...job({ rank: 7, title: 'new' }), id: 'j7' }] },
      ])
    },
  },
  {
    title: 'WHOLE: one edit that moves a record is told as one change: more on all but its last splice',
    async run(subject) {
      await fill(subject, five)
      const told = watching(subject.live, { ...by('title'), limit: 3 })
      const [base] = await told.untilResult()
      const before = told.values.length
      await subject.live.update('jobs', base!.id, { base: base!, wanted: { ...base!, title: 'zz' } })
      const splices = told.values.slice(before)
      expect(splices.length).toBeGreaterThan(1)
      expect(splices.map(({ more }) => more ?? false)).toEqual(splices.map((_, i) => i < splices.length - 1))
      expect(told.ids.join('')).toBe('cbe')
    },
  },
  {
    title: 'WHOLE: records that are made while the first result is read are in it once',
    async run(subject) {
      await fill(subject, five)
      const made = subject.live.create('jobs', job(), 'late')
      const told = watching(subject.live)
      await made
      await told.untilResult((records) => records.some(({ id }) => id === 'late'))
      expect(told.ids.join('')).toBe('abcdelate')
    },
  },
  {
    title: `WHOLE: after each of ${STEPS} edits the splices make what another watch is told from the beginning`,
    async run(subject) {
      const { live } = subject
      const random = new SeededRandom(20_261_201)
      const query = { where: { status: { wanted: 'open' as const } }, ...by('rank', 'descending'), limit: 6 }
      await fill(subject, five)
      const told = watching(live, query)
      await told.untilResult()
      const ids = new Set(Object.keys(five))
      for (let step = 0; step < STEPS; step++) {
        await editAtRandom(subject, random, ids, step)
        if (step % 6 > 0) continue
        const fresh = watching(live, query)
        expect(told.result, `step ${step}`).toEqual(await fresh.untilResult())
      }
    },
  },
  {
    title: 'ORDERED: what a resolved call did was told to every watch of the page',
    async run({ live }) {
      const [all, open] = [watching(live), watching(live, { where: { status: { wanted: 'open' } } })]
      await Promise.all([all.untilResult(), open.untilResult()])
      const id = await live.create('jobs', job({ title: 'new' }))
      expect([all.ids, open.ids]).toEqual([[id], [id]])
      const [base] = all.result
      await live.update('jobs', id, { base: base!, wanted: { ...base!, status: 'done' } })
      expect([all.result[0]?.status, open.ids]).toEqual(['done', []])
      await live.remove('jobs', id)
      expect(all.ids).toEqual([])
    },
  },
  ...asked.map(
    ([title, expected, query]): LiveCase => ({
      title: `a watch asks for ${title}`,
      async run(subject) {
        await fill(subject, five)
        const told = watching(subject.live, query)
        await told.untilResult()
        expect(told.ids.join('')).toBe(expected)
      },
    }),
  ),
  {
    title: 'a watch that ended is told nothing more',
    async run({ live }) {
      const told = watching(live)
      await told.untilResult()
      const ended = watching(live)
      const stop = live.watch({ collection: 'jobs', where: {}, orderBy: [] }, ended.told, ended.failed)
      stop()
      await ended.untilResult()
      const before = ended.values.length
      await live.create('jobs', job())
      expect(ended.values.length - before, 'only the one that goes on').toBe(1)
    },
  },
  ...refused('a field that there is not', 'unknown-field', { where: { colour: { wanted: 'red' } } }),
  ...refused('an order by a field that there is not', 'unknown-field', by('colour')),
  ...refused('a collection that there is not', 'unknown-collection', { collection: 'ships' }),
]

function refused(title: string, code: string, query: Partial<LiveQuery>): LiveCase[] {
  const run = async ({ live }: LiveSubject) => {
    const told = watching(live, query)
    expect((await told.untilFailed()).code).toBe(code)
    expect(told.values).toEqual([])
  }
  return [{ title: `HONEST: a watch is refused ${title}`, run }]
}

async function editAtRandom({ live }: LiveSubject, random: SeededRandom, ids: Set<string>, step: number) {
  const wanted: { status: string; rank: number } = {
    status: random.pick(['open', 'done']),
    rank: random.below(8),
  }
  const kind = random.below(4)
  if (kind === 0 || ids.size === 0) {
    ids.add(await live.create('jobs', job(wanted), `r${step}`))
    return
  }
  const id = random.pick([...ids])
  const base = await live.get('jobs', id)
  if (kind === 1) {
    ids.delete(id)
    await live.remove('jobs', id)
  } else
    await live.update('jobs', id, {
      base: base!,
      wanted: { ...base!, ...wanted },
    })
}
