import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { collection } from '../records/collection.ts'
import { memoryStore } from '../store/memory.ts'
import { emptyBatch, type Store } from '../store/port.ts'
import { Query, type Seen, type Where } from './query.ts'
import { startEngine, testHost } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

const tasks = collection(
  'tasks',
  z.object({
    name: z.string(),
    rank: z.number().optional(),
    done: z.boolean().nullable().optional(),
    who: z.string().optional(),
    tags: z.array(z.string()).optional(),
  }),
  { indexes: ['name', 'rank', 'done'] },
)
type Task = NonNullable<typeof tasks.type>

const all: Record<string, Task> = {
  a: { name: 'x', rank: 2, done: true, who: 'ana' },
  b: { name: 'y', rank: 10, done: false },
  c: { name: 'x', rank: 1, who: 'ben', tags: ['t'] },
  d: { name: 'z', done: null, who: 'ana' },
  e: { name: 'y', rank: 2 },
}

async function open(wrap: (store: Store) => Store = (store) => store) {
  const store = wrap(memoryStore())
  const replica = await openReplica({ host: testHost(), store, collections: { tasks } })
  return { replica, store }
}

async function filled(wrap?: (store: Store) => Store) {
  const opened = await open(wrap)
  await Promise.all(Object.entries(all).map(([id, task]) => opened.replica.tasks.create(task, { id })))
  return opened
}

const ids = (seen: readonly { id: string }[]) => seen.map(({ id }) => id).join('')

describe('W-12: where', () => {
  test.each<[string, Where<Task>]>([
    ['abcde', {}],
    ['ac', { name: 'x' }],
    ['c', { name: 'x', rank: 1 }],
    ['', { name: 'nobody' }],
    ['ad', { who: 'ana' }],
    ['a', { who: 'ana', name: 'x' }],
    ['ae', { rank: [2, 3] }],
    ['', { rank: [] }],
    ['ce', { rank: (rank) => rank !== undefined && rank < 3, done: [undefined] as never }],
    ['b', { done: false }],
    ['d', { id: 'd' }],
    ['', { id: 'nobody' }],
    ['c', { id: ['b', 'c', 'nobody'], name: 'x' }],
    ['abce', { name: ['x', 'y'] }],
    ['e', { name: ['x', 'y'], rank: 2, done: (done) => done === undefined }],
    ['d', { done: null }],
    ['be', { rank: (rank) => rank !== undefined && rank >= 2, who: (who) => who === undefined }],
    ['abcde', { name: undefined } as never],
    ['c', { tags: (tags) => tags?.includes('t') ?? false }],
  ])('finds %j', async (expected, where) => {
    const { replica } = await filled()
    const query = replica.tasks.where(where)
    const result = await query.all()
    expect(ids(result)).toBe(expected)
    expect(await query.count()).toBe(result.length)
    expect(await query.first()).toEqual(result[0])
    for (const one of result) expect(one).toEqual({ ...all[one.id], id: one.id })
  })

  test('looks declared indexes up and reads nothing else; without one it reads page by page', async () => {
    const calls: string[] = []
    const { replica } = await filled((store) => ({
      ...store,
      findRows: (name, equals) => {
        calls.push(`find ${JSON.stringify(equals)}`)
        return store.findRows(name, equals)
      },
      scanRows: (...args) => {
        calls.push('scan')
        return store.scanRows(...args)
      },
    }))
    await replica.tasks.where({ name: 'x', rank: 1, who: 'ben' }).all()
    await replica.tasks.where({ who: 'ana' }).all()
    await replica.tasks.where({ who: ['ana'] }).all()
    expect(calls.splice(0)).toEqual(['find [["name","x"],["rank",1]]', 'scan', 'scan'])
    await replica.tasks.where({ name: ['x', 'z'], rank: 1 }).all()
    expect(calls.splice(0)).toEqual(['find [["rank",1],["name","x"]]', 'find [["rank",1],["name","z"]]'])
    await replica.tasks.where({ id: ['a', 'nobody'] }).all()
    expect(calls).toEqual([])
  })

  test.each([
    [64, 64],
    [65, 0],
  ])('a list of %i values of an index is %i lookups', async (values, lookups) => {
    let found = 0
    const { replica } = await filled((store) => ({
      ...store,
      findRows: (...args) => {
        found += 1
        return store.findRows(...args)
      },
    }))
    const names = Array.from({ length: values }, (_, i) => (i === 0 ? 'x' : `n${i}`))
    expect(ids(await replica.tasks.where({ name: names }).all())).toBe('ac')
    expect(found).toBe(lookups)
  })

  test('a long read pauses after every thousand views', async () => {
    const store = memoryStore()
    await store.open('ab'.repeat(16))
    const records = Array.from({ length: 2_500 }, (_, i) => ({
      record: `tasks/${i}`,
      collection: 'tasks',
      frontier: new Uint8Array(),
      view: '{"name":"x"}',
      indexed: [],
    }))
    await store.commit({ ...emptyBatch, records })
    const shipped = { get: () => undefined, all: () => [][Symbol.iterator]() }
    const source = { store, shipped, onCommit: () => () => undefined, listenerFailed: () => undefined }
    let pauses = 0
    const found = await new Query<Task>(source, tasks, {}).read(async () => {
      pauses += 1
    })
    expect([found.size, pauses]).toEqual([2_500, 2])
  })

  test('more records than a page holds', async () => {
    const store = memoryStore()
    await store.open('ab'.repeat(16))
    const records = Array.from({ length: 2001 }, (_, i) => ({
      record: `tasks/${1000 + i}`,
      collection: 'tasks',
      frontier: new Uint8Array(),
      view: JSON.stringify({ name: `${i % 3}` }),
      indexed: [],
    }))
    await store.commit({ ...emptyBatch, records })
    const shipped = { get: () => undefined, all: () => [][Symbol.iterator]() }
    const source = { store, shipped, onCommit: () => () => undefined, listenerFailed: () => undefined }
    const query = new Query<Task>(source, tasks, {})
    expect(await query.count()).toBe(2001)
    expect(ids(await query.limit(2).all())).toBe('10001001')
  })

  test('deleted records are found by nothing', async () => {
    const { replica } = await filled()
    await replica.tasks.delete('a')
    expect(ids(await replica.tasks.where({ name: 'x' }).all())).toBe('c')
    expect(ids(await replica.tasks.all())).toBe('bcde')
    expect(await replica.tasks.get('a')).toBeUndefined()
  })
})

describe('W-13: order and limit', () => {
  test.each<[string, (query: Query<Task>) => Query<Task>]>([
    ['abcde', (q) => q],
    ['dcaeb', (q) => q.orderBy('rank')],
    ['baecd', (q) => q.orderBy('rank', 'descending')],
    ['acbed', (q) => q.orderBy('name')],
    ['caebd', (q) => q.orderBy('name').orderBy('rank')],
    ['dbeac', (q) => q.orderBy('name', 'descending').orderBy('rank', 'descending')],
    ['dca', (q) => q.orderBy('rank').limit(3)],
    ['', (q) => q.limit(0)],
    ['abcde', (q) => q.limit(99)],
    // Absent and null come first, then false, then true; what has no order goes by id.
    ['cdeba', (q) => q.orderBy('done')],
    ['abdec', (q) => q.orderBy('tags')],
  ])('%j', async (expected, arrange) => {
    const { replica } = await filled()
    expect(ids(await arrange(replica.tasks.where({})).all())).toBe(expected)
  })

  test('a query is not changed by one made from it', async () => {
    const { replica } = await filled()
    const query = replica.tasks.where({})
    query.limit(1)
    query.orderBy('rank')
    expect(ids(await query.all())).toBe('abcde')
    expect(ids([(await query.orderBy('rank', 'descending').first())!])).toBe('b')
  })
})

describe('W-14: a subscribed query', () => {
  /** A store whose first scan waits until told to go on. */
  function held(): { wrap: (store: Store) => Store; release: () => void } {
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    return {
      wrap: (store) => ({
        ...store,
        scanRows: async (...args) => {
          const rows = await store.scanRows(...args)
          await gate
          return rows
        },
      }),
      release,
    }
  }
  const settle = async () => {
    for (let i = 0; i < 50; i++) await Promise.resolve()
  }

  test('sees every commit in order, also those during the first read', async () => {
    const { wrap, release } = held()
    const { replica } = await open(wrap)
    await replica.tasks.create({ name: 'first' }, { id: 'a' })
    const seen: string[][] = []
    replica.tasks.where({}).subscribe((records) => seen.push(records.map(({ id, name }) => `${id}:${name}`)))
    await settle()
    await replica.tasks.create({ name: 'during' }, { id: 'b' })
    await replica.tasks.update('a', (task) => {
      task.name = 'changed'
    })
    await replica.tasks.delete('b')
    expect(seen).toEqual([])
    release()
    await settle()
    expect(seen).toEqual([['a:changed']])
    await replica.tasks.create({ name: 'after' }, { id: 'c' })
    await Promise.all([
      replica.tasks.update('c', (task) => {
        task.name = 'once'
      }),
      replica.tasks.create({ name: 'with it' }, { id: 'd' }),
    ])
    expect(seen.slice(1)).toEqual([
      ['a:changed', 'c:after'],
      ['a:changed', 'c:once', 'd:with it'],
    ])
  })

  test('is told nothing by commits that do not concern it, and keeps the objects that did not change', async () => {
    const { replica } = await filled()
    const seen: Seen<Task>[][] = []
    replica.tasks.where({ name: 'x' }).subscribe((records) => seen.push(records))
    await settle()
    await replica.tasks.update('b', (task) => {
      task.rank = 0
    })
    await replica.transact(async (tx) => tx.tables.put('t', 'k', new Uint8Array(1)))
    expect(seen).toHaveLength(1)
    await replica.tasks.update('c', (task) => {
      task.rank = 0
    })
    expect(seen).toHaveLength(2)
    expect(seen[1]![0]).toBe(seen[0]![0])
    expect(seen[1]![1]).not.toBe(seen[0]![1])
    await replica.tasks.update('c', (task) => {
      task.name = 'left'
    })
    expect(seen.at(-1)!.map(({ id }) => id)).toEqual(['a'])
  })

  test('keeps its limit filled', async () => {
    const { replica } = await filled()
    const seen: string[] = []
    replica.tasks
      .where({})
      .orderBy('name')
      .limit(2)
      .subscribe((records) => seen.push(ids(records)))
    await settle()
    await replica.tasks.delete('a')
    expect(seen).toEqual(['ac', 'cb'])
  })

  test('hears nothing once it was ended, also during the first read', async () => {
    const { wrap, release } = held()
    const { replica } = await open(wrap)
    const seen: unknown[] = []
    const stop = replica.tasks.where({}).subscribe((records) => seen.push(records))
    stop()
    release()
    await settle()
    await replica.tasks.create({ name: 'x' })
    expect(seen).toEqual([])
  })

  test('gives a failing first read to the caller', async () => {
    const { replica } = await open((store) => ({
      ...store,
      scanRows: () => Promise.reject(new Error('disk')),
    }))
    const failed: unknown[] = []
    replica.tasks.where({}).subscribe(
      () => undefined,
      (error) => failed.push(error),
    )
    await settle()
    expect(failed).toMatchObject([{ message: 'disk' }])
  })
})
