/** Presence over real sessions, in pairs and in meshes: who hears whom, how often a message crosses a link, and what it leaves behind. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Joined, Mesh } from '../replica/mesh.test-support.ts'
import { type Orders, order } from '../replica/orders.test-support.ts'
import { plainToken, plainVerifier, startEngine, workOrders } from '../replica/replica.test-support.ts'
import { openReplica } from '../replica/replica.ts'
import { memoryStore } from '../store/memory.ts'
import * as limit from './limits.ts'

beforeAll(startEngine)

const SEA = 'site:SEA'

async function pass(mesh: Mesh, ms: number): Promise<void> {
  const { clock } = mesh.world
  const untilMs = clock.nowMs + ms
  await mesh.settle()
  while ((clock.nextMs ?? Number.POSITIVE_INFINITY) <= untilMs) {
    clock.advanceToNext()
    await mesh.settle()
  }
  clock.advance(untilMs - clock.nowMs)
  await mesh.settle()
}

function shown(replica: Orders, channel = SEA): unknown[] {
  return replica
    .presence(channel)
    .others()
    .map(({ value }) => value)
}

/** Presences that crossed each link, from the acceptor and from the initiator. */
async function crossing(mesh: Mesh, work: () => void): Promise<[number, number][]> {
  const counts = ({ acceptor, initiator }: Joined) =>
    [acceptor.counters.presencesOut, initiator.counters.presencesOut] as const
  const before = mesh.links.map(counts)
  work()
  await pass(mesh, limit.PACE_MS)
  return mesh.links.map((joined, i) => {
    const [acceptor, initiator] = counts(joined)
    return [acceptor - before[i]![0], initiator - before[i]![1]]
  })
}

describe('presence between replicas', () => {
  it('PR-1, PR-3: from edge to edge over a hub, with who it is; and gone when it leaves', async () => {
    const mesh = new Mesh()
    const [hub, ana, ben] = [await mesh.hub(), await mesh.edge('ana'), await mesh.edge('ben')]
    await mesh.meet(hub, ana)
    await mesh.meet(hub, ben)
    ana.presence(SEA).say({ job: 'SEA-1' })
    await mesh.settle()
    const seen = { node: ana.node, subject: 'tech:ana', value: { job: 'SEA-1' }, heardMsAgo: 0 }
    expect(ben.presence(SEA).others()).toEqual([seen])
    expect(hub.presence(SEA).others()).toEqual([seen])
    expect(ana.presence(SEA).others()).toEqual([])
    ana.presence(SEA).leave()
    await pass(mesh, limit.PACE_MS)
    expect([shown(ben), shown(hub)]).toEqual([[], []])
  })

  it('PR-3: a replica that is closed is gone at once where a session is open', async () => {
    const mesh = new Mesh()
    const [hub, ana, ben] = [await mesh.hub(), await mesh.edge('ana'), await mesh.edge('ben')]
    const link = await mesh.meet(hub, ana)
    await mesh.meet(hub, ben)
    ana.presence(SEA).say('here')
    await mesh.settle()
    await ana.close()
    link.initiator.close()
    await pass(mesh, limit.PACE_MS)
    expect(shown(ben)).toEqual([])
  })

  it('PR-8: a link that broke is not seen, until it lasts', async () => {
    const mesh = new Mesh()
    const [hub, ana, ben] = [await mesh.hub(), await mesh.edge('ana'), await mesh.edge('ben')]
    const { link } = await mesh.meet(hub, ana)
    await mesh.meet(hub, ben)
    ana.presence(SEA).say('here')
    await mesh.settle()
    link.cut()
    await pass(mesh, limit.EXPIRY_MS - 1)
    expect(shown(ben)).toEqual(['here'])
    await mesh.meet(hub, ana)
    expect(shown(ben)).toEqual(['here'])
    mesh.links.at(-1)!.link.cut()
    await pass(mesh, limit.EXPIRY_MS + limit.BEAT_MS)
    expect(shown(ben)).toEqual([])
  })

  it('PR-10: nobody hears of a channel that it may not read, at whatever hop', async () => {
    const mesh = new Mesh()
    const hub = await mesh.hub()
    const [ana, ben, both] = [
      await mesh.edge('ana', ['SEA']),
      await mesh.edge('ben', ['PDX']),
      await mesh.edge('both', ['SEA', 'PDX']),
    ]
    for (const edge of [ana, ben]) await mesh.meet(hub, edge)
    await mesh.meet(both, ben)
    await mesh.meet(both, ana)
    const crossed = await crossing(mesh, () => ana.presence(SEA).say('secret'))
    expect(crossed).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
      [0, 1],
    ])
    expect(shown(both)).toEqual(['secret'])
    expect(() => ben.presence(SEA).others()).not.toThrow()
    expect(shown(ben)).toEqual([])
  })

  it('PR-11, PR-12: along a chain of edges that never met its author', async () => {
    const mesh = new Mesh()
    const chain = await Promise.all([...'abcd'].map((name) => mesh.edge(name)))
    for (const [i, edge] of chain.slice(1).entries()) await mesh.meet(chain[i]!, edge)
    const [a, , , d] = chain
    const heard: unknown[] = []
    d!.presence(SEA).subscribe(() => heard.push(...shown(d!)))
    a!.presence(SEA).say('far')
    await pass(mesh, 4 * limit.PACE_MS)
    expect(heard).toEqual(['far'])
    expect(d!.presence(SEA).others()[0]).toMatchObject({ subject: 'tech:a', node: a!.node })
  })

  it('PR-5, PR-15: in a ring of four, each message crosses a link once; twice where both ways round meet', async () => {
    const mesh = new Mesh()
    const ring = await Promise.all([...'abcd'].map((name) => mesh.edge(name)))
    for (const [i, edge] of ring.entries()) await mesh.meet(edge, ring[(i + 1) % 4]!)
    ring[0]!.presence(SEA).say('first')
    await pass(mesh, 4 * limit.PACE_MS)
    const crossed = await crossing(mesh, () => ring[0]!.presence(SEA).say('second'))
    const total = crossed.flat().reduce((sum, count) => sum + count)
    expect(Math.max(...crossed.flat())).toBe(1)
    expect([4, 5]).toContain(total)
    for (const other of ring.slice(1)) expect(shown(other)).toEqual(['second'])
  })

  it('PR-5: where everybody is joined to everybody, no link carries a message twice in one direction', async () => {
    const mesh = new Mesh()
    const all = await Promise.all([...'abcde'].map((name) => mesh.edge(name)))
    for (const [i, edge] of all.entries()) for (const other of all.slice(i + 1)) await mesh.meet(edge, other)
    all[0]!.presence(SEA).say('first')
    await pass(mesh, 4 * limit.PACE_MS)
    for (const value of ['second', undefined]) {
      const crossed = await crossing(mesh, () =>
        value ? all[0]!.presence(SEA).say(value) : all[0]!.presence(SEA).leave(),
      )
      expect(Math.max(...crossed.flat())).toBe(1)
      expect(await crossing(mesh, () => undefined)).toEqual(crossed.map(() => [0, 0]))
      for (const other of all.slice(1)) expect(shown(other)).toEqual(value ? [value] : [])
    }
  })

  it('PR-15: from edge to hub to hub to edge, and on to an edge that has no hub', async () => {
    const mesh = new Mesh()
    const [front, back] = [await mesh.hub('front'), await mesh.hub('back')]
    const [a, b, c] = await Promise.all([...'abc'].map((name) => mesh.edge(name)))
    await mesh.meet(back, front)
    await mesh.meet(front, a!)
    await mesh.meet(back, b!)
    await mesh.meet(b!, c!)
    a!.presence(SEA).say('x')
    c!.presence(SEA).say('y')
    await pass(mesh, 4 * limit.PACE_MS)
    expect([shown(c!), shown(a!), shown(b!)]).toEqual([['x'], ['y'], expect.arrayContaining(['x', 'y'])])
  })

  it('PR-13: who is revoked is gone for everybody at once', async () => {
    const mesh = new Mesh()
    const [hub, ana, ben] = [await mesh.hub(), await mesh.edge('ana'), await mesh.edge('ben')]
    const link = await mesh.meet(hub, ana)
    await mesh.meet(hub, ben)
    ana.presence(SEA).say('here')
    await pass(mesh, limit.PACE_MS)
    expect(shown(ben)).toEqual(['here'])
    mesh.revoked.add('tech:ana')
    link.acceptor.close(4403, 'revoked')
    await pass(mesh, limit.PACE_MS)
    expect([shown(hub), shown(ben)]).toEqual([[], []])
  })

  it('PR-13: whose credential runs out is gone with its session, and back under a new one', async () => {
    const mesh = new Mesh()
    const [hub, ben] = [await mesh.hub(), await mesh.edge('ben')]
    const expiresAt = mesh.world.clock.nowMs + 20_000
    const ana = await mesh.edge('ana', ['SEA'], { expiresAt })
    await mesh.meet(hub, ana)
    await mesh.meet(hub, ben)
    ana.presence(SEA).say('here')
    await pass(mesh, 19_999)
    expect(shown(ben)).toEqual(['here'])
    await pass(mesh, 1 + limit.PACE_MS)
    expect(shown(ben)).toEqual([])
    await ana.setCredential(plainToken(ana.publicKey, { subject: 'tech:ana', read: [SEA], write: [SEA] }))
    await mesh.meet(hub, ana)
    await pass(mesh, limit.PACE_MS)
    expect(shown(ben)).toEqual(['here'])
  })

  it('PR-13: a channel that is granted no more in an open session takes its presence along', async () => {
    const mesh = new Mesh()
    const hub = await mesh.hub()
    const [ana, ben] = [await mesh.edge('ana', ['SEA', 'PDX']), await mesh.edge('ben', ['SEA', 'PDX'])]
    const link = await mesh.meet(hub, ana)
    await mesh.meet(hub, ben)
    for (const site of ['SEA', 'PDX']) ana.presence(`site:${site}`).say(site)
    ben.presence('site:PDX').say('ben')
    await pass(mesh, 4 * limit.PACE_MS)
    expect([shown(ben), shown(ben, 'site:PDX'), shown(ana, 'site:PDX')]).toEqual([['SEA'], ['PDX'], ['ben']])
    const token = plainToken(ana.publicKey, { subject: 'tech:ana', read: [SEA], write: [SEA] })
    await ana.setCredential(token)
    link.initiator.renew(token)
    await pass(mesh, limit.PACE_MS)
    expect([shown(ben), shown(ben, 'site:PDX'), shown(ana, 'site:PDX')]).toEqual([['SEA'], [], []])
    const crossed = await crossing(mesh, () => ben.presence('site:PDX').say('alone'))
    expect(crossed[0]).toEqual([0, 0])
  })

  it('PR-21: it leaves no trace: no commit, no entry, no row, no credit; a session stays current', async () => {
    const mesh = new Mesh()
    const [hub, ana, ben] = [await mesh.hub(), await mesh.edge('ana'), await mesh.edge('ben')]
    const links = [await mesh.meet(hub, ana), await mesh.meet(hub, ben)]
    await ana.workOrders.create(order, { id: 'x' })
    await mesh.settle()
    const all = [hub, ana, ben]
    let commits = 0
    for (const replica of all) replica.onCommit(() => commits++)
    const before = await Promise.all(all.map((replica) => replica.stats()))
    const changes: boolean[] = []
    for (const { acceptor } of links) acceptor.onChange(() => changes.push(acceptor.current))
    ana.presence(SEA).say('nowhere')
    await pass(mesh, 3 * limit.BEAT_MS)
    expect(shown(ben)).toEqual(['nowhere'])
    expect(commits).toBe(0)
    expect(await Promise.all(all.map((replica) => replica.stats()))).toEqual(before)
    expect(changes).toEqual([])
    for (const { acceptor, initiator } of links)
      expect([acceptor.current, initiator.current]).toEqual([true, true])
  })

  it('PR-21: a session in which nobody is present carries none of it', async () => {
    const mesh = new Mesh()
    const [hub, ana] = [await mesh.hub(), await mesh.edge('ana')]
    const { acceptor, initiator } = await mesh.meet(hub, ana)
    await pass(mesh, 3 * limit.BEAT_MS)
    for (const { counters } of [acceptor, initiator])
      expect(counters).toMatchObject({ presencesIn: 0, presencesOut: 0, presencesDropped: 0 })
  })

  it('PR-22: who takes no part says so once, and passes nothing on', async () => {
    const mesh = new Mesh()
    const [hub, ana] = [await mesh.hub(), await mesh.edge('ana')]
    const host = mesh.world.host()
    const quiet = await openReplica({
      host,
      store: memoryStore(),
      verifier: plainVerifier(host),
      collections: { workOrders },
      presence: false,
    })
    await quiet.setCredential(plainToken(quiet.publicKey, { subject: 'tech:quiet', read: [SEA] }))
    const { acceptor, initiator } = await mesh.meet(hub, quiet)
    await mesh.meet(hub, ana)
    ana.presence(SEA).say('x')
    await pass(mesh, 2 * limit.BEAT_MS)
    expect(acceptor.counters.presencesOut).toBe(1)
    expect(initiator.counters.presencesIn).toBe(1)
    expect(quiet.presence(SEA).others()).toEqual([])
    expect(() => quiet.presence(SEA).say('y')).toThrow(/takes no part/)
    expect(initiator.state).toBe('open')
  })

  it('timers are back to where they were when everything was closed', async () => {
    const mesh = new Mesh()
    const { clock } = mesh.world
    const [hub, ana, ben] = [await mesh.hub(), await mesh.edge('ana'), await mesh.edge('ben')]
    const before = clock.timers
    for (const edge of [ana, ben]) await mesh.meet(hub, edge)
    for (const replica of [hub, ana, ben]) replica.presence(SEA).say(replica.node)
    await pass(mesh, limit.PACE_MS)
    for (const joined of mesh.links) await mesh.part(joined)
    for (const replica of [hub, ana, ben]) await replica.close()
    expect(clock.timers).toBe(before)
  })
})
