/** What a device was told to give up while it compares itself with its hub. */
import { beforeAll, describe, expect, test } from 'vitest'
import { cursorsOf } from '../session/cursor.ts'
import { FRAME_BYTES_MAX } from '../session/limits.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { Mesh, turn } from './mesh.test-support.ts'
import { type Orders, order, peerOf } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

/** Compressed still more than a frame holds. */
function longText(): string {
  const random = new SeededRandom(1)
  return Array.from({ length: 2 * FRAME_BYTES_MAX }, () => String.fromCharCode(48 + random.below(64))).join(
    '',
  )
}

/** All that waits for one side is delivered, and worked on. */
async function deliverTo(side: 'acceptor' | 'initiator', { link }: ReturnType<Mesh['join']>): Promise<void> {
  for (let waiting = link.pending()[side]; waiting > 0; waiting--) {
    link.deliver(side)
    await turn()
  }
}

/**
 * A hub that was set back to before order 1, and Ana, who carries it: made in PDX, where she may not read, and moved to SEA, in two frames. She counts what she has, tells both frames, and asks then what
 * differs: the hub has said of the first that it is elsewhere, and that nothing differs. She has heard neither.
 */
async function answersOnTheirWay() {
  const mesh = new Mesh()
  const disk = new MemoryDisk()
  const hub = await mesh.open('hub', { role: 'authority', read: ['*'], write: ['*'] }, disk)
  const bob = await mesh.edge('bob', ['SEA', 'PDX'])
  const ana = await mesh.edge('ana')
  await ana.workOrders.create(order, { id: '2' })
  for (const edge of [bob, ana]) await mesh.meet(hub, edge)
  const backup = disk.clone()
  await bob.workOrders.create({ ...order, title: longText(), site: 'PDX' }, { id: '1' })
  await bob.workOrders.update('1', (o) => {
    o.site = 'SEA'
  })
  await mesh.settle()
  for (const joined of mesh.links.splice(0)) joined.acceptor.close()
  await hub.close()
  const again = await mesh.openAgain('hub', backup, 'hub')
  const { digests } = ana.session
  const counted = Promise.withResolvers<void>()
  const catchUp = digests.catchUp.bind(digests)
  digests.catchUp = async () => {
    const upTo = await catchUp()
    await counted.promise
    return upTo
  }
  const joined = mesh.join(again, ana)
  for (let round = 0; joined.acceptor.counters.entriesIn < 2; round++) {
    expect(round).toBeLessThan(10)
    await turn()
    await deliverTo('acceptor', joined)
    if (joined.initiator.state === 'handshake') await deliverTo('initiator', joined)
  }
  counted.resolve()
  await turn()
  await deliverTo('acceptor', joined)
  return { mesh, hub: again, ana, joined }
}

const siteOf = async (replica: Orders) => (await replica.workOrders.get('1'))?.site

describe('Q16: what is answered while it is compared', () => {
  test('is compared again: a record that was given up, and was equal, comes back', async () => {
    const { mesh, ana, joined } = await answersOnTheirWay()
    await deliverTo('initiator', joined)
    expect([joined.initiator.current, await siteOf(ana)]).toEqual([false, undefined])
    await mesh.settle()
    expect([joined.initiator.current, await siteOf(ana)]).toEqual([true, 'SEA'])
  })

  test('is compared again by the next session, where this one ends before', async () => {
    const { mesh, hub, ana, joined } = await answersOnTheirWay()
    await deliverTo('initiator', joined)
    mesh.links.length = 0
    joined.initiator.close()
    joined.acceptor.close()
    await mesh.meet(hub, ana)
    expect(await siteOf(ana)).toBe('SEA')
  })

  test('is compared again once: then it goes on from a cursor', async () => {
    const { mesh, hub, ana } = await answersOnTheirWay()
    await mesh.settle()
    const want = await ana.session.want(peerOf(hub))
    expect(cursorsOf(want).get('site:SEA')).toMatchObject({
      run: hub.session.runs.at(-1)!.run,
      seq: hub.head,
    })
  })
})
