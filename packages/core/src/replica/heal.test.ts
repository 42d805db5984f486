/** What makes a damaged record whole, and what does not. */
import { beforeAll, describe, expect, test } from 'vitest'
import { heardRun } from '../log/heard-run.ts'
import { DELETED_KEPT_MS } from '../records/collection.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { damagedHub, isQuarantined, KEY, retitle, Space, seqsOf, setUp } from './damage.test-support.ts'
import { addReceipt } from './import-row.ts'
import { draft, everything, type Orders, order, Pen, putting } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

/** A hub whose one record was written by a pen; `lost` of its entries cannot be read. */
async function penned(...lost: number[]) {
  const space = new Space()
  const disk = new MemoryDisk()
  const hub = await space.open('hub', { role: 'authority', read: ['*'], write: ['*'] }, disk)
  const pen = await Pen.make(7, { subject: 'tech:pen' }, space.world.host())
  const document = draft(5)
  const entries = [
    await pen.changes(KEY, [putting(document, order)]),
    await pen.changes(KEY, [putting(document, { title: 'second' })]),
    await pen.changes(KEY, [putting(document, { title: 'third' })]),
  ] as const
  expect(await pen.tell(hub, ...entries)).toEqual([undefined, undefined, undefined])
  const seqs = await seqsOf(hub)
  for (const at of lost) space.rotOf(disk).entries.add(seqs[at]!)
  const again = await space.restarted(hub, disk, 'hub')
  await again.entriesOf(KEY)
  expect(isQuarantined(again)).toBe(lost.length > 0)
  return { space, hub: again, pen, entries }
}

async function keep(replica: Orders): Promise<void> {
  while (!(await replica.upkeep()).done);
}

describe('DM-5: told of a damaged record', () => {
  test('what is here is passed over, and what is lacking is kept, in any order', async () => {
    const { hub, pen, entries } = await penned(0, 1)
    const { head } = hub
    expect(await pen.tell(hub, entries[2])).toEqual([undefined])
    expect(hub.head).toBe(head)
    // The first is not known to be lacking before the second is here.
    expect(await pen.tell(hub, entries[0])).toEqual([undefined])
    expect(isQuarantined(hub)).toBe(true)
    expect(await pen.tell(hub, entries[0])).toEqual([undefined])
    expect(await hub.entriesOf(KEY)).toHaveLength(2)
    expect(await pen.tell(hub, entries[1])).toEqual([undefined])
    expect(hub.quarantined).toEqual([])
    expect(await hub.workOrders.history('1')).toHaveLength(3)
    expect(await hub.entriesOf(KEY)).toHaveLength(3)
  })

  test('another change under the same sequence is not what was lost', async () => {
    const { hub, pen, entries } = await penned(0)
    const lie = await pen.changes(KEY, [putting(draft(5), { ...order, title: 'a lie' })])
    expect(await pen.tell(hub, lie)).toEqual([undefined])
    expect(isQuarantined(hub)).toBe(true)
    expect(await pen.tell(hub, entries[0])).toEqual([undefined])
    expect(hub.quarantined).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' })
    expect(await hub.workOrders.history('1')).toHaveLength(3)
    expect(await hub.entriesOf(KEY)).toHaveLength(3)
  })

  test('a signature that does not hold is refused', async () => {
    const { hub, pen, entries } = await penned(0)
    const forged = entries[0].slice()
    const eve = await Pen.make(8, { subject: 'tech:eve' }, pen.host)
    const unsigned = pen.unsigned(KEY, [putting(draft(5), order)])
    expect(await eve.tell(hub, unsigned)).toEqual(['bad-signature'])
    forged[forged.length - 1]! ^= 1
    expect(await pen.tell(hub, forged)).toEqual(['entry-checksum'])
    expect(isQuarantined(hub)).toBe(true)
  })

  test('its author may have been revoked since', async () => {
    const { hub, pen, entries, space } = await penned(0)
    await hub.revoke({ by: 'hash', value: pen.peer.credential.hash })
    const carrier = await Pen.make(8, { subject: 'tech:carrier' }, space.world.host())
    const credential = { kind: 'credential', credential: pen.peer.credential } as const
    expect(await carrier.tell(hub, credential, entries[0])).toEqual([undefined])
    expect(hub.quarantined).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' })
  })

  test('what is new waits with those that build on it, over restarts, and is tried when the record is whole', async () => {
    const { hub, pen, entries } = await penned(0)
    const document = draft(5, [])
    putting(document, order)
    putting(document, { title: 'second' })
    putting(document, { title: 'third' })
    const fourth = await pen.changes(KEY, [putting(document, { title: 'fourth' })])
    const fifth = await pen.changes(KEY, [putting(document, { title: 'fifth' })])
    expect(await pen.tell(hub, fourth, fifth)).toEqual([undefined, undefined])
    expect((await hub.stats()).parked).toBe(2)
    expect(await pen.tell(hub, entries[0])).toEqual([undefined])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'fifth' })
    expect((await hub.stats()).parked).toBe(0)
  })
})

describe('DM-7: whole again', () => {
  test('a record’s entries come from where they came, so that they are not told back', async () => {
    const { space, hub, ana } = await damagedHub()
    await hub.entriesOf(KEY)
    const { acceptor } = await space.meet(hub, ana)
    expect(hub.quarantined).toEqual([])
    expect(
      (await hub.entriesOf(KEY)).every(
        ({ origin }) =>
          origin?.run === heardRun(space.world.host(), ana.session.node, ana.session.runs[0]!.run),
      ),
    ).toBe(true)
    acceptor.close()
  })

  test('a snapshot that is lost comes back from the entries of a device', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    for (let n = 0; n < 40; n++) await retitle(ana, `n${n}`)
    await space.settle()
    await space.hangUp()
    await keep(hub)
    const [snapshot] = await hub.entriesOf(KEY)
    expect(snapshot?.kind).toBe('snapshot')
    rot.entries.add(snapshot!.seq)
    const again = await space.restarted(hub, disk, 'hub')
    await again.entriesOf(KEY)
    await space.meet(again, ana)
    expect(again.quarantined).toEqual([])
    expect(await again.workOrders.history('1')).toHaveLength(43)
    await keep(again)
    expect((await again.entriesOf(KEY)).map(({ kind }) => kind)).toEqual(['snapshot'])
  })

  test('entries that are lost on an edge come back with the hub’s snapshot, and with what is newer in it', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ben = await space.edge('ben', ['SEA'], {}, disk)
    await hub.workOrders.create(order, { id: '1' })
    await retitle(hub, 'known')
    await space.meet(hub, ben)
    await space.hangUp()
    for (let n = 0; n < 40; n++) await retitle(hub, `n${n}`)
    await keep(hub)
    const [first] = await seqsOf(ben)
    space.rotOf(disk).entries.add(first!)
    const again = await space.restarted(ben, disk, 'edge')
    await again.entriesOf(KEY)
    await space.meet(hub, again)
    expect(again.quarantined).toEqual([])
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'n39' })
    expect(await again.workOrders.history('1')).toHaveLength(42)
    await retitle(again, 'goes on')
    await space.settle()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'goes on' })
  })

  test('a receipt that is lost comes back like any that is not here', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    const seqs = { [ana.session.runs[0]!.run]: 1 }
    await hub.transact((tx) => addReceipt(tx, { record: KEY, place: 'crm', outcome: 'saved', seqs, at: 1 }))
    await space.settle()
    await space.hangUp()
    const receipt = (await hub.entriesOf(KEY)).find(({ kind }) => kind === 'receipt')
    rot.entries.add(receipt!.seq)
    const again = await space.restarted(hub, disk, 'hub')
    await again.entriesOf(KEY)
    await keep(again)
    expect(again.quarantined).toEqual([])
    expect(await again.entriesOf(KEY)).toHaveLength(3)
    const joined = await space.meet(again, ana)
    const audit = joined.initiator.audit()
    await space.settle()
    expect(await audit).toMatchObject({ diverged: 1 })
    expect(await again.workOrders.receipts('1')).toHaveLength(1)
    expect(await again.entriesOf(KEY)).toHaveLength(4)
  })

  test('a tombstone that is lost is made anew by the authority, and told', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    await hub.workOrders.delete('1')
    await space.settle()
    await keep(hub)
    await space.hangUp()
    space.world.clock.advance(DELETED_KEPT_MS + 1)
    await keep(hub)
    const [tombstone] = await hub.entriesOf(KEY)
    expect(tombstone?.kind).toBe('tombstone')
    rot.entries.add(tombstone!.seq)
    const again = await space.restarted(hub, disk, 'hub')
    await again.entriesOf(KEY)
    await keep(again)
    expect(again.quarantined).toEqual([])
    expect(await again.entriesOf(KEY)).toMatchObject([{ kind: 'tombstone' }])
    await space.meet(again, ana)
    expect(await ana.workOrders.get('1')).toBeUndefined()
    expect((await ana.entriesOf(KEY)).map(({ kind }) => kind)).toEqual(['tombstone'])
  })

  test('a record that is given up while it is damaged leaves nothing behind', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ben = await space.edge('ben', ['SEA'], {}, disk)
    await hub.workOrders.create(order, { id: '1' })
    await space.meet(hub, ben)
    await space.hangUp()
    const [first] = await seqsOf(ben)
    space.rotOf(disk).entries.add(first!)
    const again = await space.restarted(ben, disk, 'edge')
    await again.entriesOf(KEY)
    await hub.workOrders.update('1', (o) => {
      o.site = 'PDX'
    })
    await space.meet(hub, again)
    expect(again.quarantined).toEqual([])
    expect(await again.workOrders.all()).toEqual([])
    expect(await again.session.readLog(0, everything, undefined as never)).toEqual([])
  })
})
