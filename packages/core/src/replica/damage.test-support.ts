/** A hub and edges on disks that rot where a test says so. */
import { expect } from 'vitest'
import { decodeFrontier, type Frontier } from '../log/frontier.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { type Store, StoreError } from '../store/port.ts'
import { Rot } from '../store/rot.test-support.ts'
import { Mesh } from './mesh.test-support.ts'
import { type Orders, order } from './orders.test-support.ts'

export const KEY = 'work_orders/1'

export class Space extends Mesh {
  readonly #rots = new Map<MemoryDisk, Rot>()
  /** Whether a commit to this disk fails now. */
  fails: (disk: MemoryDisk) => boolean = () => false

  constructor() {
    super()
    this.storeOn = (disk) => {
      const store = memoryStore({ disk })
      const commit: Store['commit'] = (batch) =>
        this.fails(disk) ? Promise.reject(new StoreError('io', 'the disk failed')) : store.commit(batch)
      return this.rotOf(disk).over({ ...store, commit })
    }
  }

  rotOf(disk: MemoryDisk): Rot {
    const rot = this.#rots.get(disk) ?? new Rot()
    this.#rots.set(disk, rot)
    return rot
  }

  codes(subject: string): string[] {
    return this.events.filter((event) => event.subject === subject).map(({ code }) => code)
  }

  /** All links are over. */
  async hangUp(): Promise<void> {
    for (const { acceptor } of this.links) acceptor.close()
    await this.settle()
    this.links.length = 0
  }

  /** Nothing of what a replica has in memory remains; its disk does. */
  async restarted(replica: Orders, disk: MemoryDisk, role: 'edge' | 'hub'): Promise<Orders> {
    await replica.close()
    return this.openAgain(role === 'hub' ? 'hub' : 'again', disk, role)
  }
}

const hubGrant = { role: 'authority', read: ['*'], write: ['*'] } as const

export const retitle = (replica: Orders, title: string, id = '1') =>
  replica.workOrders.update(id, (o) => {
    o.title = title
  })

export async function setUp() {
  const space = new Space()
  const disk = new MemoryDisk()
  const hub = await space.open('hub', hubGrant, disk)
  const ana = await space.edge('ana')
  await ana.workOrders.create(order, { id: '1' })
  await retitle(ana, 'second')
  await retitle(ana, 'third')
  await ana.workOrders.create({ ...order, title: 'other' }, { id: '2' })
  await space.meet(hub, ana)
  expect(await hub.workOrders.get('1')).toMatchObject({ title: 'third' })
  await hub.session.digests.catchUp()
  return { space, disk, hub, ana, rot: space.rotOf(disk) }
}

export const seqsOf = async (replica: Orders, record = KEY) =>
  (await replica.entriesOf(record)).map(({ seq }) => seq)

/** The hub, started again, of whose record 1 the first entry of a change cannot be read. */
export async function damagedHub() {
  const { space, disk, hub, ana, rot } = await setUp()
  const [, second] = await seqsOf(hub)
  await space.hangUp()
  rot.entries.add(second!)
  const again = await space.restarted(hub, disk, 'hub')
  return { space, disk, hub: again, ana, rot, second: second! }
}

/** Ana's order is at the hub; while she is away she moves it to where she may not write. */
export async function movedWhereRefused() {
  const space = new Space()
  const disk = new MemoryDisk()
  const hub = await space.hub()
  const ana = await space.edge('ana', ['SEA'], {}, disk)
  await ana.workOrders.create(order, { id: '1' })
  await space.meet(hub, ana)
  await space.hangUp()
  await ana.workOrders.update('1', (o) => {
    o.site = 'PDX'
  })
  return { space, disk, hub, ana }
}

export const isQuarantined = ({ quarantined }: Orders) =>
  quarantined.some(({ record, code }) => record === KEY && code === 'damaged')

/** What the record's row says once the replica is closed. */
export async function frontierAfter(replica: Orders, disk: MemoryDisk): Promise<Frontier> {
  await replica.close()
  const store = memoryStore({ disk })
  await store.open('cd'.repeat(16))
  const [row] = await store.rows([KEY])
  await store.close()
  return decodeFrontier(row!.frontier)
}
