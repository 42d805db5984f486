/** A device that writes without end, and one edit that is too large: what it costs the hub and those who come after. */
import { beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import type { Credential } from '../identity/credential.ts'
import { PeerBudgets } from '../session/budget.ts'
import { memoryLink } from '../session/memory-transport.ts'
import { settle } from '../session/pair.test-support.ts'
import { startSession } from '../session/session.ts'
import { memoryStore } from '../store/memory.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { EditRefused } from './author.ts'
import { compacting } from './compact.test-support.ts'
import { hubRole } from './hub-role.ts'
import type { Orders } from './orders.test-support.ts'
import { plainToken, plainVerifier, startEngine } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

const order = { title: 't', status: 'open', site: 'SEA' } as const
const workOrders = compacting({ entriesMax: 64 })

async function open(world: VirtualWorld, grant: Partial<Credential>): Promise<Orders> {
  const host = world.host()
  const replica = await openReplica({
    host,
    store: memoryStore(),
    verifier: plainVerifier(host),
    collections: { workOrders },
    role: grant.role === 'authority' ? hubRole : 'edge',
  })
  await replica.setCredential(plainToken(replica.publicKey, grant))
  return replica as unknown as Orders
}

function join(hub: Orders, edge: Orders, budgets: PeerBudgets) {
  const link = memoryLink()
  const acceptor = startSession(hub.session, link.acceptor, { role: 'acceptor', budgets })
  const initiator = startSession(edge.session, link.initiator, { role: 'initiator' })
  return { link, acceptor, initiator }
}

const notesOf = async (replica: Orders) => (await replica.workOrders.get('1'))?.notes ?? ''

describe('a history that is flooded', () => {
  test('fault C15: tiny changes without end are let in at the rate of the budget, others are not kept waiting, and who comes later is told one snapshot', async () => {
    const world = new VirtualWorld(1)
    const hub = await open(world, { role: 'authority', read: ['*'], write: ['*'] })
    const [flooder, ben, late] = [
      await open(world, {}),
      await open(world, { subject: 'tech:ben' }),
      await open(world, { subject: 'tech:late' }),
    ]
    // An edit costs some 51: 40 of them at once, 10 a second.
    const budgets = new PeerBudgets({ operations: { perSecond: 510, burst: 2040 } })
    const flood = join(hub, flooder, budgets)
    const others = join(hub, ben, budgets)
    await flooder.workOrders.create(order, { id: '1' })
    await settle(flood.link)
    const EDITS = 120
    for (let i = 0; i < EDITS; i++) {
      await flooder.workOrders.update('1', (o) => {
        o.notes = `${o.notes ?? ''}x`
      })
      await settle(flood.link)
    }
    const soon = (await notesOf(hub)).length
    expect(soon).toBeGreaterThan(20)
    expect(soon).toBeLessThan(60)
    await ben.workOrders.create(order, { id: '2' })
    await settle(others.link)
    expect(await hub.workOrders.get('2')).toMatchObject(order)
    // What waited was small, and came in one delivery when its turn was there; it is paid for before anything more is let in.
    let seconds = 0
    for (; !flood.initiator.current; seconds++) {
      world.clock.advance(1000)
      await settle(flood.link)
    }
    expect(await notesOf(hub)).toBe('x'.repeat(EDITS))
    await flooder.workOrders.update('1', (o) => {
      o.title = 'the next one'
    })
    await settle(flood.link)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 't' })
    for (; !flood.initiator.current; seconds++) {
      world.clock.advance(1000)
      await settle(flood.link)
    }
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'the next one' })
    expect(seconds).toBeGreaterThanOrEqual((EDITS * 51 - 2040) / 510 - 1)
    expect(seconds).toBeLessThan((EDITS * 53 - 2040) / 510 + 3)

    while (!(await hub.upkeep()).done);
    const caughtUp = join(hub, late, budgets)
    await settle(caughtUp.link)
    expect(await notesOf(late)).toBe('x'.repeat(EDITS))
    expect(caughtUp.acceptor.counters.entriesOut).toBeLessThan(70)
    expect(caughtUp.acceptor.counters.bytesOut).toBeLessThan(flood.initiator.counters.bytesOut / 2)
  })
})

describe('an edit that is too large', () => {
  test('fault N13: 5 MiB in one edit are refused where it is made, with too-large and what to do; the session goes on', async () => {
    const world = new VirtualWorld(2)
    const hub = await open(world, { role: 'authority', read: ['*'], write: ['*'] })
    const edge = await open(world, {})
    const { link, initiator } = join(hub, edge, new PeerBudgets())
    await edge.workOrders.create(order, { id: '1' })
    // Letters that hardly shrink.
    const title = toHex(new SeededRandom(1).bytes((5 * 1024 * 1024) / 2))
    const refused = edge.workOrders.update('1', (o) => {
      o.title = title
    })
    await expect(refused).rejects.toThrow(EditRefused)
    await expect(refused).rejects.toThrow(/split it/)
    await edge.workOrders.update('1', (o) => {
      o.title = 'short'
    })
    await settle(link)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'short' })
    expect(initiator.current).toBe(true)
  })
})
