/** What a hub makes of uploads that are not as they should be, request by request (packages/blobs/src/SPEC.md, BL-50 to BL-53, BL-40, BL-41). */
import { readdirSync, writeFileSync } from 'node:fs'
import { formatRef } from '@skerry/blobs'
import { expect, test } from 'vitest'
import { hashOf } from './hash.ts'
import { photoOf } from './photo.ts'
import { type Beginning, begin as beginOf, codeOf, piece, send } from './tus.ts'
import { type Device, openDevice, openWorld, type World } from './world.ts'

const PHOTO = photoOf(1, 100_000)
const TYPE = 'image/jpeg'

const begin = (world: World, device: Device, over: Partial<Beginning> = {}) =>
  beginOf(world, device, {
    sha256: hashOf(PHOTO),
    record: 'orders/o1',
    type: TYPE,
    bytes: PHOTO.length,
    ...over,
  })

const blobPath = (hash: string, record = 'orders/o1') =>
  `/api/v1/blobs/${hash}?record=${encodeURIComponent(record)}`

/** A device that never sends by itself, with a record that refers to this. */
async function openReferring(ref: Partial<Parameters<typeof formatRef>[0]> = {}) {
  const world = await openWorld({ blobs: { bytesMax: 150_000 } })
  const ana = await openDevice(world, {}, { mayUpload: () => false })
  const signature = formatRef({ sha256: hashOf(PHOTO), bytes: PHOTO.length, type: TYPE, ...ref })
  await ana.replica.orders.create({ site: 'SEA', signature, photos: [] }, { id: 'o1' })
  await ana.replica.orders.saved('o1', 'hub')
  return { world, ana }
}

test('BL-52: content with another hash is refused, and nothing of it is kept', async () => {
  const { world, ana } = await openReferring()
  const { headers } = await begin(world, ana)
  const altered = PHOTO.slice()
  altered[50_000]! ^= 1
  const response = await piece(world, ana, headers.get('location')!, 0, altered)
  expect({ status: response.status, code: await codeOf(response) }).toEqual({
    status: 422,
    code: 'blob-wrong-hash',
  })
  expect(readdirSync(`${world.folder}/uploads`)).toEqual([])
  expect((await send(world, ana, 'GET', blobPath(hashOf(PHOTO)))).status).toBe(404)
  expect((await send(world, ana, 'HEAD', headers.get('location')!)).status).toBe(410)
})

test.each<[string, Parameters<typeof openReferring>[0], Partial<Beginning>, number, string]>([
  ['nothing at all', {}, { bytes: 0 }, 422, 'blob-empty'],
  ['more than the limit', { bytes: 150_001 }, { bytes: 150_001 }, 413, 'blob-too-large'],
  ['another size than the record says', {}, { bytes: 99_999 }, 422, 'blob-wrong-size'],
  ['another type than the record says', {}, { type: 'image/png' }, 415, 'blob-wrong-type'],
  ['what no record refers to', {}, { sha256: 'ab'.repeat(32) }, 409, 'blob-unreferenced'],
  ['what a record that is not there refers to', {}, { record: 'orders/none' }, 409, 'blob-unreferenced'],
  ['no hash', {}, { sha256: '../../etc/passwd' }, 400, 'invalid-request'],
])('BL-50 BL-51: %s is refused before it is sent', async (_what, ref, over, status, code) => {
  const { world, ana } = await openReferring(ref)
  const response = await begin(world, ana, over)
  expect({ status: response.status, code: await codeOf(response) }).toEqual({ status, code })
})

test('BL-51: the limit itself is taken', async () => {
  const photo = photoOf(9, 150_000)
  const { world, ana } = await openReferring({ bytes: photo.length, sha256: hashOf(photo) })
  const { status, headers } = await begin(world, ana, { bytes: photo.length, sha256: hashOf(photo) })
  expect(status).toBe(201)
  expect((await piece(world, ana, headers.get('location')!, 0, photo)).status).toBe(204)
})

test('BL-51: what is called a photo and is something else is refused when it is there', async () => {
  const page = new Uint8Array(Buffer.from('<html><script>alert(1)</script>'.padEnd(200)))
  const { world, ana } = await openReferring({ bytes: page.length, sha256: hashOf(page) })
  const { headers } = await begin(world, ana, { bytes: page.length, sha256: hashOf(page) })
  const response = await piece(world, ana, headers.get('location')!, 0, page)
  expect({ status: response.status, code: await codeOf(response) }).toEqual({
    status: 415,
    code: 'blob-wrong-type',
  })
  expect(readdirSync(`${world.folder}/uploads`)).toEqual([])
})

test("BL-50: an upload is its device's alone, and a piece must begin where the hub is", async () => {
  const { world, ana } = await openReferring()
  const ben = await openDevice(world, { subject: 'tech:ben' })
  const path = (await begin(world, ana)).headers.get('location')!
  expect((await piece(world, ana, path, 0, PHOTO.slice(0, 1_000))).headers.get('upload-offset')).toBe('1000')
  for (const response of [
    await piece(world, ben, path, 1_000, PHOTO.slice(1_000)),
    await send(world, ben, 'HEAD', path),
  ])
    expect(response.status).toBe(410)
  const twice = await piece(world, ana, path, 0, PHOTO.slice(0, 1_000))
  expect({ status: twice.status, code: await codeOf(twice) }).toEqual({
    status: 409,
    code: 'upload-conflict',
  })
  const tooMuch = await piece(world, ana, path, 1_000, photoOf(3, PHOTO.length))
  expect(tooMuch.status).toBe(413)
  expect((await piece(world, ana, path, 1_000, PHOTO.slice(1_000))).status).toBe(204)
  expect((await fetch(new URL(path, world.hub.url), { method: 'HEAD' })).status).toBe(401)
})

test('fault S12: BL-52 a hub that was killed with the last byte here makes a blob of it when it is asked where the upload is', async () => {
  const { world, ana } = await openReferring()
  const path = (await begin(world, ana)).headers.get('location')!
  writeFileSync(`${world.folder}/uploads/${path.split('/').at(-1)}`, PHOTO)
  expect((await send(world, ana, 'HEAD', blobPath(hashOf(PHOTO)))).status).toBe(404)
  await send(world, ana, 'HEAD', path)
  expect((await send(world, ana, 'HEAD', blobPath(hashOf(PHOTO)))).status).toBe(200)
  expect(readdirSync(`${world.folder}/uploads`)).toEqual([])
})

test('BL-40 BL-41: a blob is given in ranges, and as what no browser runs', async () => {
  const { world, ana } = await openReferring()
  await piece(world, ana, (await begin(world, ana)).headers.get('location')!, 0, PHOTO)
  const whole = await send(world, ana, 'GET', blobPath(hashOf(PHOTO)))
  expect(new Uint8Array(await whole.arrayBuffer())).toEqual(PHOTO)
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=31536000, immutable',
    etag: `"${hashOf(PHOTO)}"`,
  })
  for (const [range, from, to] of [
    ['bytes=99000-', 99_000, 100_000],
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    ['bytes=99999-200000', 99_999, 100_000],
  ] as const) {
    const part = await send(world, ana, 'GET', blobPath(hashOf(PHOTO)), { headers: { range } })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/100000`)
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(PHOTO.slice(from, to))
  }
  const beyond = await send(world, ana, 'GET', blobPath(hashOf(PHOTO)), {
    headers: { range: 'bytes=100000-' },
  })
  expect({ status: beyond.status, range: beyond.headers.get('content-range') }).toEqual({
    status: 416,
    range: 'bytes */100000',
  })
})

test('BL-43: a blob that the disk damaged is told as lost, and healed when it is sent again', async () => {
  const { world, ana } = await openReferring()
  const sendAll = async () => piece(world, ana, (await begin(world, ana)).headers.get('location')!, 0, PHOTO)
  await sendAll()
  const hash = hashOf(PHOTO)
  writeFileSync(`${world.folder}/${hash.slice(0, 2)}/${hash}`, PHOTO.slice(1))
  const response = await send(world, ana, 'GET', blobPath(hash))
  expect({ status: response.status, code: await codeOf(response) }).toEqual({
    status: 404,
    code: 'blob-damaged',
  })
  expect((await send(world, ana, 'HEAD', blobPath(hash))).status).toBe(404)
  expect((await sendAll()).status).toBe(204)
  expect(new Uint8Array(await (await send(world, ana, 'GET', blobPath(hash))).arrayBuffer())).toEqual(PHOTO)
})
