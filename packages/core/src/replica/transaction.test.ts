import { beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { decodeChanges, decodeEntry } from '../log/entry.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import type { Import, Imported } from './import-row.ts'
import { addReceipt, importRow } from './import-row.ts'
import { everything, type Orders, open, openEdge, openHub, order, pull, push } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const KEY = 'work_orders/1'
const row = { ...order, notes: 'from the crm', parts: [{ sku: 'a', qty: 1 }], address: { city: 'x' } }
const first: Import = { system: 'crm', externalId: '42', externalVersion: '1', fork: undefined, value: row }
const adapter = { subject: 'adapter:crm', systems: ['crm'], read: ['*'], write: ['*'] }

const importing = (replica: Orders, from: Import): Promise<Imported> =>
  replica.transact((tx) => importRow(tx, KEY, from))

/** The changes of all entries of the record, as they are in the log. */
async function changesOf(replica: Orders): Promise<string[][]> {
  const entries = await replica.entriesOf(KEY)
  return entries.map((entry) =>
    decodeChanges(decodeEntry(entry.bytes).body).map((bytes) => Buffer.from(bytes).toString('hex')),
  )
}

describe('W-16: an import', () => {
  test('is the same bytes wherever and whenever it is made', async () => {
    const left = await openEdge(1, adapter)
    const { replica: right, host } = await open({ seed: 2, grant: adapter })
    host.clock += 1_000_000
    await importing(left, first)
    await importing(right, first)
    expect(await changesOf(left)).toEqual(await changesOf(right))
    expect(await left.workOrders.get('1')).toEqual({ ...row, id: '1' })
    // So the second is known where the first is.
    const { replica: hub } = await openHub()
    expect(await push(left, hub)).toEqual([])
    const entries = (await hub.stats()).entries
    expect(await push(right, hub)).toEqual([])
    expect((await hub.stats()).entries).toBe(entries)
    expect(await hub.workOrders.get('1')).toEqual({ ...row, id: '1' })
  })

  test('again is nothing, and gives the same agreed state', async () => {
    const { replica } = await open({ grant: adapter })
    const made = await importing(replica, first)
    const entries = await changesOf(replica)
    const again = await importing(replica, first)
    expect(await changesOf(replica)).toEqual(entries)
    expect(again).toEqual(made)
    expect(made).toMatchObject({ key: KEY, value: row, deleted: false, incarnation: 0 })
    expect(made.heads).toEqual(made.agreed.heads)
    expect(Object.keys(made.seqs)).toHaveLength(1)
  })

  test('a fork that was not kept is made again of the history, byte for byte', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    const kept = await replica.transact((tx) => tx.save(KEY))
    const before = await replica.workOrders.get('1')
    await replica.workOrders.update('1', (o) => {
      o.notes = 'later'
    })
    const again = await replica.transact((tx) => tx.savedAt(KEY, agreed.heads))
    expect({ id: '1', ...again!.content }).toEqual(before)
    const next: Import = { ...first, externalVersion: '2', value: { ...row, title: 'theirs' } }
    const other = await open({ seed: 2, grant: adapter })
    await importing(other.replica, first)
    await importing(other.replica, { ...next, fork: { document: kept.document, heads: agreed.heads } })
    await importing(replica, { ...next, fork: { document: again!.document, heads: agreed.heads } })
    expect((await changesOf(replica)).at(-1)).toEqual((await changesOf(other.replica)).at(-1))
    expect(await replica.transact((tx) => tx.savedAt(KEY, ['00'.repeat(32)]))).toBeUndefined()
    expect(await replica.transact((tx) => tx.savedAt(KEY, []))).toBeUndefined()
    expect(await replica.transact((tx) => tx.savedAt('work_orders/none', agreed.heads))).toBeUndefined()
  })

  test('at the shadow merges three ways', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    await replica.workOrders.update('1', (o) => {
      o.title = 'ours'
      o.notes = 'Mostly from the crm'
      o.parts!.push({ sku: 'b', qty: 2 })
    })
    const second = await importing(replica, {
      ...first,
      externalVersion: '2',
      fork: agreed,
      value: { ...row, status: 'done', notes: 'from the crm!', parts: [{ sku: 'a', qty: 9 }] },
    })
    expect(second.value).toEqual({
      ...row,
      title: 'ours',
      status: 'done',
      notes: 'Mostly from the crm!',
      parts: [
        { sku: 'a', qty: 9 },
        { sku: 'b', qty: 2 },
      ],
    })
    // The new shadow says what the external system says, and the next import builds on it.
    const third = await importing(replica, {
      ...first,
      externalVersion: '3',
      fork: second.agreed,
      value: { ...row, hours: 4 },
    })
    expect(third.value).toMatchObject({ title: 'ours', status: 'open', hours: 4 })
    expect(third.agreed.heads).not.toEqual(third.heads)
  })

  test('both sides changed the same field: both values are kept', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    await replica.workOrders.update('1', (o) => {
      o.title = 'ours'
    })
    await importing(replica, {
      ...first,
      externalVersion: '2',
      fork: agreed,
      value: { ...row, title: 'theirs' },
    })
    const [conflict] = await replica.workOrders.concurrent('1')
    expect(conflict?.values.map(({ value }) => value).sort()).toEqual(['ours', 'theirs'])
  })

  test('of another version, system or state is another change', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    const next = { ...first, fork: agreed, value: { ...row, title: 'x' } }
    for (const over of [
      { externalVersion: '2' },
      { externalVersion: '3' },
      { system: 'erp' },
      { externalId: '43' },
      // Two nodes with other mappings read one row in two ways.
      { externalVersion: '2', value: { ...row, title: 'y' } },
    ])
      await importing(replica, { ...next, ...over })
    expect(await changesOf(replica)).toHaveLength(6)
    expect(new Set((await replica.workOrders.history('1')).map(({ actor }) => actor)).size).toBe(6)
    // The order in which somebody named the fields says nothing.
    const { title, ...others } = next.value
    await importing(replica, { ...next, externalVersion: '2', value: { title, ...others } })
    expect(await changesOf(replica)).toHaveLength(6)
  })

  test('of the same version at another shadow is another change', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    const second = { ...first, externalVersion: '2' }
    await importing(replica, { ...second, fork: agreed, value: { ...row, title: 'x' } })
    const fork = await replica.transact((tx) => tx.save(KEY))
    const { value } = await importing(replica, { ...second, fork, value: { ...row, title: 'y' } })
    expect(value).toMatchObject({ title: 'y' })
  })

  test('has the row’s time, in whole seconds; a row without one, or with one that no clock tells, is timeless', async () => {
    const times = async (time: number | undefined) => {
      const { replica } = await open({ grant: adapter })
      await importing(replica, { ...first, time })
      return (await replica.workOrders.history('1')).map((item) => item.time)
    }
    expect(await times(1_700_000_000_999)).toEqual([1_700_000_000_000])
    expect(await times(253_402_300_799_000)).toEqual([253_402_300_799_000])
    for (const none of [undefined, -5, 253_402_300_800_000, Number.NaN])
      expect(await times(none)).toEqual([0])
    // The time is part of the bytes, and so of the actor.
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    const next = { ...first, externalVersion: '2', fork: agreed, value: { ...row, title: 'x' } }
    for (const time of [1_000, 2_000]) await importing(replica, { ...next, time })
    expect(new Set((await replica.workOrders.history('1')).map(({ actor }) => actor)).size).toBe(3)
  })

  test('tells which system gave a value, also beside others that were written without knowing of it', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed } = await importing(replica, first)
    const givers = (field: string) =>
      replica.transact(async (tx) =>
        (await tx.written(KEY, field)).map(({ value, actor }) => [
          value,
          tx.importedFrom(actor, ['erp', 'crm'])?.system ?? 'here',
        ]),
      )
    expect(await givers('title')).toEqual([['t', 'crm']])
    await replica.workOrders.update('1', (o) => {
      o.status = 'done'
    })
    expect(await givers('title')).toEqual([['t', 'crm']])
    expect(await givers('status')).toEqual([['done', 'here']])
    const erp = { ...first, system: 'erp', fork: agreed, value: { ...row, status: 'en_route' as const } }
    await importing(replica, erp)
    expect((await givers('status')).sort()).toEqual([
      ['done', 'here'],
      ['en_route', 'erp'],
    ])
    const [shown] = await givers('status')
    expect((await replica.workOrders.get('1'))?.status).toBe(shown![0])
    // What merges has no one giver, and what is absent none.
    for (const field of ['notes', 'parts', 'none', 'tags']) expect(await givers(field)).toEqual([])
    expect(await replica.transact((tx) => tx.written('work_orders/none', 'title'))).toEqual([])
  })

  test('of what a rule made is told apart from what the row says; history says what came since, and what was said then', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed, heads } = await importing(replica, first)
    await replica.workOrders.update('1', (o) => {
      o.title = 'ours'
    })
    await importing(replica, {
      ...first,
      externalVersion: '2',
      fork: agreed,
      value: { ...row, title: 'theirs' },
    })
    const fork = await replica.transact((tx) => tx.save(KEY))
    await importing(replica, {
      ...first,
      externalVersion: '2',
      fork,
      value: { ...row, title: 'both' },
      decided: true,
    })
    const since = await replica.transact((tx) => tx.history(KEY, heads))
    const said = await replica.transact((tx) =>
      Promise.all(
        since.map(async ({ actor, hash }) => [
          tx.importedFrom(actor, ['crm'])?.decided,
          (await tx.valueAt(KEY, hash))?.['title'],
        ]),
      ),
    )
    expect(said.sort()).toEqual([
      [undefined, 'ours'],
      [false, 'theirs'],
      [true, 'both'],
    ])
    expect(await replica.transact((tx) => tx.history(KEY, ['00'.repeat(32)]))).toHaveLength(4)
    await replica.workOrders.delete('1')
    const [gone] = (await replica.workOrders.history('1')).slice(-1)
    expect(await replica.transact((tx) => tx.valueAt(KEY, gone!.hash))).toBeUndefined()
  })

  test('of an empty row makes a record; a deleted one is deleted, and comes back', async () => {
    const { replica } = await open({ grant: adapter })
    const { agreed, value } = await importing(replica, { ...first, value: {} })
    expect(value).toEqual({})
    const gone = await importing(replica, {
      ...first,
      externalVersion: '2',
      fork: agreed,
      value: {},
      deleted: true,
    })
    expect(gone).toMatchObject({ value: undefined, deleted: true, content: {} })
    expect(await replica.workOrders.get('1')).toBeUndefined()
    const back = await importing(replica, {
      ...first,
      externalVersion: '3',
      fork: gone.agreed,
      value: row,
      deleted: false,
    })
    expect(back).toMatchObject({ value: row, deleted: false })
  })

  test('into a collection that is not here is refused', async () => {
    const { replica } = await open({ grant: adapter })
    await expect(replica.transact((tx) => importRow(tx, 'invoices/1', first))).rejects.toThrow(
      /no such collection/,
    )
    await expect(replica.transact((tx) => tx.assign('invoices/1', {}))).rejects.toThrow(/no such collection/)
  })

  test('saves nobody an edit: what was imported here is nothing to wait for', async () => {
    const { replica } = await open({ grant: adapter })
    await importing(replica, first)
    await replica.workOrders.saved('1', 'crm')
  })
})

describe('W-15: a transaction', () => {
  test('writes records, receipts, tables, a position and entries of other kinds as one append', async () => {
    let commits = 0
    const { replica } = await open({ grant: adapter, beforeCommit: () => void commits++ })
    const before = commits
    const seq = await replica.transact(async (tx) => {
      await tx.assign(KEY, row)
      const { seqs } = await tx.assign(KEY, { ...row, title: 'x' })
      await addReceipt(tx, { record: KEY, place: 'crm', outcome: 'saved', seqs: { ...seqs }, at: 1 })
      tx.tables.put('shadow', 'k', encodeUtf8('v'))
      return tx.append('segment', '@streams/a', encodeUtf8('body'), ['site:SEA'])
    })
    expect(commits).toBe(before + 1)
    expect(await replica.workOrders.get('1')).toMatchObject({ title: 'x' })
    expect(await replica.workOrders.receipts('1')).toHaveLength(1)
    expect(await replica.table('shadow', 'k')).toEqual(encodeUtf8('v'))
    expect(await replica.tableRows('shadow', { limit: 5 })).toHaveLength(1)
    expect(await replica.readEntries([seq])).toMatchObject([{ kind: 'segment', record: '@streams/a' }])
  })

  test('shows a record as it is, and as it was when it was deleted', async () => {
    const { replica } = await open({ grant: adapter })
    const look = () => replica.transact((tx) => tx.record(KEY))
    expect(await look()).toEqual({
      key: KEY,
      value: undefined,
      deleted: false,
      content: {},
      heads: [],
      seqs: {},
      incarnation: 0,
      isQuarantined: false,
    })
    await replica.workOrders.create(order, { id: '1' })
    expect(await look()).toMatchObject({ value: order, deleted: false, content: order })
    await replica.workOrders.delete('1')
    expect(await look()).toMatchObject({ value: undefined, deleted: true, content: order })
    expect(await replica.transact((tx) => tx.history(KEY))).toHaveLength(2)
    expect(await replica.transact((tx) => tx.history('work_orders/none'))).toEqual([])
  })

  test('a saved document with its heads is what an import forks from', async () => {
    const { replica } = await open({ grant: adapter })
    await replica.workOrders.create(row, { id: '1' })
    const fork = await replica.transact((tx) => tx.save(KEY))
    const imported = await importing(replica, { ...first, fork, value: { ...row, hours: 3 } })
    expect(imported.value).toMatchObject({ ...row, hours: 3 })
  })

  test('a stream enters its channel once, below its first entry', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1)
    const append = (body: string, channels: string[]) =>
      hub.transact((tx) => tx.append('segment', '@streams/a', encodeUtf8(body), channels))
    await append('1', ['site:SEA'])
    await append('2', ['site:SEA', 'site:PDX'])
    const page = await hub.session.readChannels(new Map([['site:SEA', 0]]), everything)
    expect(page.items.map((item) => item.kind)).toEqual(['enter', 'entry', 'entry'])
    await pull(hub, ana)
  })
})

describe('W-17: a follower', () => {
  const advance = (replica: Orders, seq: number) =>
    replica.transact(async (tx) => replica.follower('f').advance(tx, seq))

  test('reads from its position, which moves with what was made of it', async () => {
    const { replica, disk } = await open({ grant: adapter })
    const follower = replica.follower('f')
    expect(await follower.position()).toBe(0)
    await replica.workOrders.create(order, { id: '1' })
    await replica.workOrders.create(order, { id: '2' })
    const entries = await follower.read(await follower.position(), everything)
    await advance(replica, entries[0]!.seq)
    expect(await follower.read(await follower.position(), everything)).toEqual(entries.slice(1))
    await replica
      .transact(async (tx) => {
        follower.advance(tx, entries[1]!.seq)
        throw new Error('no')
      })
      .catch(() => undefined)
    expect(await follower.position()).toBe(entries[0]!.seq)
    await replica.close()
    const { replica: again } = await open({ disk, seed: 2 })
    expect(await again.follower('f').position()).toBe(entries[0]!.seq)
    expect(await again.follower('other').position()).toBe(0)
  })

  test('is called when there is more', async () => {
    const { replica } = await open()
    const heads: number[] = []
    const stop = replica.follower('f').onMore((head) => heads.push(head))
    await replica.workOrders.create(order)
    stop()
    await replica.workOrders.create(order)
    expect(heads).toHaveLength(1)
  })

  test('of a restored store goes on from the position in it; one beyond what the log has is not believed', async () => {
    const disk = new MemoryDisk()
    const { replica } = await open({ disk })
    await replica.workOrders.create(order, { id: '1' })
    await advance(replica, replica.head)
    const backup = disk.clone()
    await replica.workOrders.create(order, { id: '2' })
    await advance(replica, replica.head)
    await replica.close()
    const { replica: restored } = await open({ disk: backup, seed: 2 })
    const position = await restored.follower('f').position()
    expect(position).toBe(restored.head)
    await restored.workOrders.create(order, { id: '3' })
    expect((await restored.follower('f').read(position, everything)).map(({ record }) => record)).toEqual([
      'work_orders/3',
    ])
    await advance(restored, restored.head + 1)
    expect(await restored.follower('f').position()).toBe(0)
  })

  test('a position of a run that does not own it is not believed', async () => {
    const disk = new MemoryDisk()
    const { replica } = await open({ disk })
    await replica.workOrders.create(order, { id: '1' })
    const backup = disk.clone()
    await replica.close()
    const { replica: restored } = await open({ disk: backup, seed: 2 })
    await restored.workOrders.create(order, { id: '2' })
    // As it stands in the original, which is not this log's past.
    const foreign = JSON.stringify({ run: replica.session.runs.at(-1)!.run, seq: restored.head })
    await restored.transact(async (tx) => tx.tables.put('followers', 'f', encodeUtf8(foreign)))
    expect(await restored.follower('f').position()).toBe(0)
  })
})
