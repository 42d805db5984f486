/** Of two who sign at once one signature stands, whole; so does the place. */
import { type JsonObject, memoryStore, openReplica } from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { VirtualWorld } from '@skerry/core/testing'
import { collections, SPACE, type WorkOrder } from '@skerry/field-service'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { ONE_VALUE_LENGTH_MAX, putStamp, sign, signatureOf, stampOf } from '@skerry/field-service/one-value'
import { enrol, join, openVerifier, settle } from '@skerry/meeting'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

beforeAll(startEngine)

async function open(world: VirtualWorld, subject: string, role: 'edge' | typeof hubRole) {
  const host = { ...world.host(), timer: () => () => undefined }
  const replica = await openReplica({
    host,
    store: memoryStore(),
    verifier: openVerifier,
    collections,
    space: SPACE,
    role,
  })
  await enrol(replica, { subject, role: role === 'edge' ? 'device' : 'authority' })
  onTestFinished(() => replica.close())
  return replica
}

/** What each of two wrote without knowing of the other, as both have it when all of it is everywhere. */
async function atOnce(order: Partial<WorkOrder>, ...writes: ((order: WorkOrder) => void)[]) {
  const world = new VirtualWorld(1)
  const hub = await open(world, 'hub', hubRole)
  const edges = [await open(world, 'tech:ana', 'edge'), await open(world, 'tech:ben', 'edge')]
  const links = edges.map((edge) => join(hub, edge))
  const value = newWorkOrder({ title: 'Mast', site: 'Mahlon Sweet', state: 'OR', ...order })
  const { id } = await hub.collection('work_orders').create(value as unknown as JsonObject)
  await settle(links)
  // Nothing is delivered meanwhile.
  for (const [index, write] of writes.entries())
    await edges[index]!.collection('work_orders').update(id, (draft) => write(draft as unknown as WorkOrder))
  await settle(links)
  const [one, other] = await Promise.all(edges.map((edge) => edge.collection('work_orders').get(id)))
  expect(one).toEqual(other)
  return {
    order: one as unknown as WorkOrder,
    concurrent: await hub.collection('work_orders').concurrent(id),
  }
}

const mrA = { name: 'Mr A', at: 1_000 }
const mrsB = { name: 'Mrs B', at: 2_000, drawing: 'M1 1L2 2' }
const gate = { latitude: 52.5, longitude: 13.25, accuracy: 5, at: 1_000 }
const roof = { latitude: 52.75, longitude: 13.5, accuracy: 50, at: 2_000 }

test('two sign at once: a name and the drawing that belongs to it, and the other signature is kept beside', async () => {
  const { order, concurrent } = await atOnce(
    {},
    (draft) => sign(draft, mrA),
    (draft) => sign(draft, mrsB),
  )
  expect([mrA, mrsB]).toContainEqual(signatureOf(order))
  expect(concurrent.map(({ path }) => path)).toEqual([['signed']])
  const both = concurrent[0]!.values.map(({ value }) => signatureOf({ signed: String(value) }))
  expect(both).toEqual(expect.arrayContaining([mrA, mrsB]))
})

test('two stamp their places at once: one place, as right as it was taken', async () => {
  const { order, concurrent } = await atOnce(
    {},
    (draft) => putStamp(draft, gate),
    (draft) => putStamp(draft, roof),
  )
  expect([gate, roof]).toContainEqual(stampOf(order))
  expect(concurrent.map(({ path }) => path)).toEqual([['stamped']])
})

test('two sign anew an order of the older form: nothing of the old signature is left', async () => {
  const { order } = await atOnce(
    { signature: { name: 'Mr Old', at: 500, drawing: 'M9 9' }, stamp: gate },
    (draft) => sign(draft, mrA),
    (draft) => sign(draft, mrsB),
  )
  expect([mrA, mrsB]).toContainEqual(signatureOf(order))
  expect(order.signature).toBeUndefined()
  expect(stampOf(order)).toEqual(gate)
})

test('of both forms the newer one counts, and taking a signature away takes both', () => {
  const order = { signed: JSON.stringify(mrA), signature: mrsB }
  expect(signatureOf(order)).toEqual(mrsB)
  expect(signatureOf({ ...order, signed: JSON.stringify({ ...mrA, at: 3_000 }) })?.name).toBe('Mr A')
  sign(order, undefined)
  expect(order).toEqual({})
})

test.each([
  ['a signature without a name', 'signed', JSON.stringify({ ...mrA, name: '' })],
  ['a drawing that is none', 'signed', JSON.stringify({ ...mrA, drawing: 7 })],
  ['a drawing too long', 'signed', JSON.stringify({ ...mrA, drawing: 'L'.repeat(8_001) })],
  ['a text too long', 'signed', JSON.stringify({ ...mrA, name: 'A'.repeat(ONE_VALUE_LENGTH_MAX) })],
  ['a text that is no JSON', 'signed', 'Mr A'],
  ['a place without latitude', 'stamped', JSON.stringify({ ...gate, latitude: undefined })],
  ['a number', 'stamped', '7'],
])('%s is not taken', (_, field, text) => {
  const value = newWorkOrder({ title: 'Mast', site: 'Mahlon Sweet', state: 'OR', [field]: text })
  expect(collections.work_orders.parse(value)).toMatchObject({ issues: [{ path: `/${field}` }] })
})

test('what a pad and a name field can hold is taken', () => {
  const signed = JSON.stringify({ name: '"'.repeat(120), at: Date.now(), drawing: 'L'.repeat(8_000) })
  const value = newWorkOrder({ title: 'Mast', site: 'Mahlon Sweet', state: 'OR', signed })
  expect(collections.work_orders.parse(value)).toHaveProperty('value')
})
