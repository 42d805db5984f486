/** What a revoked device wrote where edits add up (texts, rows, counters): of each, what others wrote into it stays, once, and nothing of its own. */
import { beforeAll, describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { type Orders, order } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import { at, shared } from './take-back.test-support.ts'

beforeAll(startEngine)

test('Z-2: of a counter that a revoked device had made, what an honest one added stays, and no more', async () => {
  const { mesh, hub, a, b, visit } = await shared()
  await hub.workOrders.create({ ...order, title: 'without hours' }, { id: '2' })
  for (const edge of [a, b]) await visit(hub, edge)
  await a.workOrders.update('2', (o) => {
    o.hours = 5
  })
  await visit(a, b)
  await b.workOrders.update('2', (o) => {
    o.hours! += 3
  })
  mesh.revoked.add('tech:a')
  await visit(hub, b)
  expect(await at(hub, '2')).toMatchObject({ hours: 3 })
})

describe('Z-2: of a text, and of rows, that a revoked device had made', () => {
  /** All of b, c and d have what a wrote into a record that had neither. */
  async function written(seed?: number) {
    const all = await shared(seed)
    const { mesh, hub, a, b, c, d, visit } = all
    await hub.workOrders.create({ ...order }, { id: '2' })
    for (const edge of [a, b, c, d]) await visit(hub, edge)
    await a.workOrders.update('2', (o) => {
      o.notes = 'by a '
      o.parts = [
        { sku: 'nut', qty: 1 },
        { sku: 'washer', qty: 1 },
      ]
    })
    for (const edge of [b, c, d]) await visit(a, edge)
    mesh.revoked.add('tech:a')
    return all
  }

  test('what others wrote into it stays, in as many deliveries as they come, and no more', async () => {
    const { hub, b, c, d, visit } = await written()
    await b.workOrders.update('2', (o) => {
      o.notes += 'and b '
      o.parts!.push({ sku: 'screw', qty: 2 })
    })
    await c.workOrders.update('2', (o) => {
      o.notes += 'c'
      o.parts![0]!.qty = 7
    })
    await visit(hub, d)
    expect(await at(hub, '2')).toEqual({ ...order, id: '2' })
    await visit(hub, b)
    expect(await at(hub, '2')).toMatchObject({ notes: 'and b ', parts: [{ sku: 'screw', qty: 2 }] })
    await visit(hub, c)
    const { notes, parts } = (await at(hub, '2'))!
    expect([...notes!].sort().join('')).toBe([...'and b c'].sort().join(''))
    expect(notes).toContain('and b ')
    expect(parts!.toSorted((one, other) => (one.sku < other.sku ? -1 : 1))).toEqual([
      { sku: 'nut', qty: 7 },
      { sku: 'screw', qty: 2 },
    ])
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'in any order of edits and meetings, others’ words are there once, and no other (seed %d)',
    async (seed) => {
      const random = new SeededRandom(seed)
      const { hub, a, b, c, d, visit } = await written(seed)
      const others = [b, c, d]
      const honest: string[] = []
      const say = (replica: Orders, word: string) =>
        replica.workOrders.update('2', (o) => {
          o.notes += `${word} `
        })
      for (let i = 0; i < 3; i++) {
        await say(a, `a${i}`)
        for (const [j, edge] of others.entries()) {
          if (random.chance(0.4)) await visit(a, edge)
          if (random.chance(0.6)) {
            await say(edge, `h${i}${j}`)
            honest.push(`h${i}${j}`)
          }
        }
      }
      for (const edge of [...others, ...others]) await visit(hub, edge)
      const words = ((await at(hub, '2'))?.notes ?? '').split(' ').filter(Boolean)
      expect(words.sort()).toEqual(honest.sort())
      for (const edge of others) expect(await at(edge, '2')).toEqual(await at(hub, '2'))
    },
  )

  test('what somebody took away again since does not come back', async () => {
    const { hub, b, c, d, visit } = await written()
    for (const [edge, by] of [
      [b, 'b'],
      [c, 'c'],
    ] as const)
      await edge.workOrders.update('2', (o) => {
        o.notes += by
      })
    await visit(hub, b)
    await visit(hub, d)
    await d.workOrders.update('2', (o) => {
      delete o.notes
    })
    await visit(hub, d)
    await visit(hub, c)
    expect((await at(hub, '2'))?.notes).toBeUndefined()
  })
})

test('Z-2: what others add to a counter that was there is counted once, beside a field that is written again', async () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const { mesh, hub, a, b, c, visit } = await shared(seed)
    await a.workOrders.update('1', (o) => {
      o.title = 'by a'
      o.hours! += 5
    })
    for (const edge of [b, c]) await visit(a, edge)
    for (const [edge, hours] of [
      [b, 2],
      [c, 4],
    ] as const)
      await edge.workOrders.update('1', (o) => {
        o.title = 'honest'
        o.hours! += hours
      })
    mesh.revoked.add('tech:a')
    await visit(hub, b)
    await visit(hub, c)
    expect({ seed, hours: (await at(hub))!.hours }).toEqual({ seed, hours: 7 })
  }
})

describe('Z-2: of a counter that a revoked device had made', () => {
  /** All of a, b, c, d have a record without hours; a makes the counter, and the others have it. */
  async function counted(seed?: number) {
    const all = await shared(seed)
    const { hub, a, b, c, d, visit } = all
    await hub.workOrders.create({ ...order, title: 'without hours' }, { id: '2' })
    for (const edge of [a, b, c, d]) await visit(hub, edge)
    await add(a, 5)
    return all
  }
  const add = (replica: Orders, hours: number) =>
    replica.workOrders.update('2', (o) => {
      o.hours = (o.hours ?? 0) + hours
    })
  const hoursOf = async (replica: Orders) => (await at(replica, '2'))?.hours

  test('what it added in a later delivery goes too', async () => {
    const { mesh, hub, a, b, c, visit } = await counted()
    await visit(a, b)
    await add(a, 3)
    await visit(a, c)
    mesh.revoked.add('tech:a')
    await visit(hub, b)
    expect(await hoursOf(hub)).toBeUndefined()
    await add(c, 2)
    await visit(hub, c)
    expect(await hoursOf(hub)).toBe(2)
  })

  test('what two others added in two deliveries counts for both', async () => {
    const { mesh, hub, a, c, d, visit } = await counted()
    for (const edge of [c, d]) await visit(a, edge)
    await add(c, 2)
    await add(d, 4)
    mesh.revoked.add('tech:a')
    await visit(hub, c)
    expect(await hoursOf(hub)).toBe(2)
    await visit(hub, d)
    expect(await hoursOf(hub)).toBe(6)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'in any order of edits and meetings, what others added is what it says (seed %d)',
    async (seed) => {
      const random = new SeededRandom(seed)
      const { mesh, hub, a, b, c, d, visit } = await counted(seed)
      const others = [b, c, d]
      for (const edge of others) await visit(a, edge)
      let honest = 0
      const someEdits = async () => {
        if (random.chance(0.5)) await add(a, 1 + random.below(9))
        for (const edge of others) {
          if (random.chance(0.4)) await visit(a, edge)
          if (random.chance(0.6)) {
            const hours = 1 + random.below(9)
            await add(edge, hours)
            honest += hours
          }
          if (random.chance(0.2)) await visit(edge, random.pick(others.filter((other) => other !== edge)))
        }
      }
      await someEdits()
      await someEdits()
      mesh.revoked.add('tech:a')
      await visit(hub, random.pick(others))
      // On the hub's word, or on what it had before; two counters that are made beside each other do not add up.
      for (const edge of others)
        if (random.chance(0.5) && (await hoursOf(edge)) !== undefined) {
          await add(edge, 1)
          honest += 1
        }
      for (const edge of [...others, ...others]) await visit(hub, edge)
      expect((await hoursOf(hub)) ?? 0).toBe(honest)
      for (const edge of others) expect(await at(edge, '2')).toEqual(await at(hub, '2'))
    },
  )
})
