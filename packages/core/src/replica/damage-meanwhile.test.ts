/** What is written, told and answered while a record is damaged somewhere. */
import { beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { AGAIN_TABLE } from '../digest/digest-tables.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch } from '../store/port.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import {
  damagedHub,
  isQuarantined,
  KEY,
  movedWhereRefused,
  retitle,
  Space,
  seqsOf,
  setUp,
} from './damage.test-support.ts'
import { PARKED_MS_MAX, PARKED_PER_RECORD_MAX } from './limits.ts'
import { turn } from './mesh.test-support.ts'
import { deliveryOf, everything, type Orders, order, push } from './orders.test-support.ts'
import { quarantineRow } from './record-quarantine.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const MANY = PARKED_PER_RECORD_MAX + 6

const setStatus = (replica: Orders, status: 'en_route' | 'done') =>
  replica.workOrders.update('1', (o) => {
    o.status = status
  })
const statusAt = async (replica: Orders) => (await replica.workOrders.get('1'))?.status

/** The hub, of whose record 1 the newest entry, which only Ana has beside it, cannot be read. */
async function hubThatNeedsAna(names: readonly string[]) {
  const { space, disk, hub, ana, rot } = await setUp()
  const others = await Promise.all(names.map((name) => space.edge(name)))
  for (const other of others) await space.meet(hub, other)
  await space.hangUp()
  await retitle(ana, 'only Ana and the hub')
  await space.meet(hub, ana)
  await space.hangUp()
  rot.entries.add((await seqsOf(hub)).at(-1)!)
  const again = await space.restarted(hub, disk, 'hub')
  await again.entriesOf(KEY)
  return { space, disk, hub: again, ana, others }
}

/** The record is whole again, and then the hub's store failed. */
async function wholeAndUntried() {
  const all = await hubThatNeedsAna(['ben'])
  const { space, disk, hub, ana, others } = all
  await setStatus(others[0]!, 'done')
  await space.meet(hub, others[0]!)
  await others[0]!.workOrders.saved('1', 'hub')
  await space.hangUp()
  space.fails = (one) => one === disk && space.codes('hub').includes('record-healed')
  await space.meet(hub, ana)
  expect([isQuarantined(hub), await statusAt(hub), (await hub.stats()).parked]).toEqual([
    false,
    order.status,
    1,
  ])
  await space.hangUp()
  space.fails = () => false
  return all
}

describe('DM-6, J-2: what waits for a damaged record is not lost', () => {
  test('however many edits a device brings', async () => {
    const { space, hub, ana } = await damagedHub()
    const ben = await space.edge('ben')
    await space.meet(ana, ben)
    await space.hangUp()
    for (let i = 0; i < MANY; i++) await retitle(ben, `by ben ${i}`)
    await hub.entriesOf(KEY)
    await space.meet(hub, ben)
    await ben.workOrders.saved('1', 'hub')
    expect((await hub.workOrders.get('1'))?.title).toBe(`by ben ${MANY - 1}`)
  })

  test('however many the hub tells an edge', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ben = await space.edge('ben', ['SEA'], {}, disk)
    await hub.workOrders.create(order, { id: '1' })
    await space.meet(hub, ben)
    await space.hangUp()
    for (let i = 0; i < MANY; i++) await retitle(hub, `hub ${i}`)
    space.rotOf(disk).entries.add((await seqsOf(ben))[0]!)
    const again = await space.restarted(ben, disk, 'edge')
    await again.entriesOf(KEY)
    await space.meet(hub, again)
    expect((await again.workOrders.get('1'))?.title).toBe(`hub ${MANY - 1}`)
    expect((await again.stats()).parked).toBe(0)
  })

  test.each([false, true])(
    'when one device’s edit builds on another’s, whichever comes first (%s)',
    async (isSwapped) => {
      const { space, hub, ana, others } = await hubThatNeedsAna(['ben', 'carl'])
      const [first, second] = others.sort((a, b) => (a.node < b.node === isSwapped ? 1 : -1)) as [
        Orders,
        Orders,
      ]
      await setStatus(second, 'en_route')
      await space.meet(second, first)
      await space.hangUp()
      await setStatus(first, 'done')
      for (const edge of [second, first]) await space.meet(hub, edge)
      expect((await hub.stats()).parked).toBe(2)
      await space.hangUp()
      await space.meet(hub, ana)
      expect([await statusAt(hub), (await hub.stats()).parked]).toEqual(['done', 0])
    },
  )

  test.each<[string, (waits: Awaited<ReturnType<typeof wholeAndUntried>>) => Promise<Orders>]>([
    ['the next delivery', async ({ space, hub, ana }) => (await space.meet(hub, ana)) && hub],
    ['the next upkeep', async ({ hub }) => (await hub.upkeep()) && hub],
    [
      'the next start of the hub',
      async ({ space, disk, hub }) => {
        const again = await space.restarted(hub, disk, 'hub')
        await again.upkeep()
        return again
      },
    ],
  ])('when the store fails as it is to be tried: %s tries it', async (_, goOn) => {
    const waits = await wholeAndUntried()
    waits.space.world.clock.advance(PARKED_MS_MAX + 1)
    const hub = await goOn(waits)
    expect([await statusAt(hub), (await hub.stats()).parked]).toEqual(['done', 0])
  })

  test('however long it takes until the record is whole', async () => {
    const { space, hub, ana, others } = await hubThatNeedsAna(['ben'])
    await setStatus(others[0]!, 'done')
    await space.meet(hub, others[0]!)
    await others[0]!.workOrders.saved('1', 'hub')
    await space.hangUp()
    space.world.clock.advance(PARKED_MS_MAX + 86_400_000)
    await hub.upkeep()
    expect((await hub.stats()).parked).toBe(1)
    await space.meet(hub, ana)
    expect(await statusAt(hub)).toBe('done')
  })
})

const SITES = { sea: 'site:SEA', pdx: 'site:PDX' }

const grant = (replica: Orders, read: readonly string[], write: readonly string[]) =>
  replica.setCredential(
    plainToken(replica.publicKey, { subject: 'tech:ben', read: [...read], write: [...write] }),
  )

const setSite = (replica: Orders, site: string) =>
  replica.workOrders.update('1', (o) => {
    o.site = site
  })

describe('DM-6, G-2: a record that only what waited moved to where its carrier may read', () => {
  test('is not said to be elsewhere: the carrier would give up what it is told of it', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.open('hub', { role: 'authority', read: ['*'], write: ['*'] }, disk)
    const ana = await space.edge('ana', ['SEA', 'PDX'])
    await ana.workOrders.create(order, { id: '1' })
    await space.meet(hub, ana)
    await space.hangUp()
    await setSite(ana, 'PDX')
    const ben = await space.edge('ben', ['PDX'])
    await space.meet(ana, ben)
    space.rotOf(disk).entries.add((await seqsOf(hub))[0]!)
    const again = await space.restarted(hub, disk, 'hub')
    await again.entriesOf(KEY)
    await again.session.remember(ben.session.credential!)
    const entries = await ben.session.readLog(0, everything)
    const items = entries.map(({ seq, bytes }) => ({ kind: 'entry' as const, seq, bytes }))
    expect(await again.session.deliver(deliveryOf(ben, items, { kind: 'log', cursor: undefined }))).toEqual(
      [],
    )
    expect(await again.workOrders.get('1')).toMatchObject({ site: 'PDX' })
  })
})

describe('DM-6: what is new of a damaged record, and not its author’s to write', () => {
  test.each([
    ['read-only', []],
    ['not-granted', [SITES.pdx]],
  ])('is refused by what the row tells, before it is parked: %s', async (code, write) => {
    const { space, hub, ana, others } = await hubThatNeedsAna(['ben'])
    const [ben] = others as [Orders]
    await setStatus(ben, 'done')
    await grant(ben, [SITES.sea], write)
    await space.meet(hub, ben)
    expect((await hub.stats()).parked).toBe(0)
    expect(await ben.aside()).toMatchObject([{ record: KEY, code }])
    await expect(ben.workOrders.saved('1', 'hub')).rejects.toMatchObject({ name: 'SaveRefused' })
    await space.meet(hub, ana)
    expect(await statusAt(hub)).toBe(order.status)
  })

  test('is refused where its author was revoked meanwhile; carried, it is parked', async () => {
    const { space, hub, ana, others } = await hubThatNeedsAna(['ben', 'carl'])
    const [ben, carl] = others as [Orders, Orders]
    await setStatus(ben, 'done')
    await space.meet(ben, carl)
    await space.hangUp()
    await hub.revoke({ by: 'key', value: toHex(ben.publicKey) })
    expect(await push(ben, hub)).toMatchObject([{ code: 'credential-revoked' }])
    expect((await hub.stats()).parked).toBe(0)
    await space.meet(hub, carl)
    expect((await hub.stats()).parked).toBe(1)
    await space.meet(hub, ana)
    expect(await statusAt(hub)).toBe(order.status)
    expect(await hub.workOrders.receipts('1')).toMatchObject([{ outcome: 'mended', rule: 'revoked' }])
  })
})

describe('DM-15: what was answered while its record was damaged, and would be refused now', () => {
  test('is let in and taken back, and a receipt says why', async () => {
    const { space, hub, ana, others } = await hubThatNeedsAna(['ben'])
    const [ben] = others as [Orders]
    await setSite(ben, 'PDX')
    await setStatus(ben, 'done')
    await space.meet(hub, ben)
    await ben.workOrders.saved('1', 'hub')
    await space.meet(hub, ana)
    expect(await hub.workOrders.get('1')).toMatchObject({ site: 'SEA', status: 'done' })
    expect(await hub.workOrders.receipts('1')).toMatchObject([
      {
        outcome: 'mended',
        rule: 'channel-not-granted',
        fields: ['/site'],
        values: { '/site': { was: 'PDX' } },
      },
    ])
    for (const edge of [ana, ben])
      expect(await edge.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
    expect(await ben.aside()).toEqual([])
    expect((await hub.stats()).parked).toBe(0)
  })

  test('so is what a device told before it was revoked', async () => {
    const { space, hub, ana, others } = await hubThatNeedsAna(['ben'])
    const [ben] = others as [Orders]
    await setStatus(ben, 'done')
    await space.meet(hub, ben)
    await space.hangUp()
    await hub.revoke({ by: 'key', value: toHex(ben.publicKey) })
    await space.meet(hub, ana)
    expect(await statusAt(hub)).toBe(order.status)
    expect(await hub.workOrders.receipts('1')).toMatchObject([
      { outcome: 'mended', rule: 'credential-revoked', fields: ['/status'] },
    ])
  })

  test('each edit is judged by the credential under which it was told', async () => {
    const { space, hub, ana, others } = await hubThatNeedsAna(['ben'])
    const [ben] = others as [Orders]
    await setStatus(ben, 'done')
    await space.meet(hub, ben)
    await space.hangUp()
    await grant(ben, [SITES.sea, SITES.pdx], [SITES.sea, SITES.pdx])
    await setSite(ben, 'PDX')
    await space.meet(hub, ben)
    expect((await hub.stats()).parked).toBe(2)
    await space.meet(hub, ana)
    expect(await hub.workOrders.get('1')).toMatchObject({ site: 'PDX', status: 'done' })
    expect(await hub.workOrders.receipts('1')).toEqual([])
  })
})

describe('P-2, P-3: what is said to be saved', () => {
  test('at the hub, of a record in quarantine for its harm: not what the hub refused', async () => {
    const { space, disk, hub, ana } = await movedWhereRefused()
    await ana.close()
    const store = memoryStore({ disk })
    await store.open('ab'.repeat(16))
    const row = quarantineRow({ record: KEY, code: 'crashed', reason: 'x', at: 1 })
    await store.commit({ ...emptyBatch, tables: [row] })
    await store.close()
    const again = await space.openAgain('again', disk, 'edge')
    await space.meet(hub, again)
    await expect(again.workOrders.saved('1', 'hub')).rejects.toMatchObject({ name: 'SaveRefused' })
    expect(await again.aside()).toMatchObject([{ record: KEY, edits: [] }])
  })

  test('at a system: not what came back from others, before the system has answered', async () => {
    const space = new Space()
    const disk = new MemoryDisk()
    const hub = await space.hub()
    const ana = await space.edge('ana', ['SEA'], {}, disk)
    await ana.workOrders.create(order, { id: '1' })
    await space.meet(hub, ana)
    await space.hangUp()
    space.rotOf(disk).entries.add((await seqsOf(ana))[0]!)
    const again = await space.restarted(ana, disk, 'edge')
    await again.entriesOf(KEY)
    const outcome = async () => {
      const saved = again.workOrders.saved('1', 'erp', { timeoutMs: 1 }).catch((error: unknown) => error)
      await space.settle()
      space.world.clock.advance(1)
      return saved
    }
    const waits = { code: 'save-timeout' }
    expect(await outcome()).toMatchObject(waits)
    await space.meet(hub, again)
    expect(again.quarantined).toEqual([])
    expect(await outcome()).toMatchObject(waits)
  })
})

/** Carries one message at a time until all is quiet; after `at` of them does `work`. Whether it came to that. */
async function stepped(flush: () => number, at: number, work: () => void): Promise<boolean> {
  let isDone = false
  for (let [steps, quiet] = [0, 0]; quiet < 4; ) {
    await turn()
    if (steps++ === at) {
      work()
      isDone = true
    }
    quiet = flush() === 0 ? quiet + 1 : 0
  }
  return isDone
}

describe('Q13: damage that is found in the middle of a session', () => {
  test('is not compared by what was begun before, wherever it is found', async () => {
    for (let at = 0, isFound = true; isFound; at++) {
      const space = new Space()
      const [disk, edgeDisk] = [new MemoryDisk(), new MemoryDisk()]
      const hub = await space.open('hub', { role: 'authority', read: ['*'], write: ['*'] }, disk)
      const ana = await space.edge('ana', ['SEA'], {}, edgeDisk)
      await ana.workOrders.create(order, { id: '1' })
      await hub.workOrders.create({ ...order, title: 'other' }, { id: '2' })
      await space.meet(hub, ana)
      await space.hangUp()
      space.rotOf(edgeDisk).entries.add((await seqsOf(ana, 'work_orders/2'))[0]!)
      const edge = await space.restarted(ana, edgeDisk, 'edge')
      await edge.entriesOf('work_orders/2')
      const [first] = await seqsOf(hub)
      const joined = space.join(hub, edge)
      isFound = await stepped(
        () => joined.link.flush(1),
        at,
        () => {
          space.rotOf(disk).entries.add(first!)
          void hub.entriesOf(KEY)
        },
      )
      await space.settle()
      expect([at, isQuarantined(hub), edge.quarantined.length]).toEqual([at, false, 0])
      for (const replica of [hub, edge]) await replica.close()
    }
  })

  test.each([3, 5, 7])('lets a mending that is under way come to its end (after %d messages)', async (at) => {
    const { space, disk, hub, ana, rot } = await setUp()
    const keys = Array.from({ length: 60 }, (_, i) => `work_orders/b${i}`)
    for (const [i, key] of keys.entries())
      await ana.workOrders.create({ ...order, title: noise(40_000, i) }, { id: key.split('/')[1]! })
    await space.settle()
    await hub.session.digests.catchUp()
    await space.hangUp()
    const removed = (await Promise.all(keys.map((key) => seqsOf(hub, key)))).flat()
    await hub.close()
    const store = memoryStore({ disk })
    await store.open('ab'.repeat(16))
    const tables = keys.map((key) => ({ table: AGAIN_TABLE, key, value: Uint8Array.of(0) }))
    await store.commit({ ...emptyBatch, removed, forgotten: keys, tables })
    await store.close()
    const again = await space.openAgain('hub', disk, 'hub')
    const joined = await space.meet(again, ana)
    const audit = joined.initiator.audit()
    const [other] = await seqsOf(again, 'work_orders/2')
    await stepped(
      () => joined.link.flush(1),
      at,
      () => {
        rot.entries.add(other!)
        void again.entriesOf('work_orders/2')
      },
    )
    await space.settle()
    expect(await audit).toMatchObject({ diverged: keys.length })
    expect([again.quarantined, (await again.workOrders.all()).length]).toEqual([[], keys.length + 2])
  })
})

/** Letters that no compression makes fewer. */
function noise(length: number, seed: number): string {
  const random = new SeededRandom(seed + 1)
  return Array.from({ length }, () => String.fromCharCode(33 + random.below(90))).join('')
}
