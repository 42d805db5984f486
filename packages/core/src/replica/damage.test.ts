/** Entries that cannot be read back: their record alone is set aside, and whoever has what is lacking brings it back, told from a peer or read from the disk after all. */
import { beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import {
  damagedHub,
  frontierAfter,
  isQuarantined,
  KEY,
  movedWhereRefused,
  retitle,
  Space,
  seqsOf,
  setUp,
} from './damage.test-support.ts'
import { importRow } from './import-row.ts'
import { turn } from './mesh.test-support.ts'
import { everything, type Orders, order, peerOf, pull, tell } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import type { Transaction } from './transaction.ts'

beforeAll(startEngine)

describe('DM-1: an entry that cannot be read back', () => {
  test('fault S3: sets its record aside when it is read, durably and alone, before anything else of that read is used', async () => {
    const { space, disk, hub, rot } = await damagedHub()
    expect(hub.quarantined).toEqual([])
    const told = await hub.session.readChannels(new Map([['site:SEA', 0]]), everything)
    expect(told.items.map(({ kind, seq }) => [kind, seq])).toHaveLength(1)
    expect(told.items[0]).toMatchObject({ kind: 'enter', record: 'work_orders/2' })
    expect(hub.quarantined).toMatchObject([{ record: KEY, code: 'damaged' }])
    expect(space.codes('hub').filter((code) => code === 'record-quarantined')).toHaveLength(1)
    const again = await space.restarted(hub, disk, 'hub')
    expect(again.quarantined).toMatchObject([{ record: KEY, code: 'damaged' }])
    expect(rot.entries.size).toBe(1)
    await retitle(again, 'goes on', '2')
    expect(await again.workOrders.get('2')).toMatchObject({ title: 'goes on' })
  })

  test('is found by every way to read it', async () => {
    const reads: ((hub: Orders) => Promise<unknown>)[] = [
      (hub) => hub.entriesOf(KEY),
      (hub) => hub.session.readLog(0, everything, undefined as never),
      (hub) => hub.follower('f').read(0, everything),
      (hub) => hub.upkeep(),
      (hub) => hub.workOrders.history('1').catch(() => undefined),
      (hub) => retitle(hub, 'x').catch(() => undefined),
    ]
    for (const read of reads) {
      const { hub } = await damagedHub()
      await read(hub)
      expect(hub.quarantined, String(read)).toMatchObject([{ record: KEY, code: 'damaged' }])
      await hub.close()
    }
  })

  test('that is gone without a word is found when its record is loaded: it comes to other heads than its row says', async () => {
    const { space, disk, hub } = await setUp()
    const [, second] = await seqsOf(hub)
    await hub.close()
    const store = memoryStore({ disk })
    await store.open('ab'.repeat(16))
    await store.commit({
      entries: [],
      marks: [],
      records: [],
      replaced: [],
      removed: [second!],
      forgotten: [],
      tables: [],
    })
    await store.close()
    const again = await space.openAgain('hub', disk, 'hub')
    await expect(retitle(again, 'x')).rejects.toMatchObject({ code: 'record-quarantined' })
    expect(again.quarantined).toMatchObject([{ record: KEY, code: 'damaged' }])
  })
})

describe('DM-2: a damaged record', () => {
  test('is seen by queries as it was, and cannot be edited', async () => {
    const { hub } = await damagedHub()
    await hub.upkeep()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' })
    expect(await hub.workOrders.where({ site: 'SEA' }).all()).toHaveLength(2)
    await expect(retitle(hub, 'x')).rejects.toMatchObject({
      name: 'RecordQuarantined',
      message: expect.stringContaining('peers are asked'),
    })
    await expect(hub.workOrders.create(order, { id: '1' })).rejects.toThrow()
  })

  test('that was loaded before takes nothing in either: what a bridge would read or write of it is refused', async () => {
    const { hub, rot } = await setUp()
    await retitle(hub, 'in memory')
    const { agreed } = await hub.transact(async (tx) => ({ agreed: await tx.save(KEY) }))
    const [first] = await seqsOf(hub)
    rot.entries.add(first!)
    await hub.entriesOf(KEY)
    const row = { system: 'crm', externalId: '1', externalVersion: '2', fork: agreed, value: order }
    const works: ((tx: Transaction) => Promise<unknown>)[] = [
      (tx) => importRow(tx, KEY, row),
      (tx) => tx.assign(KEY, order),
      (tx) => tx.edit(KEY, [{ op: 'put', path: ['title'], value: 'x' }]),
      (tx) => tx.save(KEY),
      (tx) => tx.history(KEY),
      (tx) => tx.valueAt(KEY, agreed.heads[0]!),
      (tx) => tx.written(KEY, 'title'),
    ]
    const before = await seqsOf(hub)
    for (const work of works)
      await expect(hub.transact(work), String(work)).rejects.toMatchObject({ name: 'RecordQuarantined' })
    expect(await seqsOf(hub)).toEqual(before)
    const state = await hub.transact((tx) => tx.record(KEY))
    expect(state).toMatchObject({ isQuarantined: true, value: { title: 'in memory' }, heads: agreed.heads })
  })

  test('made whole takes in what comes with the same commit', async () => {
    const { hub, rot } = await damagedHub()
    await hub.entriesOf(KEY)
    rot.entries.clear()
    const row = {
      system: 'crm',
      externalId: '1',
      externalVersion: '2',
      fork: undefined,
      value: { ...order, title: 'of the crm' },
    }
    const both = [hub.release(KEY), hub.transact((tx) => importRow(tx, KEY, row))] as const
    const [quarantined, imported] = await Promise.all(both)
    expect(quarantined).toBeUndefined()
    expect(imported.heads).toHaveLength(2)
  })

  test('is told to nobody, while everything else is: entries, the marks it enters by, its view, what followers read', async () => {
    const { space, hub } = await damagedHub()
    await hub.entriesOf(KEY)
    const ben = await space.edge('ben')
    const joined = await space.meet(hub, ben)
    expect(joined.initiator.current).toBe(true)
    expect((await ben.workOrders.all()).map(({ title }) => title)).toEqual(['other'])
    expect(await ben.entriesOf(KEY)).toEqual([])
    await retitle(hub, 'edited', '2')
    await space.settle()
    expect(await ben.workOrders.get('2')).toMatchObject({ title: 'edited' })
    const followed = await hub.follower('f').read(0, everything)
    expect(followed.filter(({ record }) => record === KEY)).toEqual([])
    expect(followed.length).toBeGreaterThan(0)
    expect((await hub.session.readViews('site:SEA', 0, new Set())).views).toMatchObject([
      { record: 'work_orders/2' },
    ])
  })

  test('is not told in part to a reader who stands in the middle of it', async () => {
    const { space, hub, ana, rot } = await setUp()
    await retitle(ana, 'live')
    await space.settle()
    await space.hangUp()
    const [first, , , live] = await seqsOf(hub)
    const told = async () => {
      const page = await hub.session.readChannels(new Map([['site:SEA', live! - 1]]), everything)
      return page.items.map(({ seq }) => seq)
    }
    expect(await told()).toEqual([live])
    rot.entries.add(first!)
    await hub.entriesOf(KEY)
    expect(await told()).toEqual([])
  })

  test('of an edge is told to the authority as far as it can be read, so that own edits arrive', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ana = await space.edge('ana', ['SEA'], {}, disk)
    await ana.workOrders.create(order, { id: '1' })
    await retitle(ana, 'second')
    await space.meet(hub, ana)
    await space.hangUp()
    await retitle(ana, 'offline')
    const [first] = await seqsOf(ana)
    space.rotOf(disk).entries.add(first!)
    const again = await space.restarted(ana, disk, 'edge')
    await again.entriesOf(KEY)
    expect(isQuarantined(again)).toBe(true)
    const ben = await space.edge('ben')
    expect(await again.session.readLog(0, everything, peerOf(ben))).toEqual([])
    expect(await again.session.readLog(0, everything, peerOf(hub))).toHaveLength(2)
    await space.meet(hub, again)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'offline' })
    await again.workOrders.saved('1', 'hub', { timeoutMs: 1 })
    expect(again.quarantined).toEqual([])
    const own = await seqsOf(again)
    expect(own).toHaveLength(3)
    expect(await frontierAfter(again, disk)).toMatchObject({ ownSeq: own.at(-1) })
  })
})

describe('DM-3, DM-4, DM-7: what is lacking', () => {
  test('fault S3: comes back to a hub from an edge that has it, and is told to others from then on', async () => {
    const { space, hub, ana } = await damagedHub()
    const ben = await space.edge('ben')
    await space.meet(hub, ben)
    expect(isQuarantined(hub)).toBe(true)
    const withAna = await space.meet(hub, ana)
    expect(hub.quarantined).toEqual([])
    expect(space.codes('hub')).toContain('record-healed')
    expect(await ben.workOrders.get('1')).toMatchObject({ title: 'third' })
    expect(await ben.workOrders.history('1')).toHaveLength(3)
    await retitle(ben, 'by ben')
    await space.settle()
    expect(await ana.workOrders.get('1')).toMatchObject({ title: 'by ben' })
    // Compared, and not told from the beginning: the record, once, and nothing of the other.
    expect(withAna.acceptor.counters.entriesIn).toBeLessThanOrEqual(3 + 1)
    expect(space.events.filter(({ code }) => code === 'entry-refused')).toEqual([])
  })

  test('comes back to a hub in a session that is open when it is found', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    const [, , third] = await seqsOf(hub)
    rot.entries.add(third!)
    await hub.entriesOf(KEY)
    expect(isQuarantined(hub)).toBe(true)
    await space.settle()
    expect(hub.quarantined).toEqual([])
    await retitle(ana, 'again')
    await space.settle()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'again' })
    await space.hangUp()
    const again = await space.restarted(hub, disk, 'hub')
    expect(await again.workOrders.history('1')).toHaveLength(4)
  })

  test('comes back to an edge from its hub, and from another edge', async () => {
    for (const from of ['hub', 'edge'] as const) {
      const space = new Space()
      const disk = new MemoryDisk()
      const hub = await space.hub()
      const ana = await space.edge('ana')
      const ben = await space.edge('ben', ['SEA'], {}, disk)
      await ana.workOrders.create(order, { id: '1' })
      await retitle(ana, 'second')
      await space.meet(hub, ana)
      await space.meet(hub, ben)
      await space.hangUp()
      const [first] = await seqsOf(ben)
      space.rotOf(disk).entries.add(first!)
      const again = await space.restarted(ben, disk, 'edge')
      await again.entriesOf(KEY)
      expect(isQuarantined(again)).toBe(true)
      await space.meet(from === 'hub' ? hub : ana, again)
      expect(again.quarantined, from).toEqual([])
      await retitle(again, 'whole')
      await space.settle()
      expect(await (from === 'hub' ? hub : ana).workOrders.get('1')).toMatchObject({ title: 'whole' })
      expect(await again.workOrders.history('1')).toHaveLength(3)
    }
  })

  test('comes back when every entry of the record is lost, also the one that made it', async () => {
    const { space, hub, ana, rot } = await damagedHub()
    for (const seq of await seqsOf(hub)) rot.entries.add(seq)
    expect(await hub.entriesOf(KEY)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' })
    await space.meet(hub, ana)
    expect(hub.quarantined).toEqual([])
    expect(await hub.workOrders.history('1')).toHaveLength(3)
  })

  test('is asked of who may read the record: others go on from their cursor', async () => {
    const { space, disk, hub, rot } = await setUp()
    const [ben, zoe] = [await space.edge('ben'), await space.edge('zoe', ['PDX'])]
    await ben.workOrders.create(order, { id: 'b' })
    await zoe.workOrders.create({ ...order, site: 'PDX' }, { id: 'z' })
    await space.meet(hub, ben)
    await space.meet(hub, zoe)
    await space.hangUp()
    const [first] = await seqsOf(hub)
    rot.entries.add(first!)
    const again = await space.restarted(hub, disk, 'hub')
    await again.entriesOf(KEY)
    const from = async (replica: Orders) => {
      const want = await again.session.want(peerOf(replica), { again: true })
      return want.kind === 'log' && want.cursor ? 'its cursor' : 'the beginning'
    }
    expect(await from(zoe)).toBe('its cursor')
    expect(await from(ben)).toBe('the beginning')
  })

  test('is asked again, in the same session too, when more is found', async () => {
    const { space, hub, ana, rot } = await damagedHub()
    await hub.entriesOf(KEY)
    await space.meet(hub, ana)
    expect(hub.quarantined).toEqual([])
    const [other] = await seqsOf(hub, 'work_orders/2')
    rot.entries.add(other!)
    await hub.entriesOf('work_orders/2')
    expect(hub.quarantined).toMatchObject([{ record: 'work_orders/2' }])
    await space.settle()
    expect(hub.quarantined).toEqual([])
    expect(await hub.workOrders.history('2')).toHaveLength(1)
  })

  test('asked for from the beginning, leaves what the hub had answered as it is: nothing waits for it again meanwhile', async () => {
    const { space, hub, ana, rot } = await setUp()
    const [joined] = space.links
    const [first] = await seqsOf(hub)
    rot.entries.add(first!)
    await hub.entriesOf(KEY)
    const waiting: number[] = []
    for (let quiet = 0; quiet < 4; ) {
      await turn()
      waiting.push((await ana.stats()).unacknowledged)
      quiet = joined!.link.flush(1) === 0 ? quiet + 1 : 0
    }
    expect(isQuarantined(hub)).toBe(false)
    expect(Math.max(...waiting)).toBe(0)
  })

  test('that nobody has is asked of each peer once, and its record stays as it is', async () => {
    const { space, hub, ana } = await damagedHub()
    await ana.close()
    await hub.entriesOf(KEY)
    const ben = await space.edge('ben')
    await space.meet(hub, ben)
    expect(isQuarantined(hub)).toBe(true)
    const peer = peerOf(ben)
    expect(await hub.session.mayHaveDamaged(peer)).toBe(false)
    // Restored from a backup it may have what it had not.
    const restored = { ...peer, runs: [...peer.runs, { run: 'ef'.repeat(16), first: 3 }] }
    expect(await hub.session.mayHaveDamaged(restored)).toBe(true)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' })
  })

  test('found, its record enters its channels anew: who reads it holds it by the hub’s word', async () => {
    const { space, hub, ana } = await damagedHub()
    const benDisk = new MemoryDisk()
    const ben = await space.edge('ben', ['SEA'], {}, benDisk)
    await space.meet(hub, ben)
    await space.meet(hub, ana)
    expect(await ben.workOrders.get('1')).toBeDefined()
    expect(await frontierAfter(ben, benDisk)).toMatchObject({ held: ['site:SEA'] })
    const newDisk = new MemoryDisk()
    const dan = await space.edge('dan', ['SEA'], {}, newDisk)
    await space.meet(hub, dan)
    expect(await dan.workOrders.get('1')).toMatchObject({ title: 'third' })
    expect(await frontierAfter(dan, newDisk)).toMatchObject({ held: ['site:SEA'] })
  })

  test('is not held by digests until it is whole: both sides say that it differs', async () => {
    const { space, hub, ana } = await damagedHub()
    const tree = { channel: 'site:SEA', kind: 'records' } as const
    expect((await hub.session.digests.kept.sum(tree, '')).count).toBe(2)
    await hub.entriesOf(KEY)
    await hub.session.digests.catchUp()
    expect((await hub.session.digests.kept.sum(tree, '')).count).toBe(1)
    expect((await hub.session.digests.stateOf(tree, KEY)).state).toBeUndefined()
    expect((await hub.session.digests.beyond(tree, KEY, undefined, 0)).entries).toEqual([])
    await space.meet(hub, ana)
    await hub.session.digests.catchUp()
    await ana.session.digests.catchUp()
    expect(await hub.session.digests.kept.sum(tree, '')).toEqual(await ana.session.digests.kept.sum(tree, ''))
  })
})

describe('DM-6: what is new of a damaged record', () => {
  test('waits on a hub, is not refused, and is let in when the record is whole', async () => {
    const { space, hub, ana } = await damagedHub()
    const ben = await space.edge('ben')
    // Ben has the record from Ana, and is the first to come.
    await space.meet(ana, ben)
    await space.hangUp()
    await retitle(ben, 'by ben')
    await hub.entriesOf(KEY)
    await space.meet(hub, ben)
    expect(hub.quarantined).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'by ben' })
    expect(await ben.aside()).toEqual([])
    await ben.workOrders.saved('1', 'hub', { timeoutMs: 1 })
    expect((await hub.stats()).parked).toBe(0)
  })

  test('waits on an edge that its hub tells it', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ben = await space.edge('ben', ['SEA'], {}, disk)
    await hub.workOrders.create(order, { id: '1' })
    await space.meet(hub, ben)
    await space.hangUp()
    await retitle(hub, 'meanwhile')
    const [first] = await seqsOf(ben)
    space.rotOf(disk).entries.add(first!)
    const again = await space.restarted(ben, disk, 'edge')
    await again.entriesOf(KEY)
    await space.meet(hub, again)
    expect(again.quarantined).toEqual([])
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'meanwhile' })
    expect((await again.stats()).parked).toBe(0)
  })

  test('waits also where the damage is found by the delivery that brings it, on a hub and on an edge', async () => {
    const { space, hub, ana } = await damagedHub()
    const ben = await space.edge('ben')
    await space.meet(ana, ben)
    await space.hangUp()
    for (const title of ['by ben', 'by ben again']) await retitle(ben, title)
    expect(await tell(ben, hub)).toEqual([])
    expect([isQuarantined(hub), (await hub.stats()).parked]).toEqual([true, 2])
    await space.meet(hub, ben)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'by ben again' })

    const disk = new MemoryDisk()
    const carl = await space.edge('carl', ['SEA'], {}, disk)
    await space.meet(hub, carl)
    await space.hangUp()
    for (const title of ['by the hub', 'by the hub again']) await retitle(hub, title)
    space.rotOf(disk).entries.add((await seqsOf(carl))[0]!)
    const again = await space.restarted(carl, disk, 'edge')
    expect(await pull(hub, again)).toEqual([])
    expect([isQuarantined(again), (await again.stats()).parked]).toEqual([true, 2])
    await space.meet(hub, again)
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'by the hub again' })
  })
})

describe('DM-8: damage of the moment', () => {
  test('P-2: is not said to be saved at the hub while what was refused of it waits to be told again', async () => {
    const { space, disk, hub, ana } = await movedWhereRefused()
    const [first] = await seqsOf(ana)
    space.rotOf(disk).entries.add(first!)
    const again = await space.restarted(ana, disk, 'edge')
    const saved = again.workOrders.saved('1', 'hub').catch((error: unknown) => error)
    await space.meet(hub, again)
    expect(space.codes('again')).toEqual(expect.arrayContaining(['record-quarantined', 'record-healed']))
    expect(await saved).toMatchObject({ name: 'SaveRefused' })
  })

  test('is over when the disk reads again: by the upkeep, or when the operator says so', async () => {
    for (const look of [(hub: Orders) => hub.upkeep(), (hub: Orders) => hub.release(KEY)]) {
      const { hub, rot, space } = await damagedHub()
      await hub.upkeep()
      expect(isQuarantined(hub)).toBe(true)
      expect(await hub.release(KEY)).toMatchObject({ code: 'damaged' })
      rot.entries.clear()
      await look(hub)
      expect(hub.quarantined).toEqual([])
      const ben = await space.edge('ben')
      await space.meet(hub, ben)
      expect(await ben.workOrders.get('1')).toMatchObject({ title: 'third' })
      await hub.close()
    }
  })
})
