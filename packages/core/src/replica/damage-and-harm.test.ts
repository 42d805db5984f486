/** Records that are damaged and do harm when they are loaded: neither hides the other, and nobody else's session suffers from it. */
import { beforeAll, describe, expect, test } from 'vitest'
import { runTrial, type Trial } from '../engine/trial.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch } from '../store/port.ts'
import { KEY, retitle, Space, seqsOf, setUp } from './damage.test-support.ts'
import { order } from './orders.test-support.ts'
import { quarantineRow } from './record-quarantine.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const hubGrant = { role: 'authority', read: ['*'], write: ['*'] } as const

/** The history of a heavy record does harm on a hub while `doesHarm`. */
class HarmSpace extends Space {
  doesHarm = false

  protected override trialFor(role: 'edge' | 'hub'): Trial | undefined {
    const host = this.world.host()
    return {
      try: async (task) =>
        this.doesHarm && role === 'hub'
          ? { kind: 'deadline', stage: 'history', reason: 'it took too long' }
          : runTrial(task, host),
    }
  }
}

/** A hub that cannot read an entry of a heavy record, which does harm when it is loaded; Ana has it, and an edit that the hub has not. */
async function harmfulHub() {
  const space = new HarmSpace()
  const disk = new MemoryDisk()
  const hub = await space.open('hub', hubGrant, disk)
  const ana = await space.edge('ana')
  await ana.workOrders.create({ ...order, notes: 'x'.repeat(6_000) }, { id: '1' })
  await retitle(ana, 'second')
  await retitle(ana, 'third')
  await space.meet(hub, ana)
  await space.hangUp()
  const [, second] = await seqsOf(hub)
  const again = await space.restarted(hub, disk, 'hub')
  space.doesHarm = true
  space.rotOf(disk).entries.add(second!)
  await again.entriesOf(KEY)
  await ana.workOrders.create({ ...order, title: 'offline' }, { id: 'new' })
  return { space, disk, hub: again, ana, second: second! }
}

describe('DM-13: a record that is damaged and does harm', () => {
  test('in quarantine for its harm stays there when what it lacked is here again, also after a restart', async () => {
    const { space, disk, hub, rot } = await setUp()
    await space.hangUp()
    await hub.close()
    const store = memoryStore({ disk })
    await store.open('ab'.repeat(16))
    const row = quarantineRow({ record: KEY, code: 'deadline', reason: 'it took too long', at: 1 })
    await store.commit({ ...emptyBatch, tables: [row] })
    await store.close()
    const again = await space.openAgain('hub', disk, 'hub')
    const [, second] = await seqsOf(again)
    rot.entries.add(second!)
    await again.entriesOf(KEY)
    expect(again.quarantined).toMatchObject([{ code: 'damaged', harm: { code: 'deadline' } }])
    const restarted = await space.restarted(again, disk, 'hub')
    expect(restarted.quarantined).toMatchObject([{ code: 'damaged', harm: { code: 'deadline' } }])
    rot.entries.clear()
    await restarted.upkeep()
    const harm = { record: KEY, code: 'deadline', reason: 'it took too long', at: 1 }
    expect(restarted.quarantined).toEqual([harm])
    await expect(retitle(restarted, 'edited')).rejects.toMatchObject({ name: 'RecordQuarantined' })
    expect(await restarted.workOrders.get('1')).toMatchObject({ title: 'third' })
    const once = await space.restarted(restarted, disk, 'hub')
    expect(once.quarantined).toEqual([harm])
    // Whoever had lost it is told it whole: it does harm only to those that load it.
    const ben = await space.edge('ben')
    await space.meet(once, ben)
    expect(await ben.workOrders.get('1')).toMatchObject({ title: 'third' })
    expect(await once.release(KEY)).toBeUndefined()
    await retitle(once, 'edited')
  })

  test('found harmful when it is healed, is whole and stays for its harm: it is tried twice, and its peer is in step', async () => {
    const { space, hub, ana } = await harmfulHub()
    const { initiator, acceptor } = await space.meet(hub, ana)
    expect([initiator.current, acceptor.current]).toEqual([true, true])
    expect(await hub.workOrders.get('new')).toMatchObject({ title: 'offline' })
    expect(hub.quarantined).toMatchObject([{ record: KEY, code: 'deadline' }])
    expect(space.codes('hub').filter((code) => code === 'trial-failed')).toHaveLength(2)
    expect(await hub.entriesOf(KEY)).toHaveLength(3)
  })

  test('keeps what waits for it until it is released', async () => {
    const { space, hub, ana } = await harmfulHub()
    const ben = await space.edge('ben')
    // Ben has the record from Ana, and is the first to come.
    await space.meet(ana, ben)
    await space.hangUp()
    await ben.workOrders.update('1', (o) => {
      o.status = 'done'
    })
    const builtOn = await space.edge('dan')
    await space.meet(ben, builtOn)
    await space.hangUp()
    await space.meet(hub, ben)
    await ben.workOrders.saved('1', 'hub', { timeoutMs: 1 })
    await space.hangUp()
    expect(hub.quarantined).toMatchObject([{ record: KEY, code: 'deadline' }])
    space.doesHarm = false
    expect(await hub.release(KEY)).toBeUndefined()
    expect(await hub.workOrders.get('1')).toMatchObject({ status: 'done' })
    expect(await hub.stats()).toMatchObject({ parked: 0 })
  })
})
