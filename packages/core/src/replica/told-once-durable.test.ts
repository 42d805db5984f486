/** W-4: that something written here was refused is told once it is durable, and not where the commit fails. */
import { beforeAll, expect, test } from 'vitest'
import { encodeTombstone } from '../log/tombstone.ts'
import type { IncomingItem } from '../session/port.ts'
import { StoreError } from '../store/port.ts'
import { compacting } from './compact.test-support.ts'
import {
  deliveryOf,
  type Opened,
  type Orders,
  open,
  openHub,
  order,
  Pen,
  peerOf,
} from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const KEY = 'work_orders/1'

interface Refusing {
  what: string
  code: string
  /** What Ana has before; returns how she hears of the refusal. */
  prepare(ana: Opened, hub: Orders): Promise<() => Promise<unknown>>
}

/** The hub refuses Ana's newest entry of this record. */
async function refuseNewest({ replica }: Opened, hub: Orders, record: string) {
  const { seq } = (await replica.entriesOf(record)).at(-1)!
  const refusal = { seq, code: 'read-only', reason: 'no', record }
  return () => replica.session.acknowledged(peerOf(hub), replica.head, [refusal], hub.head)
}

const ways: Refusing[] = [
  {
    what: 'an edit',
    code: 'set-aside',
    prepare: (ana, hub) => refuseNewest(ana, hub, KEY),
  },
  {
    what: 'a snapshot',
    code: 'set-aside',
    async prepare(ana, hub) {
      for (const title of ['a', 'b'])
        await ana.replica.workOrders.update('1', (o) => {
          o.title = title
        })
      await ana.replica.session.acknowledged(peerOf(hub), ana.replica.head, [], hub.head)
      await ana.replica.upkeep()
      expect((await ana.replica.entriesOf(KEY)).map(({ kind }) => kind)).toEqual(['snapshot'])
      const answer = await refuseNewest(ana, hub, KEY)
      return () => answer().catch((error) => (error.code === 'started-over' ? [] : Promise.reject(error)))
    },
  },
  {
    what: 'a segment',
    code: 'refused',
    async prepare(ana, hub) {
      const gateway = await Pen.make(9)
      await gateway.tell(ana.replica, await gateway.other('segment', '@streams/pump', Uint8Array.of(1)))
      return refuseNewest(ana, hub, '@streams/pump')
    },
  },
  {
    what: 'an edit of a record that has gone',
    code: 'set-aside',
    async prepare({ replica }, hub) {
      const authority = await Pen.make(8, { role: 'authority' })
      const bytes = await authority.other('tombstone', KEY, encodeTombstone({ deletedAt: 1 }), 1)
      const item: IncomingItem = { kind: 'entry', seq: 1, bytes }
      return () => replica.session.deliver(deliveryOf(hub, [item], { kind: 'nothing' }))
    },
  },
]

test.each(ways)('W-4: $what is told to be refused once that is durable', async ({ code, prepare }) => {
  let full = false
  const ana = await open({
    grant: {},
    collection: compacting({ entriesMax: 2 }),
    kinds: { segment: { admit: async () => ({ channels: ['site:SEA'], keep: async () => undefined }) } },
    beforeCommit: () => {
      if (full) throw new StoreError('full', 'commit: the disk is full')
    },
  })
  const { replica: hub } = await openHub()
  await ana.replica.workOrders.create(order, { id: '1' })
  const hear = await prepare(ana, hub)
  const told = () => ana.events.filter((event) => event.code === code)
  full = true
  await expect(hear()).rejects.toMatchObject({ code: 'full' })
  expect(told()).toEqual([])
  full = false
  await hear()
  expect(told()).toHaveLength(1)
})
