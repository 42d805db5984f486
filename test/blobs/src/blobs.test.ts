/** Blobs between devices and a hub over HTTP: taken, sent, fetched, refused (packages/blobs/src/SPEC.md, BL-20 to BL-62). */

import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BlobError, type BlobStore, memoryBlobs, parseRef, serveBlobs } from '@skerry/blobs'
import { nodeHost } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { hashOf } from './hash.ts'
import { photoOf } from './photo.ts'
import { openDevice, openWorld, until, type World } from './world.ts'

const PHOTO = photoOf(1, 700_000)
const THUMBNAIL = photoOf(2, 9_000)

const stored = async ({ folder }: World) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
    .map(({ name }) => name)
    .sort()
const unfinished = ({ folder }: World) => readdirSync(`${folder}/uploads`)

/** Its methods, for putting others beside them. */
const bound = (store: BlobStore): BlobStore => ({
  put: (...of) => store.put(...of),
  read: (...of) => store.read(...of),
  stat: (...of) => store.stat(...of),
  delete: (...of) => store.delete(...of),
  list: (...of) => store.list(...of),
  size: () => store.size(),
  close: () => store.close(),
})

test('BL-21 BL-30 BL-34 BL-60: a photo is here at once, then at the hub, then wherever the record is shown', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { thumbnailOf: async () => THUMBNAIL })
  const ref = await ana.blobs.take(PHOTO, { record: 'orders/o1', type: 'image/jpeg', name: 'mast.jpg' })
  expect(parseRef(ref)).toEqual({
    sha256: hashOf(PHOTO),
    bytes: PHOTO.length,
    type: 'image/jpeg',
    name: 'mast.jpg',
    thumbnail: { sha256: hashOf(THUMBNAIL), bytes: THUMBNAIL.length },
  })
  expect(await ana.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
  expect((await ana.blobs.waiting()).map(({ sha256 }) => sha256)).toEqual([hashOf(THUMBNAIL), hashOf(PHOTO)])
  await ana.replica.orders.create({ site: 'SEA', signature: ref, photos: [] }, { id: 'o1' })
  await until(ana.blobs, ref, 'at-hub')
  expect(await stored(world)).toEqual([hashOf(PHOTO), hashOf(THUMBNAIL)].sort())
  expect(unfinished(world)).toEqual([])
  expect(await ana.blobs.waiting()).toEqual([])

  const ben = await openDevice(world, { subject: 'tech:ben' })
  await expect.poll(() => ben.replica.orders.get('o1')).toBeTruthy()
  expect(await ben.blobs.state(ref)).toEqual({
    kind: 'missing',
    why: { code: 'not-fetched', words: 'not fetched yet' },
  })
  expect(await ben.blobs.openThumbnail(ref, 'orders/o1')).toEqual(THUMBNAIL)
  expect(await ben.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
  expect(await ben.blobs.state(ref)).toEqual({ kind: 'at-hub', here: true })
  const before = world.line.passed.down
  expect(await ben.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
  expect(world.line.passed.down).toBe(before)
})

test('BL-33: a photo whose record has not come yet waits, and those behind it go', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const early = await ana.blobs.take(photoOf(3, 50_000), { record: 'orders/later' })
  const ref = await ana.take(PHOTO, 'o1')
  await until(ana.blobs, ref, 'at-hub')
  expect((await ana.blobs.state(early)).kind).toBe('here')
  await ana.replica.orders.create({ site: 'SEA', signature: early, photos: [] }, { id: 'later' })
  await until(ana.blobs, early, 'at-hub')
})

test('BL-30: nothing is sent while the host says no, and what it waits for is told', async () => {
  const world = await openWorld()
  const wifi = { is: false }
  const ana = await openDevice(world, {}, { mayUpload: () => wifi.is })
  const ref = await ana.take(PHOTO, 'o1')
  let told = await ana.blobs.state(ref)
  const stop = ana.blobs.subscribe(async () => {
    told = await ana.blobs.state(ref)
  })
  await ana.replica.orders.saved('o1', 'hub')
  await expect.poll(() => told).toMatchObject({ kind: 'here', waitsFor: { code: 'not-now' } })
  stop()
  expect(world.line.passed.up).toBe(0)
  wifi.is = true
  ana.blobs.wake()
  await until(ana.blobs, ref, 'at-hub')
})

test('BL-30: edits go first: while one waits for the hub, no photo is sent', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  await ana.link.close()
  await ana.replica.orders.create({ site: 'SEA', photos: [] }, { id: 'o1' })
  const ref = await ana.blobs.take(PHOTO, { record: 'orders/o1' })
  await ana.replica.orders.update('o1', (draft) => {
    draft.signature = ref
  })
  await expect
    .poll(() => ana.blobs.state(ref))
    .toEqual({
      kind: 'here',
      waitsFor: { code: 'edits-first', words: 'edits are sent first' },
    })
  expect(world.line.passed.up).toBe(0)
  ana.connect()
  await until(ana.blobs, ref, 'at-hub')
})

test('BL-30: a line that becomes another one in the middle of a photo is left, and gone on with where it was', async () => {
  const world = await openWorld()
  const asked = { times: 0 }
  const ana = await openDevice(world, {}, { mayUpload: () => ++asked.times < 6 || asked.times > 12 })
  const left: number[] = []
  ana.blobs.subscribe(async () => {
    const state = await ana.blobs.state(ref)
    if (state.kind === 'uploading') left.push(state.bytes)
  })
  const ref = await ana.take(PHOTO, 'o1')
  await until(ana.blobs, ref, 'at-hub')
  expect(asked.times).toBeGreaterThan(12)
  expect(left).toEqual([...left].sort((a, b) => a - b))
  expect(world.line.passed.up).toBeLessThan(1.3 * PHOTO.length)
})

test('fault N9: BL-33 a captive portal is named, and what it answers is believed in nothing', async () => {
  const world = await openWorld()
  const portal = { is: true }
  const through: typeof fetch = async (url, init) =>
    portal.is ? new Response('<html>sign in', { headers: { 'content-type': 'text/html' } }) : fetch(url, init)
  const ana = await openDevice(world, {}, { fetch: through })
  const ref = await ana.take(PHOTO, 'o1')
  await expect
    .poll(() => ana.blobs.state(ref))
    .toMatchObject({ waitsFor: { code: 'no-hub', words: expect.stringContaining('sign-in') } })
  expect(world.line.passed.up).toBe(0)
  portal.is = false
  await until(ana.blobs, ref, 'at-hub')
})

test('BL-34: an answer that does not name the blob is no word of the hub that it has it', async () => {
  const world = await openWorld()
  // A proxy or sign-in that answers everything with 200, and not in HTML.
  const answered: typeof fetch = async () => new Response(null, { status: 200 })
  const ana = await openDevice(world, {}, { fetch: answered })
  const ref = await ana.take(PHOTO, 'o1')
  await expect.poll(() => ana.blobs.state(ref)).toMatchObject({ kind: 'here', waitsFor: { code: 'no-hub' } })
})

test('BL-20: what is empty, too large, or something else is refused with words, before it is kept', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  let read = 0
  const huge = {
    size: 200 * 1024 * 1024,
    arrayBuffer: async () => {
      read += 1
      return new ArrayBuffer(0)
    },
  }
  const record = 'orders/o1'
  await expect(ana.blobs.take(huge, { record })).rejects.toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('200.0 MB, and at most 25.0 MB'),
  })
  expect(read).toBe(0)
  await expect(ana.blobs.take(new Uint8Array(), { record })).rejects.toMatchObject({ code: 'empty' })
  await expect(ana.blobs.take(Buffer.from('<svg onload="alert(1)">'), { record })).rejects.toMatchObject({
    code: 'wrong-type',
    message: expect.stringContaining('taken are image/jpeg'),
  })
  await expect(ana.blobs.take(PHOTO, { record, type: 'image/png' })).rejects.toMatchObject({
    code: 'wrong-type',
    message: expect.stringContaining('called image/png, and what is in it is image/jpeg'),
  })
  expect(await ana.store.size()).toEqual({ blobs: 0, bytes: 0 })
})

test('BL-27: of a picture that nobody can read nothing is kept', async () => {
  const world = await openWorld()
  const thumbnailOf = async () => {
    throw new BlobError('unreadable', 'there is no picture in it')
  }
  const ana = await openDevice(world, {}, { thumbnailOf })
  await expect(ana.blobs.take(PHOTO, { record: 'orders/o1' })).rejects.toMatchObject({ code: 'unreadable' })
  expect(await ana.store.size()).toEqual({ blobs: 0, bytes: 0 })
  expect(await ana.blobs.waiting()).toEqual([])
})

test('BL-20: the ceiling itself is taken, and one byte more is not', async () => {
  const world = await openWorld({ blobs: { bytesMax: 1_000 } })
  const ana = await openDevice(world, {}, { bytesMax: 1_000 })
  const ref = await ana.take(photoOf(4, 1_000), 'o1')
  await until(ana.blobs, ref, 'at-hub')
  await expect(ana.blobs.take(photoOf(4, 1_001), { record: 'orders/o1' })).rejects.toMatchObject({
    code: 'too-large',
  })
})

test('BL-51 BL-22: what the hub refuses is told in its words, kept here, and does not hold up the next', async () => {
  const world = await openWorld({ blobs: { bytesMax: 100_000 } })
  const ana = await openDevice(world)
  const large = await ana.take(photoOf(5, 200_000), 'o1')
  const small = await ana.take(photoOf(6, 50_000), 'o2')
  await until(ana.blobs, small, 'at-hub')
  expect(await ana.blobs.state(large)).toEqual({
    kind: 'refused',
    why: {
      code: 'blob-too-large',
      words: expect.stringContaining('200000 bytes are above the limit of 100000'),
    },
  })
  expect(await ana.blobs.open(large, 'orders/o1')).toEqual(photoOf(5, 200_000))
  expect((await ana.blobs.waiting()).map(({ state }) => state)).toEqual(['refused'])
  expect(await ana.blobs.retry(parseRef(large)!.sha256)).toBe(true)
  await until(ana.blobs, large, 'refused')
})

test('BL-22 BL-33: an original that is lost here before it was sent is told, and the next one goes', async () => {
  const world = await openWorld()
  const wifi = { is: false }
  const ana = await openDevice(world, {}, { mayUpload: () => wifi.is })
  const lost = await ana.take(PHOTO, 'o1')
  const next = await ana.take(photoOf(7, 50_000), 'o2')
  await ana.store.delete(hashOf(PHOTO))
  wifi.is = true
  ana.blobs.wake()
  await until(ana.blobs, next, 'at-hub')
  expect(await ana.blobs.state(lost)).toMatchObject({
    kind: 'refused',
    why: { code: 'lost', words: expect.stringContaining('lost it') },
  })
})

test('BL-50: who may not write the record does not upload for it', async () => {
  const world = await openWorld()
  const eve = await openDevice(world, { subject: 'tech:eve', write: [] })
  const ref = await eve.blobs.take(PHOTO, { record: 'orders/o1' })
  await world.hub.replica
    .collection('orders')
    .create({ site: 'SEA', signature: ref, photos: [] }, { id: 'o1' })
  await until(eve.blobs, ref, 'refused')
  expect(await eve.blobs.state(ref)).toMatchObject({
    why: { code: 'forbidden', words: expect.stringContaining("'tech:eve' may not write orders/o1") },
  })
  expect(await stored(world)).toEqual([])
})

test('BL-40 BL-61: who may not read the record is told of no blob, also when it moves away; who may is told that it is not sent yet', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, { read: ['*'], write: ['*'] })
  const wifi = { is: false }
  const held = await openDevice(world, { subject: 'tech:cem' }, { mayUpload: () => wifi.is })
  const ref = await held.take(PHOTO, 'o1')
  await held.replica.orders.saved('o1', 'hub')
  const eve = await openDevice(world, { subject: 'tech:eve', read: ['site:GEG'], write: ['site:GEG'] })
  const open = (device: typeof ana) => device.blobs.open(ref, 'orders/o1')
  await expect(open(eve)).rejects.toThrow('there is no such blob in a record that you may read')
  await expect(open(ana)).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('has not sent it yet'),
  })
  expect(await ana.blobs.state(ref)).toEqual({
    kind: 'missing',
    why: { code: 'blob-not-sent', words: 'the device that took it has not sent it yet' },
  })
  wifi.is = true
  held.blobs.wake()
  await until(held.blobs, ref, 'at-hub')
  await expect(open(eve)).rejects.toThrow('there is no such blob')
  await expect(eve.blobs.open(ref, 'orders/none')).rejects.toThrow('there is no such blob')
  await expect.poll(() => ana.replica.orders.get('o1')).toBeTruthy()
  await ana.replica.orders.update('o1', (draft) => {
    draft.site = 'GEG'
  })
  await ana.replica.orders.saved('o1', 'hub')
  expect(await open(eve)).toEqual(PHOTO)
  const dan = await openDevice(world, { subject: 'tech:dan' })
  await expect(open(dan)).rejects.toThrow('there is no such blob')
})

test('BL-35: two devices with the same photo: one is stored, and it is sent once', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const ben = await openDevice(world, { subject: 'tech:ben' })
  const first = await ana.take(PHOTO, 'o1')
  await until(ana.blobs, first, 'at-hub')
  const sent = world.line.passed.up
  const second = await ben.take(PHOTO, 'o2')
  await until(ben.blobs, second, 'at-hub')
  expect(await stored(world)).toEqual([hashOf(PHOTO)])
  expect(world.line.passed.up - sent).toBeLessThan(20_000)
})

test('BL-35: two devices that send the same photo at once store one', async () => {
  const world = await openWorld()
  const devices = [await openDevice(world), await openDevice(world, { subject: 'tech:ben' })]
  const refs = await Promise.all(devices.map((device, n) => device.take(PHOTO, `o${n}`)))
  await Promise.all(devices.map(({ blobs }, n) => until(blobs, refs[n]!, 'at-hub')))
  expect(await stored(world)).toEqual([hashOf(PHOTO)])
  expect(unfinished(world)).toEqual([])
})

test('BL-62 BL-22: what the hub has is given up when the cache is full, oldest use first, and fetched again; originals stay', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const photos = [11, 12, 13].map((seed) => photoOf(seed, 100_000))
  const refs: string[] = []
  for (const [n, photo] of photos.entries()) refs.push(await ana.take(photo, `o${n}`))
  for (const ref of refs) await until(ana.blobs, ref, 'at-hub')
  const ben = await openDevice(
    world,
    { subject: 'tech:ben' },
    { cacheBytes: 250_000, mayUpload: () => false },
  )
  const own = await ben.take(photoOf(14, 240_000), 'own')
  for (const [n, ref] of refs.entries()) await ben.blobs.open(ref, `orders/o${n}`)
  expect(await ben.blobs.state(refs[0]!)).toEqual({ kind: 'at-hub', here: false })
  for (const ref of refs.slice(1)) expect(await ben.blobs.state(ref)).toEqual({ kind: 'at-hub', here: true })
  expect((await ben.blobs.state(own)).kind).toBe('here')
  expect(await ben.blobs.open(refs[0]!, 'orders/o0')).toEqual(photos[0])
})

test('BL-62: what has been sent is cache from then on', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { cacheBytes: 150_000 })
  const refs = [await ana.take(photoOf(21, 100_000), 'o1'), await ana.take(photoOf(22, 100_000), 'o2')]
  for (const ref of refs) await until(ana.blobs, ref, 'at-hub')
  await expect.poll(() => ana.store.size()).toEqual({ blobs: 1, bytes: 100_000 })
  expect(await ana.blobs.open(refs[0]!, 'orders/o1')).toEqual(photoOf(21, 100_000))
})

test('BL-62: a disk that is full gives up what the hub has, before a photo is refused', async () => {
  const world = await openWorld()
  const disk = memoryBlobs()
  const put: BlobStore['put'] = async (sha256, content) => {
    if ((await disk.size()).bytes > 0) throw new BlobError('full', 'no room')
    return disk.put(sha256, content)
  }
  const store: BlobStore = { ...bound(disk), put }
  const ana = await openDevice(world, {}, { store })
  const ref = await ana.take(photoOf(31, 100_000), 'o1')
  await until(ana.blobs, ref, 'at-hub')
  const next = await ana.take(photoOf(32, 100_000), 'o2')
  expect(await ana.blobs.state(ref)).toEqual({ kind: 'at-hub', here: false })
  await until(ana.blobs, next, 'at-hub')
})

test('BL-42 BL-60: a replica beside serves, to who may read; when it has something else, or nothing, the hub is asked', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { mayUpload: () => false })
  const ref = await ana.take(PHOTO, 'o1')
  await ana.replica.orders.saved('o1', 'hub')
  const host = nodeHost()
  const serve = serveBlobs({
    rows: ana.replica.rows,
    store: ana.store,
    verifier: ana.replica.session.verifier,
    now: () => host.now(),
    sha256: (bytes) => host.sha256(bytes),
  })
  const listener = createServer(async (incoming, outgoing) => {
    const headers = new Headers(incoming.headers as Record<string, string>)
    const response = await serve(
      new Request(`http://${incoming.headers.host}${incoming.url}`, { method: incoming.method!, headers }),
    )
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void listener.close())
  const beside = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const ben = await openDevice(world, { subject: 'tech:ben' }, { beside: () => [beside] })
  expect(await ben.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
  const eve = await openDevice(world, { subject: 'tech:eve', read: ['site:GEG'] }, { beside: () => [beside] })
  await expect(eve.blobs.open(ref, 'orders/o1')).rejects.toThrow('there is no such blob')
  expect((await fetch(`${beside}/api/v1/blobs/${hashOf(PHOTO)}?record=orders/o1`)).status).toBe(401)
})

test('BL-60: a source that gives something else than what the record refers to is passed over', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const ref = await ana.take(PHOTO, 'o1')
  await until(ana.blobs, ref, 'at-hub')
  const forged = PHOTO.slice()
  forged[5_000]! ^= 1
  const lying: typeof fetch = async (url, init) =>
    String(url).startsWith('http://liar') ? new Response(forged) : fetch(url, init)
  const ben = await openDevice(
    world,
    { subject: 'tech:ben' },
    { beside: () => ['http://liar.example'], fetch: lying },
  )
  expect(await ben.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
})

test('BL-63: a device that is to forget has nothing left, originals neither', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { mayUpload: () => false })
  const ref = await ana.take(PHOTO, 'o1')
  await ana.blobs.forget()
  expect(await ana.store.size()).toEqual({ blobs: 0, bytes: 0 })
  expect(await ana.blobs.waiting()).toEqual([])
  expect((await ana.blobs.state(ref)).kind).toBe('missing')
})
