/** Rows that cannot be read back: a record's is made anew of its entries, those of most tables are learnt anew. */
import { beforeAll, describe, expect, test } from 'vitest'
import { MemoryDisk } from '../store/memory-disk.ts'
import { frontierAfter, KEY, retitle, Space, setUp } from './damage.test-support.ts'
import { addReceipt } from './import-row.ts'
import { order } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

describe('DM-10: a record’s row that cannot be read', () => {
  test('fault S3: is made anew of its entries, by whoever reads it', async () => {
    const reads: ((hub: Awaited<ReturnType<typeof setUp>>['hub']) => Promise<unknown>)[] = [
      async (hub) => expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' }),
      async (hub) => expect(await hub.workOrders.all()).toHaveLength(2),
      async (hub) => expect(await hub.workOrders.where({ site: 'SEA' }).all()).toHaveLength(2),
      async (hub) => expect((await hub.session.readViews('site:SEA', 0, new Set())).views).toHaveLength(2),
      (hub) => retitle(hub, 'third'),
      async (hub) => expect(await hub.workOrders.history('1')).toHaveLength(3),
    ]
    for (const read of reads) {
      const { space, disk, hub, rot } = await setUp()
      await space.hangUp()
      rot.rows.add(KEY)
      const again = await space.restarted(hub, disk, 'hub')
      const { head } = again
      await read(again)
      expect(rot.rows.size).toBe(0)
      // It enters no channel anew.
      expect(again.head).toBe(head)
      expect(space.codes('hub')).toContain('row-remade')
      expect(again.quarantined).toEqual([])
      await retitle(again, 'goes on')
      expect(await again.workOrders.get('1')).toMatchObject({ title: 'goes on' })
      await again.close()
    }
  })

  test('is the same row: digests say that nothing differs, and who holds the record goes on', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    const before = await ana.session.digests.catchUp()
    expect(before).toBeGreaterThan(0)
    await space.hangUp()
    rot.rows.add(KEY)
    const again = await space.restarted(hub, disk, 'hub')
    await again.workOrders.get('1')
    const { initiator } = await space.meet(again, ana)
    const audit = initiator.audit()
    await space.settle()
    expect(await audit).toMatchObject({ diverged: 0 })
    await retitle(ana, 'by ana')
    await space.settle()
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'by ana' })
  })

  test('on an edge is in the channels it was in, by the hub’s word: it goes when the hub says that it left', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ben = await space.edge('ben', ['SEA'], {}, disk)
    await hub.workOrders.create(order, { id: '1' })
    await space.meet(hub, ben)
    await space.hangUp()
    space.rotOf(disk).rows.add(KEY)
    let again = await space.restarted(ben, disk, 'edge')
    expect(await again.workOrders.get('1')).toBeDefined()
    expect(await frontierAfter(again, disk)).toMatchObject({ held: ['site:SEA'] })
    again = await space.openAgain('again', disk)
    await hub.workOrders.update('1', (o) => {
      o.site = 'PDX'
    })
    await space.meet(hub, again)
    expect(await again.workOrders.all()).toEqual([])
  })

  test('whose entries are damaged too is refused, and nothing else is', async () => {
    const { space, disk, hub, rot } = await setUp()
    const [first] = await hub.entriesOf(KEY)
    await space.hangUp()
    rot.rows.add(KEY)
    rot.entries.add(first!.seq)
    const again = await space.restarted(hub, disk, 'hub')
    await expect(again.workOrders.get('1')).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('restore a backup'),
    })
    expect(await again.workOrders.get('2')).toMatchObject({ title: 'other' })
    await retitle(again, 'goes on', '2')
  })
})

describe('DM-11: a row of a table that cannot be read', () => {
  test('is dropped where it is learnt anew: sums are counted anew, cursors begin anew', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    const sum = await hub.session.digests.kept.sum({ channel: 'site:SEA', kind: 'records' }, '')
    expect(sum.count).toBe(2)
    await space.hangUp()
    rot.pairs.add('digest-nodes/r8:site:SEA/0/')
    rot.pairs.add(`cursors/${ana.session.log}/*`)
    const again = await space.restarted(hub, disk, 'hub')
    await again.session.digests.catchUp()
    await again.session.digests.kept.sum({ channel: 'site:SEA', kind: 'records' }, '')
    await again.session.digests.catchUp()
    expect(await again.session.digests.kept.sum({ channel: 'site:SEA', kind: 'records' }, '')).toEqual(sum)
    await space.meet(again, ana)
    await retitle(ana, 'by ana')
    await space.settle()
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'by ana' })
    expect(rot.pairs.size).toBe(0)
    expect(space.codes('hub').filter((code) => code === 'row-dropped')).toHaveLength(2)
  })

  test('a receipt’s comes back from a peer', async () => {
    const { space, disk, hub, ana, rot } = await setUp()
    const seqs = { [ana.session.runs[0]!.run]: 1 }
    await hub.transact((tx) => addReceipt(tx, { record: KEY, place: 'crm', outcome: 'saved', seqs, at: 1 }))
    await space.settle()
    await hub.session.digests.catchUp()
    await space.hangUp()
    const hash = (await hub.session.digests.stateOf({ channel: 'site:SEA', kind: 'records' }, KEY)).state
    if (hash === undefined || hash === 'large') throw new Error('a state is listed')
    rot.pairs.add(`receipts/${KEY}\n${'1'.padStart(15, '0')}\n${hash.receipts[0]}`)
    const again = await space.restarted(hub, disk, 'hub')
    expect(await again.workOrders.receipts('1')).toEqual([])
    const { initiator } = await space.meet(again, ana)
    const audit = initiator.audit()
    await space.settle()
    await audit
    expect(await again.workOrders.receipts('1')).toHaveLength(1)
  })

  test('of others is refused by name', async () => {
    const { space, disk, hub, rot } = await setUp()
    await space.hangUp()
    rot.pairs.add('identity/key')
    await hub.close()
    await expect(space.openAgain('hub', disk, 'hub')).rejects.toMatchObject({ code: 'corrupt' })
    expect(rot.pairs.size).toBe(1)
  })
})
