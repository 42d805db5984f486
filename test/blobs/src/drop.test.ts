/** Photos that are removed before they were sent (packages/blobs/src/SPEC.md, BL-23, BL-24, BL-26). */
import { readdirSync } from 'node:fs'
import { type BlobStore, Blobs, memoryBlobs } from '@skerry/blobs'
import { nodeHost } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { photoOf } from './photo.ts'
import { type Device, openDevice, openWorld, until } from './world.ts'

const PHOTO = photoOf(1, 700_000)
const THUMBNAIL = photoOf(2, 9_000)
const nothing = { blobs: 0, bytes: 0 }

const remove = (device: Device, id: string) =>
  device.replica.orders.update(id, (draft) => {
    delete draft.signature
  })

/** A store whose deletions wait, or fail. */
function deletingBy(before: () => Promise<void>): BlobStore {
  const store = memoryBlobs()
  return {
    put: (...of) => store.put(...of),
    read: (...of) => store.read(...of),
    stat: (...of) => store.stat(...of),
    delete: async (sha256) => {
      await before()
      return store.delete(sha256)
    },
    list: (...of) => store.list(...of),
    size: () => store.size(),
    close: () => store.close(),
  }
}

test('BL-23: a photo that is removed before it was sent is gone, with its thumbnail, and waits no more', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { mayUpload: () => false, thumbnailOf: async () => THUMBNAIL })
  const ref = await ana.take(PHOTO, 'o1')
  expect((await ana.store.size()).blobs).toBe(2)
  await remove(ana, 'o1')
  expect(await ana.blobs.drop(ref, 'orders/o1')).toBe(true)
  expect(await ana.blobs.waiting()).toEqual([])
  await expect.poll(() => ana.store.size()).toEqual(nothing)
  expect((await ana.blobs.state(ref)).kind).toBe('missing')
  expect(await ana.blobs.drop(ref, 'orders/o1')).toBe(false)
})

test('BL-23: an upload under way ends, here and at the hub, and the next photo is sent at once', async () => {
  const world = await openWorld()
  let sent = 0
  let hangs: () => void = () => undefined
  const isHanging = new Promise<void>((resolve) => {
    hangs = resolve
  })
  const through: typeof fetch = (url, init) => {
    // The second piece of the first photo never ends by itself.
    if (init?.method !== 'PATCH' || ++sent !== 2) return fetch(url, init)
    hangs()
    return new Promise((_, reject) =>
      init.signal!.addEventListener('abort', () => reject(init.signal!.reason as Error)),
    )
  }
  const ana = await openDevice(world, {}, { fetch: through })
  const first = await ana.take(PHOTO, 'o1')
  const next = await ana.take(photoOf(3, 50_000), 'o2')
  await isHanging
  expect(readdirSync(`${world.folder}/uploads`)).not.toEqual([])
  await remove(ana, 'o1')
  expect(await ana.blobs.drop(first, 'orders/o1')).toBe(true)
  await until(ana.blobs, next, 'at-hub')
  await expect.poll(() => readdirSync(`${world.folder}/uploads`)).toEqual([])
})

test('BL-23: a photo that was taken for two records stays for the other one, and reaches the hub', async () => {
  const world = await openWorld()
  const line = { is: false }
  const ana = await openDevice(world, {}, { mayUpload: () => line.is })
  const ref = await ana.take(PHOTO, 'o1')
  // Taken, and not in the record yet.
  expect(await ana.blobs.take(PHOTO, { record: 'orders/o2' })).toBe(ref)
  await remove(ana, 'o1')
  expect(await ana.blobs.drop(ref, 'orders/o1')).toBe(false)
  expect(await ana.blobs.open(ref, 'orders/o2')).toEqual(PHOTO)
  await ana.replica.orders.create({ site: 'SEA', signature: ref, photos: [] }, { id: 'o2' })
  line.is = true
  ana.blobs.wake()
  await until(ana.blobs, ref, 'at-hub')
})

test('BL-23: a photo that another record refers to, though it was not taken for it, stays and is sent for that one', async () => {
  const world = await openWorld()
  const line = { is: false }
  const ana = await openDevice(world, {}, { mayUpload: () => line.is })
  const ref = await ana.take(PHOTO, 'o1')
  await ana.replica.orders.create({ site: 'SEA', photos: [{ id: 'copied', photo: ref }] }, { id: 'o2' })
  await remove(ana, 'o1')
  expect(await ana.blobs.drop(ref, 'orders/o1')).toBe(false)
  expect((await ana.blobs.waiting()).map(({ record }) => record)).toEqual(['orders/o2'])
  line.is = true
  ana.blobs.wake()
  await until(ana.blobs, ref, 'at-hub')
})

test('BL-23: what the hub has stays, and what it refused goes', async () => {
  const world = await openWorld({ blobs: { bytesMax: 100_000 } })
  const ana = await openDevice(world)
  const sent = await ana.take(photoOf(4, 50_000), 'o1')
  const refused = await ana.take(photoOf(5, 200_000), 'o2')
  await until(ana.blobs, sent, 'at-hub')
  await until(ana.blobs, refused, 'refused')
  await remove(ana, 'o1')
  await remove(ana, 'o2')
  expect(await ana.blobs.drop(sent, 'orders/o1')).toBe(false)
  expect(await ana.blobs.state(sent)).toEqual({ kind: 'at-hub', here: true })
  expect(await ana.blobs.drop(refused, 'orders/o2')).toBe(true)
  await expect.poll(() => ana.store.size()).toEqual({ blobs: 1, bytes: 50_000 })
})

test('BL-24: a drop that was cut short is finished when the blobs are opened next', async () => {
  const world = await openWorld()
  const disk = { fails: true, failures: 0 }
  const store = deletingBy(async () => {
    if (!disk.fails) return
    disk.failures += 1
    throw new Error('the disk went')
  })
  const ana = await openDevice(world, {}, { store, mayUpload: () => false })
  const ref = await ana.take(PHOTO, 'o1')
  await remove(ana, 'o1')
  expect(await ana.blobs.drop(ref, 'orders/o1')).toBe(true)
  await expect.poll(() => disk.failures).toBeGreaterThan(0)
  expect((await ana.blobs.state(ref)).kind).toBe('missing')
  expect(await ana.blobs.waiting()).toEqual([])
  await ana.blobs.close()
  expect((await store.size()).blobs).toBe(1)
  disk.fails = false
  const again = new Blobs({ replica: ana.replica, host: nodeHost(), store, hub: world.line.url })
  onTestFinished(() => again.close())
  await expect.poll(() => store.size()).toEqual(nothing)
})

test('BL-24: who takes the same photo again while it is dropped has it', async () => {
  const world = await openWorld()
  let begun: () => void = () => undefined
  let go: () => void = () => undefined
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  const mayGo = new Promise<void>((resolve) => {
    go = resolve
  })
  const store = deletingBy(() => {
    begun()
    return mayGo
  })
  const ana = await openDevice(world, {}, { store, mayUpload: () => false })
  const ref = await ana.take(PHOTO, 'o1')
  await remove(ana, 'o1')
  const dropped = ana.blobs.drop(ref, 'orders/o1')
  await isBegun
  const taken = ana.blobs.take(PHOTO, { record: 'orders/o2' })
  // Nobody is told that it waits; were it not to wait, it would be done before one that was taken after it.
  await ana.blobs.take(photoOf(9, PHOTO.length), { record: 'orders/o3' })
  go()
  expect(await dropped).toBe(true)
  expect(await ana.blobs.open(await taken, 'orders/o2')).toEqual(PHOTO)
  expect((await ana.blobs.waiting()).map(({ record }) => record)).toEqual(['orders/o2', 'orders/o3'])
})

/** A photo in an order that the hub has; then it is removed and dropped without a line. */
async function dropOffline(device: Device, id: string): Promise<string> {
  const ref = await device.take(PHOTO, id)
  await device.replica.orders.saved(id, 'hub')
  await device.link.close()
  await remove(device, id)
  expect(await device.blobs.drop(ref, `orders/${id}`)).toBe(true)
  return ref
}

test('BL-26: until the hub has answered its removal a photo stays, and is not sent; then it goes', async () => {
  const world = await openWorld()
  const line = { is: false }
  const ana = await openDevice(world, {}, { mayUpload: () => line.is })
  const ref = await dropOffline(ana, 'o1')
  line.is = true
  const next = await ana.take(photoOf(3, 50_000), 'o2')
  // It has looked: what waits says why.
  await expect
    .poll(() => ana.blobs.state(next), { timeout: 10_000 })
    .toEqual({
      kind: 'here',
      waitsFor: { code: 'edits-first', words: 'edits are sent first' },
    })
  expect((await ana.store.size()).blobs).toBe(2)
  expect((await ana.blobs.state(ref)).kind).toBe('missing')
  expect((await ana.blobs.waiting()).map(({ record }) => record)).toEqual(['orders/o2'])
  ana.connect()
  await until(ana.blobs, next, 'at-hub')
  await expect.poll(() => ana.store.size()).toEqual({ blobs: 1, bytes: 50_000 })
  expect(world.line.passed.up).toBeLessThan(PHOTO.length)
})

test('BL-26: with nothing else to send, it goes when the answer comes, also after a restart', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { mayUpload: () => false })
  await dropOffline(ana, 'o1')
  await ana.blobs.close()
  expect((await ana.store.size()).blobs).toBe(1)
  const again = new Blobs({ replica: ana.replica, host: nodeHost(), store: ana.store, hub: world.line.url })
  onTestFinished(() => again.close())
  ana.connect()
  await expect.poll(() => ana.store.size(), { timeout: 10_000 }).toEqual(nothing)
})

test('BL-26: where the hub refuses the removal, the photo is there, waits again, and is sent when it may be', async () => {
  const world = await openWorld()
  const line = { is: false }
  const ana = await openDevice(world, { read: ['*'] }, { mayUpload: () => line.is })
  const ref = await dropOffline(ana, 'o1')
  const moveTo = (site: string) =>
    world.hub.replica.collection('orders').update('o1', (draft) => {
      draft.site = site
    })
  await moveTo('GEG')
  ana.connect()
  await expect.poll(() => ana.blobs.waiting()).toMatchObject([{ record: 'orders/o1', state: 'waiting' }])
  expect((await ana.replica.orders.get('o1'))?.signature).toBe(ref)
  expect(await ana.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
  await moveTo('SEA')
  line.is = true
  ana.blobs.wake()
  await until(ana.blobs, ref, 'at-hub')
})

test('BL-26: a removal that is taken back before the hub answers leaves the photo waiting', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  await ana.link.close()
  const ref = await ana.take(PHOTO, 'o1')
  await remove(ana, 'o1')
  expect(await ana.blobs.drop(ref, 'orders/o1')).toBe(true)
  await ana.replica.orders.update('o1', (draft) => {
    draft.signature = ref
  })
  ana.connect()
  await until(ana.blobs, ref, 'at-hub')
  expect(await ana.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
})
