import { beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type Store, StoreError } from '../store/port.ts'
import {
  deliveryOf,
  everything,
  type Opened,
  type Orders,
  open,
  openHub,
  order,
  peerOf,
  pull,
  tell,
} from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'
import { type Commit, ReplicaClosed } from './writer.ts'

beforeAll(startEngine)

const seen = (commit: Commit) => commit.changes.map(({ after }) => after?.['title'])
const settled = async (...promises: Promise<unknown>[]) =>
  (await Promise.allSettled(promises)).map((result) => result.status)
const put = (title: string) => [{ op: 'put' as const, path: ['title'], value: title }]

/** Everything read anew from what is stored, beside what the open replica says. */
async function expectStored(replica: Orders, disk: Parameters<typeof open>[0] & object): Promise<void> {
  const shown = await replica.workOrders.all()
  await replica.close()
  const again = await open(disk)
  expect(await again.replica.workOrders.all()).toEqual(shown)
  for (const { id } of shown)
    await again.replica.workOrders.update(id, (draft) => {
      draft.title += '!'
    })
  await again.replica.close()
}

describe('W-1: turns that wait together', () => {
  test('share one commit, and each sees what those before it decided', async () => {
    let commits = 0
    const { replica, disk } = await open({ beforeCommit: () => void commits++ })
    const told: Commit[] = []
    replica.onCommit((commit) => told.push(commit))
    const before = commits
    const { id } = (
      await Promise.all([
        replica.workOrders.create(order, { id: 'x' }),
        replica.workOrders.update('x', (draft) => {
          draft.title += ' and more'
          draft.hours = 1
        }),
        replica.workOrders.update('x', (draft) => {
          draft.hours = draft.hours! + 1
        }),
        replica.workOrders.create({ ...order, title: 'other' }),
      ])
    )[0]
    expect(commits).toBe(before + 1)
    expect(told.map(seen)).toEqual([['t and more', 'other']])
    expect(await replica.workOrders.get(id)).toMatchObject({ title: 't and more', hours: 2 })
    expect(await replica.entriesOf('work_orders/x')).toHaveLength(3)
    await expectStored(replica, { disk, seed: 2 })
  })

  test('a record that comes and goes in one commit is told to nobody', async () => {
    const { replica } = await open()
    const told: Commit[] = []
    replica.onCommit((commit) => told.push(commit))
    await Promise.all([replica.workOrders.create(order, { id: 'x' }), replica.workOrders.delete('x')])
    expect(told.map((commit) => commit.changes)).toEqual([[]])
    expect(await replica.workOrders.all()).toEqual([])
  })

  test('opening one record twice at once gives the same one (W-7)', async () => {
    const { replica } = await open({ cachedRecordsMax: 0 })
    await replica.workOrders.create(order, { id: 'x' })
    await replica.transact((tx) =>
      Promise.all([
        tx.edit('work_orders/x', put('a')),
        tx.edit('work_orders/x', [{ op: 'increment', path: ['hours'], by: 2 }]),
        tx.edit('work_orders/x', [{ op: 'increment', path: ['hours'], by: 3 }]),
      ]),
    )
    expect(await replica.workOrders.get('x')).toMatchObject({ title: 'a', hours: 5 })
    expect(await replica.workOrders.history('x')).toHaveLength(4)
    await replica.workOrders.update('x', (draft) => {
      draft.hours = 6
    })
  })
})

describe('W-2: a turn that fails', () => {
  test('leaves nothing, also where earlier and later turns of the same commit write the same record', async () => {
    const { replica, disk } = await open()
    await replica.workOrders.create({ ...order, notes: 'a' }, { id: 'x' })
    const results = await settled(
      replica.workOrders.update('x', (draft) => {
        draft.notes = 'ab'
      }),
      replica.transact(async (tx) => {
        await tx.edit('work_orders/x', [...put('lost'), { op: 'text', path: ['notes'], value: 'lost' }])
        await tx.edit('work_orders/new', put('lost'))
        tx.tables.put('t', 'k', encodeUtf8('lost'))
        throw new Error('changed its mind')
      }),
      replica.workOrders.update('x', (draft) => {
        draft.notes += 'c'
      }),
      replica.workOrders.update('x', () => {
        throw new Error('also')
      }),
    )
    expect(results).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    expect(await replica.workOrders.get('x')).toMatchObject({ title: 't', notes: 'abc' })
    expect(await replica.workOrders.get('new')).toBeUndefined()
    expect(await replica.table('t', 'k')).toBeUndefined()
    expect(await replica.workOrders.history('x')).toHaveLength(3)
    await expectStored(replica, { disk, seed: 2 })
  })

  test('leaves nothing in the record that stays loaded, where no other turn of its commit wrote it', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: 'x' })
    await expect(
      replica.transact(async (tx) => {
        await tx.edit('work_orders/x', put('leaked'))
        throw new Error('changed its mind')
      }),
    ).rejects.toThrow('changed its mind')
    await replica.workOrders.update('x', (draft) => {
      draft.notes = 'later'
    })
    expect(await replica.workOrders.get('x')).toMatchObject({ title: 't', notes: 'later' })
  })

  test('gives its sequences to the next one', async () => {
    const { replica } = await open()
    const before = replica.head
    await settled(
      replica.transact(async (tx) => {
        await tx.edit('work_orders/x', put('lost'))
        throw new Error('no')
      }),
      replica.workOrders.create(order, { id: 'y' }),
    )
    const entries = await replica.session.readLog(before, everything)
    expect(entries.map(({ seq, record }) => [seq, record])).toEqual([[before + 1, 'work_orders/y']])
  })

  test('W-10: an edit that is refused leaves nothing, and the turn may go on without it', async () => {
    const { replica, disk } = await open()
    await replica.workOrders.create({ ...order, tags: ['a'] }, { id: 'x' })
    const tooLong = [{ op: 'text' as const, path: ['notes'], value: 'x'.repeat(50_001) }]
    const outOfReach = [{ op: 'text' as const, path: ['parts', 'k'.repeat(1025), 'note'], value: 'x' }]
    const refused: unknown[] = []
    await replica.transact(async (tx) => {
      await tx.edit('work_orders/x', put('kept'))
      for (const key of ['x', 'new'])
        for (const edits of [tooLong, outOfReach])
          await tx.edit(`work_orders/${key}`, edits).catch((error) => refused.push(error.code))
      await tx.edit('work_orders/x', [{ op: 'increment', path: ['hours'], by: 2 }])
    })
    expect(refused).toEqual(['too-many-operations', 'key-too-long', 'too-many-operations', 'key-too-long'])
    expect(await replica.workOrders.get('x')).toEqual({
      ...order,
      id: 'x',
      title: 'kept',
      tags: ['a'],
      hours: 2,
    })
    expect(await replica.workOrders.get('new')).toBeUndefined()
    await expectStored(replica, { disk, seed: 2 })
  })
})

interface Refused {
  hub: Orders
  ana: Opened
  /** What of Ana's disk fails. */
  fails: { commit: boolean; scan?: string; get?: string }
  grant(): Promise<unknown>
  /** The hub says that it refused the order. */
  answer(): Promise<void>
}

/** Ana's new order is to go once the hub has answered, which refuses it. */
async function refusedAndLeaving(): Promise<Refused> {
  const fails: Refused['fails'] = { commit: false }
  const failed = () => Promise.reject(new StoreError('io', 'the disk failed'))
  const between = (store: Store): Store => ({
    ...store,
    commit: (batch) => (fails.commit ? failed() : store.commit(batch)),
    scan: (table, range) => (table === fails.scan ? failed() : store.scan(table, range)),
    get: (table, key) => (table === fails.get ? failed() : store.get(table, key)),
  })
  const { replica: hub } = await openHub()
  const ana = await open({ seed: 1, grant: {}, between })
  const grant = () => ana.replica.setCredential(plainToken(ana.replica.publicKey, {}))
  await ana.replica.workOrders.create({ ...order, site: 'PDX' }, { id: 'x' })
  await grant()
  const refusals = await tell(ana.replica, hub)
  expect(refusals).toMatchObject([{ code: 'channel-not-granted' }])
  const { head, session } = ana.replica
  return { hub, ana, fails, grant, answer: () => session.acknowledged(peerOf(hub), head, refusals, hub.head) }
}

describe('W-2, W-3: a record that was given up, and opened again, in a turn that failed', () => {
  test.each(['commit', 'turn'])('is as it was, where the %s failed', async (which) => {
    const { ana, fails, grant, answer } = await refusedAndLeaving()
    const { replica, events } = ana
    if (which === 'commit') fails.commit = true
    else fails.scan = 'leaving'
    await expect(answer()).rejects.toMatchObject({ code: 'io' })
    fails.commit = false
    delete fails.scan
    expect(events.map(({ code }) => code)).not.toContain('set-aside')
    await grant()
    expect(await replica.workOrders.get('x')).toMatchObject({ site: 'PDX' })
    expect(await replica.entriesOf('work_orders/x')).toHaveLength(1)
    await answer()
    expect(events.map(({ code }) => code)).toContain('set-aside')
    expect(await replica.aside()).toMatchObject([{ record: 'work_orders/x', edits: [{}, {}, {}] }])
    await expect(replica.workOrders.saved('x', 'hub')).rejects.toMatchObject({ name: 'SaveRefused' })
  })

  test('is what an earlier turn of the commit had made of it', async () => {
    const { hub, ana, fails } = await refusedAndLeaving()
    const { replica, disk } = ana
    await hub.workOrders.create(order, { id: 'y' })
    await pull(hub, replica)
    for (const title of ['first', 'second'])
      await hub.workOrders.update('y', (draft) => {
        draft.title = title
      })
    const want = await replica.session.want(peerOf(hub))
    const told = (await hub.entriesOf('work_orders/y')).map(({ seq, bytes }) => ({
      kind: 'entry' as const,
      seq,
      bytes,
    }))
    const leave = { kind: 'leave' as const, record: 'work_orders/y', channel: 'site:SEA', seq: hub.head + 1 }
    fails.get = 'identity'
    const results = await settled(
      replica.session.deliver({ ...deliveryOf(hub, told.slice(0, 2), want), position: undefined }),
      replica.session.deliver(deliveryOf(hub, [...told.slice(2), leave], want)),
    )
    delete fails.get
    expect(results).toEqual(['fulfilled', 'rejected'])
    expect(await replica.workOrders.get('y')).toMatchObject({ title: 'first' })
    await expectStored(replica, { disk, seed: 2 })
  })
})

describe('W-3: a commit that the store refuses', () => {
  test('rejects all its turns, keeps nothing of them, and the replica goes on from what is stored', async () => {
    let full = false
    const { replica, disk } = await open({
      beforeCommit: () => {
        if (full) throw new StoreError('full', 'commit: the disk is full')
      },
    })
    const told: Commit[] = []
    replica.onCommit((commit) => told.push(commit))
    await replica.workOrders.create({ ...order, notes: 'a' }, { id: 'x' })
    const head = replica.head
    full = true
    const edit = (text: string) =>
      replica.workOrders.update('x', (draft) => {
        draft.notes += text
      })
    const results = await Promise.allSettled([
      edit('b'),
      edit('c'),
      replica.workOrders.create(order, { id: 'y' }),
    ])
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'full' } })
    expect([replica.head, told.length]).toEqual([head, 1])
    expect(await replica.workOrders.get('x')).toMatchObject({ notes: 'a' })
    full = false
    await edit('d')
    expect(await replica.workOrders.get('x')).toMatchObject({ notes: 'ad' })
    expect(await replica.workOrders.get('y')).toBeUndefined()
    expect(await replica.workOrders.history('x')).toHaveLength(2)
    await expectStored(replica, { disk, seed: 2 })
  })

  test('when a failed turn cannot even be undone, its commit is refused, and the next one is not', async () => {
    const { replica, disk } = await open()
    await replica.workOrders.create(order, { id: 'x' })
    const results = settled(
      replica.workOrders.update('x', (draft) => {
        draft.title = 'lost as well'
      }),
      replica.transact(async (tx) => {
        await tx.edit('work_orders/x', put('lost'))
        disk.crash()
        throw new Error('no')
      }),
    )
    expect(await results).toEqual(['rejected', 'rejected'])
    await expect(replica.workOrders.create(order)).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('W-4: listeners', () => {
  test('hear after the bytes are durable, in order, before the promise resolves', async () => {
    const heard: string[] = []
    let release: () => void = () => undefined
    const { replica } = await open({
      beforeCommit: async () => {
        await new Promise<void>((resolve) => {
          release = resolve
          queueMicrotask(resolve)
        })
        heard.push('durable')
      },
    })
    heard.length = 0
    replica.onCommit(() => heard.push('told'))
    replica.onCommit(() => heard.push('told second'))
    await replica.workOrders.create(order).then(() => heard.push('resolved'))
    release()
    expect(heard).toEqual(['durable', 'told', 'told second', 'resolved'])
  })

  test('one that throws is reported; the edit is durable, its promise resolves, the others are told', async () => {
    const { replica, events } = await open()
    const told: number[] = []
    replica.onCommit(() => {
      throw new Error('a bug of the app')
    })
    replica.onCommit(({ head }) => told.push(head))
    await replica.workOrders.create(order, { id: 'x' })
    expect(told).toEqual([replica.head])
    expect(events).toMatchObject([{ level: 'error', code: 'listener-failed', message: /a bug of the app/ }])
    expect(await replica.workOrders.get('x')).toMatchObject(order)
  })

  test('one that is ended hears nothing more', async () => {
    const { replica } = await open()
    const heads: number[] = []
    const stop = replica.onCommit(({ head }) => heads.push(head))
    await replica.workOrders.create(order)
    stop()
    await replica.workOrders.create(order)
    expect(heads).toHaveLength(1)
  })

  test('nobody is told of a turn that decided nothing', async () => {
    const { replica } = await open()
    const heads: number[] = []
    replica.onCommit(({ head }) => heads.push(head))
    await replica.transact(async () => undefined)
    expect(heads).toEqual([])
  })

  test('are told the tables written and the channels in which something was added', async () => {
    const { replica } = await open()
    const told: Commit[] = []
    replica.onCommit((commit) => told.push(commit))
    await replica.workOrders.create(order, { id: 'x' })
    await replica.transact(async (tx) => tx.tables.put('t', 'k', encodeUtf8('v')))
    await replica.workOrders.update('x', (draft) => {
      draft.site = 'PDX'
    })
    expect(told.map(({ tables, channels }) => [[...tables], [...channels].sort()])).toEqual([
      [[], ['site:SEA']],
      [['x:t'], []],
      [[], ['site:PDX', 'site:SEA']],
    ])
  })
})

describe('W-5: closing', () => {
  test('waits for the turns under way and refuses later ones', async () => {
    const { replica, disk } = await open()
    const writing = replica.workOrders.create(order, { id: 'x' })
    const closing = replica.close()
    await expect(replica.workOrders.create(order)).rejects.toThrow(ReplicaClosed)
    await closing
    expect(await writing).toMatchObject(order)
    const again = await open({ disk, seed: 2 })
    expect(await again.replica.workOrders.get('x')).toMatchObject(order)
  })
})

describe('W-6: ceilings', () => {
  test('a commit is closed after so many turns, and the rest go into the next', async () => {
    const { replica } = await open()
    const heads = new Set<number>()
    replica.onCommit(({ head }) => heads.add(head))
    await Promise.all(
      Array.from({ length: 513 }, (_, i) =>
        replica.transact(async (tx) => tx.tables.put('t', `${i}`, encodeUtf8('v'))),
      ),
    )
    let commits = 0
    replica.onCommit(() => void commits++)
    await Promise.all(
      Array.from({ length: 513 }, (_, i) =>
        replica.transact(async (tx) => tx.tables.put('t', `${i}`, encodeUtf8('w'))),
      ),
    )
    expect(commits).toBe(2)
  })

  test('W-9: no more records are kept loaded than allowed', async () => {
    const { replica } = await open({ cachedRecordsMax: 3 })
    for (let i = 0; i < 8; i++) await replica.workOrders.create(order, { id: `${i}` })
    expect((await replica.stats()).cachedRecords).toBe(3)
    for (let i = 0; i < 8; i++)
      await replica.workOrders.update(`${i}`, (draft) => {
        draft.title = `${i}`
      })
    expect((await replica.workOrders.all()).map(({ title }) => title)).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
    ])
  })
})

describe('W-8: tables', () => {
  const write = (key: string, value?: string) => (tx: Parameters<Parameters<Orders['transact']>[0]>[0]) =>
    tx.tables.put('t', key, value === undefined ? undefined : encodeUtf8(value))

  test('read what this and earlier turns of the commit decided', async () => {
    const { replica } = await open()
    await replica.transact(async (tx) => ['a', 'b', 'c', 'd', 'e'].forEach((key) => void write(key, key)(tx)))
    const pages: string[][] = []
    await Promise.all([
      replica.transact(async (tx) => {
        write('b')(tx)
        write('bb', 'x')(tx)
      }),
      replica.transact(async (tx) => {
        write('c')(tx)
        write('z', 'x')(tx)
        expect([await tx.tables.get('t', 'b'), await tx.tables.get('t', 'c')]).toEqual([undefined, undefined])
        expect(await tx.tables.get('t', 'bb')).toEqual(encodeUtf8('x'))
        let after: string | undefined
        for (;;) {
          const range = { limit: 2, ...(after === undefined ? {} : { after }) }
          const page = await tx.tables.scan('t', range)
          pages.push(page.map((row) => row.key))
          if (page.length < 2) break
          after = page.at(-1)!.key
        }
        const some = await tx.tables.scan('t', { prefix: 'b', limit: 10 })
        expect(some.map((row) => row.key)).toEqual(['bb'])
      }),
    ])
    expect(pages).toEqual([['a', 'bb'], ['d', 'e'], ['z']])
  })
})
