/** What the panel shows, over a real replica in memory. */
import { type LiveReplica, type LoggedItem, type LogPage, liveOver } from '@skerry/live'
import { contractSpace, job } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { inspection } from '../inspect/inspection.ts'
import type { Changing } from './changing.ts'
import { differences, textDifference } from './diff.ts'
import { HistoryModel } from './history-model.ts'
import { filtered, LogModel, SHOWN_ENTRIES_MAX } from './log-model.ts'
import { RecordsModel } from './records-model.ts'
import { bytesWords, countWords, shortId, spanWords } from './words.ts'

beforeAll(startEngine)

async function opened() {
  const space = await contractSpace()
  const live = liveOver(space.edge, { host: space.host })
  onTestFinished(async () => {
    await live.close()
    await space.close()
  })
  const change = async (id: string, fields: object) => {
    const base = (await live.get('jobs', id))!
    await live.update('jobs', id, { base, wanted: { ...base, ...fields } })
  }
  return { space, live, change }
}

function until<Value>(changing: Changing<Value>, isThere: (value: Value) => boolean): Promise<Value> {
  return new Promise((resolve) => {
    const stop = changing.follow((value) => {
      if (!isThere(value)) return
      queueMicrotask(() => stop())
      resolve(value)
    })
  })
}

describe('DT-13: a history', () => {
  async function history(live: LiveReplica, id: string) {
    const model = new HistoryModel(live)
    await model.show({ collection: 'jobs', id })
    return model
  }

  test('begins at the newest change, and tells each with what it changed', async () => {
    const { live, change } = await opened()
    const id = await live.create('jobs', job({ title: 'pump', hours: 1 }))
    await change(id, { title: 'pump 7' })
    await change(id, { hours: 3 })
    const model = await history(live, id)
    expect(model.state.value).toMatchObject({ index: 2, isLoading: false })
    expect(model.state.value.moment).toMatchObject({
      value: { title: 'pump 7', hours: 3 },
      differences: [{ path: ['hours'], before: 1, after: 3, isOfOther: false }],
    })
    await model.choose(1)
    expect(model.state.value.moment!.differences).toEqual([
      { path: ['title'], before: 'pump', after: 'pump 7', isOfOther: false },
    ])
    await model.choose(0)
    expect(model.state.value.moment).toMatchObject({ item: { author: 'tech:ana' }, value: { title: 'pump' } })
  })

  test('that grows stays at the change that is looked at, and at the end where that was', async () => {
    const { live, change } = await opened()
    const id = await live.create('jobs', job())
    await change(id, { title: 'a' })
    const model = await history(live, id)
    await change(id, { title: 'b' })
    await model.show({ collection: 'jobs', id })
    expect(model.state.value).toMatchObject({ index: 2, moment: { value: { title: 'b' } } })
    await model.choose(1)
    await change(id, { title: 'c' })
    await model.show({ collection: 'jobs', id })
    expect(model.state.value).toMatchObject({ index: 1, moment: { value: { title: 'a' } } })
    expect(model.state.value.items).toHaveLength(4)
  })

  test('says when the record was deleted, and when there is none', async () => {
    const { live } = await opened()
    const id = await live.create('jobs', job())
    await live.remove('jobs', id)
    const model = await history(live, id)
    expect(model.state.value.moment).toMatchObject({ value: undefined })
    await model.show({ collection: 'jobs', id: 'nobody' })
    expect(model.state.value).toMatchObject({ items: [], index: -1, isLoading: false, moment: undefined })
  })

  test.each(['history', 'at'] as const)('an answer of `%s` that comes late is not shown', async (name) => {
    const { live, change } = await opened()
    const id = await live.create('jobs', job({ title: 'a' }))
    await change(id, { title: 'b' })
    const other = await live.create('jobs', job({ title: 'other' }))
    const model = await history(live, other)
    const [reached, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const asked = live[name].bind(live) as (collection: string, of: string, hash: string) => Promise<never>
    live[name] = async (collection: string, of: string, hash: string = '') => {
      if (of === id) {
        reached.resolve()
        await letGo.promise
      }
      return asked(collection, of, hash)
    }
    const late = model.show({ collection: 'jobs', id })
    await reached.promise
    await model.show({ collection: 'jobs', id: other })
    letGo.resolve()
    await late
    expect(model.state.value.moment).toMatchObject({ value: { title: 'other' } })
    expect(model.state.value.items).toHaveLength(1)
  })

  test('what a change did not touch is marked as made beside it', async () => {
    const { space, live, change } = await opened()
    const made = await space.hub.jobs.create({ title: 'roof', status: 'open', site: 'SEA' })
    const line = space.connect()
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = live.watch(
      { collection: 'jobs', where: { id: { wanted: made.id } }, orderBy: [] },
      ({ inserted }) => inserted.length > 0 && resolve(),
      (error) => {
        throw error
      },
    )
    await promise
    stop()
    await line.close()
    await change(made.id, { title: 'here' })
    await space.hub.jobs.update(made.id, (draft) => {
      draft.rank = 4
    })
    const again = space.connect()
    await live.saved('jobs', made.id, 'hub')
    await again.close()
    const model = await history(live, made.id)
    const all = []
    for (const index of model.state.value.items.keys()) {
      await model.choose(index)
      all.push(...model.state.value.moment!.differences.filter(({ isOfOther }) => isOfOther))
    }
    expect(all.length).toBeGreaterThan(0)
  })
})

describe('DT-11: records', () => {
  test('are found by the beginning of their id, and marked with what is unsent', async () => {
    const { live } = await opened()
    for (const id of ['pump-1', 'pump-2', 'roof-1']) await live.create('jobs', job(), id)
    const model = new RecordsModel(live)
    onTestFinished(model.start())
    model.search('jobs', '')
    await until(model.state, ({ records }) => records.length === 3)
    model.search('jobs', 'pump')
    const { records } = await until(model.state, (state) => !state.isLoading && state.records.length === 2)
    expect(records.map(({ id }) => id)).toEqual(['pump-1', 'pump-2'])
    const marks = await until(model.marks, (all) => all.size === 3)
    expect(marks.get('jobs/pump-1')).toEqual({ unanswered: 1, aside: [], quarantined: undefined })
    await live.create('jobs', job(), 'pump-3')
    await until(model.state, (state) => state.records.length === 3)
    model.search('nonsense', '')
    const { failed } = await until(model.state, (state) => state.failed !== undefined)
    expect(failed).toContain('nonsense')
  })
})

describe('DT-10: the log', () => {
  test('shows the newest first, older ones when asked, and stays while it is paused', async () => {
    const { space, live } = await opened()
    for (let i = 0; i < 130; i++) await live.create('jobs', job({ title: `${i}` }))
    const model = new LogModel(await inspection(space.edge).inspect())
    onTestFinished(model.start())
    const { older } = await until(model.state, ({ entries }) => entries.length === 100)
    expect(older).toBeDefined()
    await model.more()
    const seqs = model.state.value.entries.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => b - a))
    expect(seqs.length).toBeGreaterThanOrEqual(130)
    expect(model.state.value.older).toBeUndefined()
    await live.create('jobs', job({ title: 'one more' }))
    await until(model.state, ({ entries }) => entries.length === seqs.length + 1)
    model.pause(true)
    const { head } = model.state.value
    await live.create('jobs', job({ title: 'while paused' }))
    await until(model.state, ({ waiting }) => waiting === 1)
    expect(model.state.value.head).toBe(head)
    model.pause(false)
    expect(model.state.value).toMatchObject({ waiting: 0, head: space.edge.head })
  })

  test('has no gap after a burst of more than a page, and no more rows than its limit', () => {
    let tell: (page: LogPage) => void = () => undefined
    const model = new LogModel({
      watchLog: (_limit: number, told: typeof tell) => {
        tell = told
        return () => undefined
      },
    } as never)
    model.start()
    const page = (from: number, to: number): LogPage => ({
      head: from,
      entries: Array.from({ length: from - to + 1 }, (_, i) => ({ seq: from - i }) as LoggedItem),
      older: to > 1 ? to : undefined,
    })
    tell(page(10, 1))
    tell(page(300, 201))
    expect(model.state.value.entries).toHaveLength(100)
    expect(model.state.value.older).toBe(201)
    for (let head = 310; head < 3_000; head += 50) tell(page(head, head - 99))
    expect(model.state.value.entries).toHaveLength(SHOWN_ENTRIES_MAX)
    expect(model.state.value.older).toBe(model.state.value.entries.at(-1)!.seq)
  })

  test('is filtered by every word of a search', () => {
    const entry = (more: object) =>
      ({ seq: 7, kind: 'changes', record: 'jobs/a', author: 'tech:ana', ...more }) as LoggedItem
    const entries = [
      entry({}),
      entry({ seq: 8, record: 'sites/b' }),
      entry({ seq: 9, kind: 'receipt', author: 'hub' }),
    ]
    const found = (search: string) => filtered(entries, search).map(({ seq }) => seq)
    expect([found(''), found('ANA jobs'), found('receipt'), found('nobody'), found('8')]).toEqual([
      [7, 8, 9],
      [7],
      [9],
      [],
      [8],
    ])
  })
})

describe('differences', () => {
  test('go into objects and lists, to what differs there', () => {
    const before = { title: 'a', parts: [{ sku: 'x', qty: 1 }], gone: true, same: { deep: [1] } }
    const after = {
      title: 'b',
      parts: [
        { sku: 'x', qty: 2 },
        { sku: 'y', qty: 1 },
      ],
      same: { deep: [1] },
      made: null,
    }
    expect(differences(before, after)).toEqual([
      { path: ['title'], before: 'a', after: 'b' },
      { path: ['parts', '0', 'qty'], before: 1, after: 2 },
      { path: ['parts', '1'], before: undefined, after: { sku: 'y', qty: 1 } },
      { path: ['gone'], before: true, after: undefined },
      { path: ['made'], before: undefined, after: null },
    ])
    expect(differences(undefined, { a: 1 })).toEqual([{ path: ['a'], before: undefined, after: 1 }])
    expect(differences({ a: [1] }, { a: { 0: 1 } })).toHaveLength(1)
  })

  test.each([
    ['Squeaks.', 'Squeaks. Often.', { head: 'Squeaks.', removed: '', added: ' Often.', tail: '' }],
    ['aaa', 'aa', { head: 'aa', removed: 'a', added: '', tail: '' }],
    ['abc', 'axc', { head: 'a', removed: 'b', added: 'x', tail: 'c' }],
    ['', 'x', { head: '', removed: '', added: 'x', tail: '' }],
    ['same', 'same', { head: 'same', removed: '', added: '', tail: '' }],
  ])('of texts %j and %j are what is between their common ends', (before, after, difference) => {
    expect(textDifference(before, after)).toEqual(difference)
  })
})

test('figures in words', () => {
  expect([0, 1_023, 1_024, 20_480, 5_242_880].map(bytesWords)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KB',
    '20 KB',
    '5.0 MB',
  ])
  expect([-5, 999, 59_999, 61_000, 3_600_000, 200_000_000].map(spanWords)).toEqual([
    '0 ms',
    '999 ms',
    '59 s',
    '1 min 1 s',
    '1 h 0 min',
    '2 days',
  ])
  expect([countWords(1, 'entry', 'entries'), countWords(1_200, 'record')]).toEqual([
    '1 entry',
    '1,200 records',
  ])
  expect([shortId(undefined), shortId('short'), shortId('0123456789abcdef')]).toEqual([
    '–',
    'short',
    '0123456789…',
  ])
})
