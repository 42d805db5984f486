/** How much may be begun and not finished, at the hub and as the device sees it (packages/blobs/src/SPEC.md, BL-37, BL-54). */
import { formatRef, parseRef } from '@skerry/blobs'
import { nodeHost } from '@skerry/node'
import { expect, test } from 'vitest'
import { hashOf } from './hash.ts'
import { photoOf } from './photo.ts'
import { begin, piece, send } from './tus.ts'
import { type Device, openDevice, openWorld, until, type World } from './world.ts'

/** Milliseconds of the wait that a commit begins: a device looks then whether edits wait still. */
const NUDGE_MS = 500
const TYPE = 'image/jpeg'
const BYTES = 10_000
/** Of one blob, so that it does not lift the ceilings that are tried. */
const bytesMax = 50_000

/** A photo in a record of its own, at the hub, and not sent. */
async function refer(device: Device, seed: number, bytes = BYTES) {
  const photo = photoOf(seed, bytes)
  const sha256 = hashOf(photo)
  const id = `p${seed}`
  const signature = formatRef({ sha256, bytes, type: TYPE })
  await device.replica.orders.create({ site: 'SEA', signature, photos: [] }, { id })
  await device.replica.orders.saved(id, 'hub')
  return { photo, upload: { sha256, bytes, type: TYPE, record: `orders/${id}` } }
}

const quiet = { mayUpload: () => false }

async function beginAll(world: World, device: Device, seeds: number[], bytes = BYTES) {
  const begun: {
    path: string
    photo: Uint8Array<ArrayBuffer>
    status: number
    words: string
    code: string
  }[] = []
  for (const seed of seeds) {
    const { photo, upload } = await refer(device, seed, bytes)
    const response = await begin(world, device, upload)
    const told = response.ok
      ? {}
      : ((await response.json()) as { code: string; detail: string; retryable: boolean })
    if (!response.ok) expect(told).toMatchObject({ retryable: true })
    const { code = '', detail: words = '' } = told as { code?: string; detail?: string }
    begun.push({ path: response.headers.get('location') ?? '', photo, status: response.status, code, words })
  }
  return begun
}

const statusesOf = (begun: { status: number }[]) => begun.map(({ status }) => status)

test('BL-54: as many uploads of one device as may be unfinished are begun, one more is not, and when one is finished or ended it is', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { perDevice: 2 } } })
  const ana = await openDevice(world, {}, quiet)
  const [first, second, third] = await beginAll(world, ana, [1, 2, 3])
  expect(statusesOf([first!, second!, third!])).toEqual([201, 201, 429])
  expect(third).toMatchObject({
    code: 'too-many-uploads',
    words: 'this device has 2 unfinished uploads: limit 2; those are to be finished or ended first',
  })
  const ben = await openDevice(world, { subject: 'tech:ben' }, quiet)
  expect(statusesOf(await beginAll(world, ben, [4]))).toEqual([201])
  expect((await piece(world, ana, first!.path, 0, first!.photo)).status).toBe(204)
  expect(statusesOf(await beginAll(world, ana, [5, 6]))).toEqual([201, 429])
  expect((await send(world, ana, 'DELETE', second!.path)).status).toBe(204)
  expect(statusesOf(await beginAll(world, ana, [7, 8]))).toEqual([201, 429])
})

test('BL-54: by bytes: a device has as many as the limit, and not one more', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { bytesPerDevice: 60_000 } } })
  const ana = await openDevice(world, {}, quiet)
  expect(statusesOf(await beginAll(world, ana, [1, 2], 30_000))).toEqual([201, 201])
  const [refused] = await beginAll(world, ana, [3], 1_000)
  expect(refused).toMatchObject({
    status: 429,
    code: 'too-many-uploads',
    words: expect.stringContaining('60000 bytes, and 1000 more are above the limit of 60000'),
  })
})

test('BL-54: all devices together have a limit, by number and by bytes, and one blob of the largest size is always taken', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { all: 2, bytes: 1 } } })
  const ana = await openDevice(world, {}, quiet)
  const ben = await openDevice(world, { subject: 'tech:ben' }, quiet)
  expect(statusesOf(await beginAll(world, ana, [1], bytesMax - BYTES))).toEqual([201])
  expect(statusesOf(await beginAll(world, ben, [2]))).toEqual([201])
  const [refused] = await beginAll(world, ben, [3], 100)
  expect(refused).toMatchObject({
    status: 507,
    code: 'uploads-full',
    words: expect.stringContaining('limit 2'),
  })
  const bytes = await openWorld({ blobs: { bytesMax, unfinished: { bytes: 1 } } })
  const cem = await openDevice(bytes, {}, quiet)
  expect(statusesOf(await beginAll(bytes, cem, [1], bytesMax))).toEqual([201])
  const [more] = await beginAll(bytes, cem, [2], 100)
  expect(more).toMatchObject({ status: 507, words: expect.stringContaining('limit of 50000; wait until') })
})

test('BL-54: uploads begun at once are counted at once, what is begun anew has its own place, and what an earlier hub left counts', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { perDevice: 2 } } })
  const ana = await openDevice(world, {}, quiet)
  const referred = [await refer(ana, 1), await refer(ana, 2), await refer(ana, 3), await refer(ana, 4)]
  const begun = await Promise.all(referred.map(({ upload }) => begin(world, ana, upload)))
  expect(statusesOf(begun).sort()).toEqual([201, 201, 429, 429])
  const anew = referred[begun.findIndex(({ ok }) => ok)]!
  expect((await begin(world, ana, anew.upload)).status).toBe(201)
  const folder = world.folder
  const next = await openWorld({ blobs: { folder, bytesMax, unfinished: { all: 2 } } })
  const eve = await openDevice(next, {}, quiet)
  const [refused] = await beginAll(next, eve, [5])
  expect(refused).toMatchObject({
    status: 507,
    words: expect.stringContaining('this hub has 2 unfinished uploads'),
  })
})

test('BL-37: a device that may begin no more says why, sends what it began, and the rest when it may again', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { all: 1 } } })
  const other = await openDevice(world, { subject: 'tech:ben' }, quiet)
  const [held] = await beginAll(world, other, [1])
  const ana = await openDevice(world)
  const refs = [await ana.take(photoOf(2, BYTES), 'o1'), await ana.take(photoOf(3, BYTES), 'o2')]
  for (const ref of refs) await until(ana.blobs, ref, 'blocked')
  expect(await ana.blobs.state(refs[1]!)).toEqual({
    kind: 'blocked',
    why: {
      code: 'uploads-full',
      words: expect.stringContaining('this hub has 1 unfinished uploads: limit 1'),
    },
  })
  expect((await ana.blobs.waiting()).map(({ sha256 }) => sha256)).toEqual(
    refs.map((ref) => parseRef(ref)!.sha256),
  )
  expect((await piece(world, other, held!.path, 0, held!.photo)).status).toBe(204)
  for (const ref of refs) await until(ana.blobs, ref, 'at-hub')
})

test('BL-37: in one look the hub is asked once for a new upload, and then again after the wait', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { all: 1 } } })
  const other = await openDevice(world, { subject: 'tech:ben' }, quiet)
  await beginAll(world, other, [1])
  let asked = 0
  const through: typeof fetch = (url, init) => {
    if (init?.method === 'POST') asked += 1
    return fetch(url, init)
  }
  const waits = new Set<{ ms: number; run(): void }>()
  const timer = (ms: number, run: () => void) => {
    const wait = { ms, run }
    waits.add(wait)
    return () => void waits.delete(wait)
  }
  /** The wait for the next look, when no look is under way or due: then nothing asks. */
  const rest = async (after?: object) => {
    const next = () => [...waits].find((wait) => wait.ms !== NUDGE_MS && wait !== after)
    await expect.poll(next).toBeDefined()
    return next()!
  }
  const ana = await openDevice(world, {}, { fetch: through, host: { ...nodeHost(), timer } })
  const refs = [await ana.take(photoOf(2, BYTES), 'o1'), await ana.take(photoOf(3, BYTES), 'o2')]
  await ana.replica.orders.saved('o2', 'hub')
  ana.blobs.wake()
  for (const ref of refs) await until(ana.blobs, ref, 'blocked')
  const first = await rest()
  const before = asked
  ana.blobs.wake()
  const second = await rest(first)
  expect(asked).toBe(before + 1)
  waits.delete(second)
  second.run()
  await rest(second)
  expect(asked).toBe(before + 2)
})

test('BL-37: an upload that was begun goes on while the hub begins none', async () => {
  const world = await openWorld({ blobs: { bytesMax, unfinished: { perDevice: 1 } } })
  const line = { is: true }
  let sent = 0
  const through: typeof fetch = (url, init) => {
    if (init?.method === 'PATCH' && ++sent === 1) line.is = false
    return fetch(url, init)
  }
  const ana = await openDevice(world, {}, { fetch: through, mayUpload: () => line.is })
  const begun = await ana.take(photoOf(1, bytesMax), 'o1')
  // The first piece is there, and the line is another one then.
  await expect.poll(() => line.is).toBe(false)
  const older = await ana.blobs.take(photoOf(2, BYTES), { record: 'orders/o2' })
  await ana.replica.orders.create({ site: 'SEA', signature: older, photos: [] }, { id: 'o2' })
  line.is = true
  ana.blobs.wake()
  for (const ref of [begun, older]) await until(ana.blobs, ref, 'at-hub')
})
