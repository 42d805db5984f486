/** Replicas that meet each other in any shape: everyone gets what it may see, and an entry crosses a link once, or twice where it came both ways round. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Mesh } from './mesh.test-support.ts'
import { everything, type Orders, order } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const EDITS = 10
const CREATED_AND_EDITED = EDITS + 1
/** A hub gives a new record back once, with the mark that it entered its channel (session/SPEC.md, Known gaps). */
const MARKED = 1

/** One record, created and edited; every edit is an entry. */
async function write(replica: Orders, id: string): Promise<void> {
  await replica.workOrders.create(order, { id })
  for (let n = 1; n <= EDITS; n++)
    await replica.workOrders.update(id, (o) => {
      o.title = `${id} ${n}`
    })
}

function edges(mesh: Mesh, names: string): Promise<Orders[]> {
  return Promise.all([...names].map((name) => mesh.edge(name)))
}

async function expectAllHave(replicas: readonly Orders[], ids: readonly string[]): Promise<void> {
  const titles = ids.map((id) => `${id} ${EDITS}`)
  for (const replica of replicas) {
    expect((await replica.workOrders.all()).map(({ title }) => title).sort()).toEqual(titles)
    expect(await replica.session.readLog(0, everything)).toHaveLength(ids.length * CREATED_AND_EDITED)
  }
}

describe('N-5: an entry crosses a link', () => {
  test('once, between two edges', async () => {
    const mesh = new Mesh()
    const [a, b] = await edges(mesh, 'ab')
    await mesh.meet(a!, b!)
    expect(await mesh.crossing(() => write(a!, 'x'))).toEqual([CREATED_AND_EDITED])
    expect(await mesh.crossing(() => write(b!, 'y'))).toEqual([CREATED_AND_EDITED])
    await expectAllHave([a!, b!], ['x', 'y'])
  })

  test('once, when it was written before they met', async () => {
    const mesh = new Mesh()
    const [a, b] = await edges(mesh, 'ab')
    await write(a!, 'x')
    await write(b!, 'y')
    const { crossed } = await mesh.meet(a!, b!)
    expect(crossed()).toBe(2 * CREATED_AND_EDITED)
    await expectAllHave([a!, b!], ['x', 'y'])
  })

  test('not at all, when they meet again', async () => {
    const mesh = new Mesh()
    const [a, b] = await edges(mesh, 'ab')
    const first = await mesh.meet(a!, b!)
    await write(a!, 'x')
    await mesh.settle()
    await mesh.part(first)
    expect((await mesh.meet(b!, a!)).crossed()).toBe(0)
  })

  test('once, along a chain of three', async () => {
    const mesh = new Mesh()
    const [a, b, c] = await edges(mesh, 'abc')
    await mesh.meet(a!, b!)
    await mesh.meet(b!, c!)
    expect(await mesh.crossing(() => write(a!, 'x'))).toEqual([CREATED_AND_EDITED, CREATED_AND_EDITED])
    expect(await mesh.crossing(() => write(b!, 'y'))).toEqual([CREATED_AND_EDITED, CREATED_AND_EDITED])
    await expectAllHave([a!, b!, c!], ['x', 'y'])
  })

  test('once, in a ring of four; twice where both ways round meet', async () => {
    const mesh = new Mesh()
    const ring = await edges(mesh, 'abcd')
    for (const [i, edge] of ring.entries()) await mesh.meet(edge, ring[(i + 1) % 4]!)
    const crossed = await mesh.crossing(() => write(ring[0]!, 'x'))
    expect(crossed).toEqual([1, 1, 2, 1].map((times) => times * CREATED_AND_EDITED))
    await expectAllHave(ring, ['x'])
  })

  test('at most twice, where everybody is joined to everybody', async () => {
    const mesh = new Mesh()
    const all = await edges(mesh, 'abcde')
    for (const [i, edge] of all.entries()) for (const other of all.slice(i + 1)) await mesh.meet(edge, other)
    for (const crossed of await mesh.crossing(() => write(all[0]!, 'x')))
      expect([1, 2].map((times) => times * CREATED_AND_EDITED)).toContain(crossed)
    await expectAllHave(all, ['x'])
  })

  test('once, from edge to edge over a hub behind a hub', async () => {
    const mesh = new Mesh()
    const [front, back] = [await mesh.hub('front'), await mesh.hub('back')]
    const [a, b] = await edges(mesh, 'ab')
    await mesh.meet(back, front)
    await mesh.meet(front, a!)
    await mesh.meet(back, b!)
    const [between, toA, toB] = [CREATED_AND_EDITED, CREATED_AND_EDITED, CREATED_AND_EDITED]
    expect(await mesh.crossing(() => write(a!, 'x'))).toEqual([between, toA + MARKED, toB])
    expect(await mesh.crossing(() => write(b!, 'y'))).toEqual([between, toA, toB + MARKED])
    await expectAllHave([a!, b!, front, back], ['x', 'y'])
  })

  test('fault N12: at most twice, with two hubs that share their edges', async () => {
    const mesh = new Mesh()
    const hubs = [await mesh.hub('one'), await mesh.hub('two')]
    const [a, b] = await edges(mesh, 'ab')
    for (const hub of hubs) for (const edge of [a!, b!]) await mesh.meet(hub, edge)
    const crossed = await mesh.crossing(() => write(a!, 'x'))
    const once = CREATED_AND_EDITED
    expect(crossed).toEqual([once + MARKED, once, once + MARKED, 2 * once])
    await expectAllHave([a!, b!, ...hubs], ['x'])
    expect((await a!.stats()).unacknowledged).toBe(0)
  })

  test('fault N12: two hubs that lost each other agree again, and nothing goes round afterwards', async () => {
    const mesh = new Mesh()
    const [one, two] = [await mesh.hub('one'), await mesh.hub('two')]
    const [a, b] = await edges(mesh, 'ab')
    const between = await mesh.meet(one, two)
    await mesh.meet(one, a!)
    await mesh.meet(two, b!)
    await mesh.part(between)
    await write(a!, 'x')
    await write(b!, 'y')
    await mesh.settle()
    await mesh.meet(one, two)
    await expectAllHave([a!, b!, one, two], ['x', 'y'])
    expect(await mesh.crossing(async () => undefined)).toEqual(mesh.links.map(() => 0))
  })
})
