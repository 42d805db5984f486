/** Edits: DURABLE, how they meet others, and how they are refused. */
import { expect } from 'vitest'
import type { LiveError, LiveReplica } from '../port.ts'
import { type LiveCase, watching } from './case.ts'
import { job } from './jobs.ts'

export const editCases: readonly LiveCase[] = [
  {
    title: 'DURABLE: what resolved is there after the power went',
    async run(subject) {
      const id = await subject.live.create('jobs', job({ title: 'made' }))
      const base = (await subject.live.get('jobs', id))!
      await subject.live.update('jobs', id, { base, wanted: { ...base, title: 'changed' } })
      const gone = await subject.live.create('jobs', job())
      await subject.live.remove('jobs', gone)
      const after = await subject.afterPowerLoss()
      expect((await after.get('jobs', id))?.title).toBe('changed')
      expect(await after.get('jobs', gone)).toBeUndefined()
    },
  },
  {
    title: 'DURABLE: a call does not resolve before its commit',
    async run({ live, space }) {
      const told = watching(live)
      await told.untilResult()
      const release = space.holdCommits()
      let isResolved = false
      const made = live.create('jobs', job()).then(() => {
        isResolved = true
      })
      // Another turn of the same device waits behind it, so that it has had all the time it needs.
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect([isResolved, told.ids]).toEqual([false, []])
      release()
      await made
      expect(told.ids).toHaveLength(1)
    },
  },
  {
    title:
      'an edit is brought over to what the record is by then: counters add up, texts keep what both typed',
    async run({ live }) {
      const id = await live.create(
        'jobs',
        job({ notes: 'the pump leaks', hours: 1, parts: [{ sku: 'a', qty: 1 }] }),
      )
      const base = (await live.get('jobs', id))!
      await live.update('jobs', id, {
        base,
        wanted: { ...base, notes: 'the pump leaks at night', hours: 3, title: 'other' },
      })
      const wanted = { ...base, notes: 'the old pump leaks', hours: 2, parts: [{ sku: 'a', qty: 2 }] }
      await live.update('jobs', id, { base, wanted })
      expect(await live.get('jobs', id)).toEqual({
        ...base,
        title: 'other',
        notes: 'the old pump leaks at night',
        hours: 4,
        parts: [{ sku: 'a', qty: 2 }],
      })
    },
  },
  {
    title: 'an edit that changes nothing writes nothing',
    async run({ live }) {
      const id = await live.create('jobs', job())
      const base = (await live.get('jobs', id))!
      await live.update('jobs', id, { base, wanted: { ...base } })
      expect(await live.history('jobs', id)).toHaveLength(1)
    },
  },
  {
    title: 'history, what the record was, and back to it',
    async run({ live }) {
      const id = await live.create('jobs', job({ title: 'first' }))
      const base = (await live.get('jobs', id))!
      await live.update('jobs', id, { base, wanted: { ...base, title: 'second' } })
      const history = await live.history('jobs', id)
      expect(history.map(({ author }) => author)).toEqual(['tech:ana', 'tech:ana'])
      expect((await live.at('jobs', id, history[0]!.hash))?.title).toBe('first')
      await live.restore('jobs', id, history[0]!.hash)
      expect((await live.get('jobs', id))?.title).toBe('first')
      expect(await live.concurrent('jobs', id)).toEqual([])
      expect(await codeOf(live.at('jobs', id, 'f'.repeat(64)))).toBe('EditRefused unknown-change')
    },
  },
  ...refused('a value that does not fit', 'RecordInvalid schema', (live) =>
    live.create('jobs', { ...job(), status: 'lost' }),
  ),
  ...refused('an id that is taken', 'EditRefused exists', async (live) => {
    await live.create('jobs', job(), 'one')
    await live.create('jobs', job(), 'one')
  }),
  ...refused('an edit of what is not there', 'RecordNotFound not-found', (live) =>
    live.update('jobs', 'none', { base: job(), wanted: job({ title: 'x' }) }),
  ),
  ...refused('a field that there is not', 'DraftError draft', async (live) => {
    const id = await live.create('jobs', job())
    await live.update('jobs', id, { base: job(), wanted: { ...job(), colour: 'red' } })
  }),
  ...refused('a collection that there is not', 'CollectionNotFound unknown-collection', (live) =>
    live.get('ships', 'one'),
  ),
  {
    title: 'HONEST: what does not fit is named field by field',
    async run({ live }) {
      const error = await live
        .create('jobs', { ...job(), status: 'lost' })
        .catch((reason: LiveError) => reason)
      expect((error as LiveError).issues?.map(({ path }) => path)).toEqual(['/status'])
    },
  },
]

function refused(title: string, expected: string, run: (live: LiveReplica) => Promise<unknown>): LiveCase[] {
  return [
    {
      title: `HONEST: ${title} is refused with its code and its words`,
      async run({ live }) {
        expect(await codeOf(run(live))).toBe(expected)
      },
    },
  ]
}

/** Name and code of what a call is refused with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: LiveError) => reason,
  )
  if (error === undefined) return 'not refused'
  expect(error.message).not.toBe('')
  return `${error.name} ${error.code}`
}
