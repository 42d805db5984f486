/** A hub that went back to a backup gets the photos again that it had confirmed since (packages/blobs/src/SPEC.md, BL-80 to BL-86). */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Blobs, type BlobsOptions, formatRef, GENERATION_HEADER, type LedgerRow } from '@skerry/blobs'
import { copyBlobs, folderBlobs, folderGeneration } from '@skerry/blobs/node'
import { decodeUtf8, encodeUtf8, MemoryDisk, memoryStore } from '@skerry/core'
import { nodeHost } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { hashOf } from './hash.ts'
import { photoOf } from './photo.ts'
import { type Device, openDevice, openWorld, temporaryFolder, until, type World } from './world.ts'

const PHOTO = photoOf(1, 100_000)
const HASH = hashOf(PHOTO)
const NEXT_PHOTO = photoOf(12, 5_000)
const NEXT = { sha256: hashOf(NEXT_PHOTO), bytes: NEXT_PHOTO.length, type: 'image/jpeg' }

/** What a device asks and is answered, once its clock is believed, and what generation it is told. */
function watched(through: typeof fetch = fetch) {
  const asked: string[] = []
  const told = new Set<string | null>()
  const watching: typeof fetch = async (url, init) => {
    const response = await through(url, init)
    if (response.status === 401) return response
    asked.push(`${init?.method} ${new URL(String(url)).pathname}`)
    told.add(response.headers.get(GENERATION_HEADER))
    return response
  }
  /** HEAD of this blob. */
  const heads = (sha256: string) => asked.filter((one) => one === `HEAD /api/v1/blobs/${sha256}`).length
  return {
    fetch: watching,
    asked,
    told,
    heads,
    generations: () => asked.filter((one) => one === ASKS).length,
  }
}
const ASKS = 'GET /api/v1/blobs'

/** As `skerry restore` does: blobs of the backup in a new folder. */
async function goBack(world: World, backup: string | undefined): Promise<void> {
  await world.restart(async () => {
    rmSync(world.folder, { recursive: true })
    if (backup !== undefined) await copyBlobs(backup, world.folder)
  })
}

/** The app begins anew, over the same rows and blobs. */
async function reopened(device: Device, world: World, over: Partial<BlobsOptions> = {}): Promise<Blobs> {
  await device.blobs.close()
  const { replica, store } = device
  const blobs = new Blobs({ replica, host: nodeHost(), store, hub: world.line.url, ...over })
  onTestFinished(() => blobs.close())
  return blobs
}

async function openSent(over: Partial<BlobsOptions> = {}, rows = memoryStore()) {
  const world = await openWorld()
  const ana = await openDevice(world, {}, over, rows)
  const ref = await ana.take(PHOTO, 'o1')
  await until(ana.blobs, ref, 'at-hub')
  return { world, ana, ref }
}

const rowOf = async ({ replica }: Pick<Device, 'replica'>, sha256 = HASH) =>
  JSON.parse(decodeUtf8((await replica.table('blobs', sha256))!)!) as LedgerRow
/** The hub makes it when it is asked about blobs first. */
const generationOf = ({ folder }: World) =>
  existsSync(`${folder}/generation`) ? readFileSync(`${folder}/generation`, 'utf8').trim() : 'none yet'
const untilKept = (device: Device, world: World) =>
  expect.poll(async () => (await keptBy(device)) === generationOf(world), { timeout: 20_000 }).toBe(true)
const keptBy = async ({ replica }: Pick<Device, 'replica'>) => {
  const value = await replica.table('blobs-hub', 'generation')
  return value && decodeUtf8(value)
}

test('BL-80: a folder has one generation for as long as it is that folder; a copy has another, and so has one whose file is gone or damaged', async () => {
  const [path, to] = [temporaryFolder(), temporaryFolder()]
  await (await folderBlobs(path)).put(HASH, PHOTO)
  const first = await folderGeneration(path)
  await folderBlobs(path)
  expect(await folderGeneration(path)).toBe(first)
  expect(await copyBlobs(path, to)).toMatchObject({ blobs: 1 })
  expect(existsSync(`${to}/generation`)).toBe(false)
  const all = [first, await folderGeneration(to)]
  rmSync(`${path}/generation`)
  all.push(await folderGeneration(path))
  writeFileSync(`${path}/generation`, 'a\nset-cookie: b')
  all.push(await folderGeneration(path))
  expect(await folderGeneration(path)).toBe(all[3])
  expect(new Set(all).size).toBe(4)
  expect(all.every((one) => /^[0-9a-f-]{36}$/.test(one))).toBe(true)
})

test('BL-81: every answer about blobs tells the generation, to devices; one request tells nothing else', async () => {
  const line = watched()
  const { world, ana, ref } = await openSent({ fetch: line.fetch })
  const generation = generationOf(world)
  await expect(ana.blobs.open(ref.replace(HASH, 'ab'.repeat(32)), 'orders/o1')).rejects.toThrow()
  const again = await reopened(ana, world, { fetch: line.fetch })
  await expect.poll(line.generations).toBe(1)
  expect(line.asked).toEqual(
    expect.arrayContaining([
      `HEAD /api/v1/blobs/${HASH}`,
      'POST /api/v1/blobs/uploads',
      `GET /api/v1/blobs/${'ab'.repeat(32)}`,
    ]),
  )
  await again.close()
  expect([...line.told]).toEqual([generation])
  const stranger = await fetch(new URL('/api/v1/blobs', world.hub.url))
  expect([stranger.status, stranger.headers.has(GENERATION_HEADER)]).toEqual([401, false])
})

test('BL-82 BL-83: a hub that was restored gets the photos again that it had confirmed since, and who opens one has it', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const old = await ana.take(photoOf(2, 50_000), 'o0')
  await until(ana.blobs, old, 'at-hub')
  const backup = temporaryFolder()
  await copyBlobs(world.folder, backup)
  const ref = await ana.take(PHOTO, 'o1')
  await until(ana.blobs, ref, 'at-hub')
  await goBack(world, backup)

  const line = watched()
  const again = await reopened(ana, world, { fetch: line.fetch })
  await expect.poll(() => line.asked.includes('POST /api/v1/blobs/uploads'), { timeout: 20_000 }).toBe(true)
  await until(again, ref, 'at-hub')
  await until(again, old, 'at-hub')
  // The one that it has is asked for, and not sent.
  expect(line.asked.filter((one) => one.startsWith('POST'))).toHaveLength(1)
  expect(line.heads(hashOf(photoOf(2, 50_000)))).toBe(1)
  const ben = await openDevice(world, { subject: 'tech:ben' })
  expect(await ben.blobs.open(ref, 'orders/o1')).toEqual(PHOTO)
  expect(await keptBy(ana)).toBe(generationOf(world))
})

test('BL-82: an answer to whoever fetches tells it too, within the hour', async () => {
  const line = watched()
  const { world, ana, ref } = await openSent({ fetch: line.fetch })
  await goBack(world, undefined)
  await expect(ana.blobs.open(ref.replace(HASH, 'ab'.repeat(32)), 'orders/o1')).rejects.toThrow()
  await expect
    .poll(() => existsSync(`${world.folder}/${HASH.slice(0, 2)}/${HASH}`), { timeout: 20_000 })
    .toBe(true)
  await until(ana.blobs, ref, 'at-hub')
  expect(line.generations()).toBe(0)
})

test('BL-83: what was evicted here, what no record has any more, and what was only fetched stays as it is', async () => {
  const { world, ana, ref } = await openSent()
  const removed = await ana.take(photoOf(3, 40_000), 'o3')
  await until(ana.blobs, removed, 'at-hub')
  const kept = await ana.take(photoOf(4, 30_000), 'o4')
  await until(ana.blobs, kept, 'at-hub')
  await ana.replica.orders.update('o3', (draft) => {
    delete draft.signature
  })
  const ben = await openDevice(world, { subject: 'tech:ben' }, { mayUpload: () => false })
  await expect.poll(() => ben.replica.orders.get('o4')).toBeTruthy()
  await ben.blobs.open(kept, 'orders/o4')
  ben.blobs.wake()
  await untilKept(ben, world)
  await ana.store.delete(HASH)
  await goBack(world, undefined)
  const [anas, bens] = [await reopened(ana, world), await reopened(ben, world)]
  await expect(bens.open(kept.replace(/[0-9a-f]{64}/, 'ab'.repeat(32)), 'orders/o4')).rejects.toThrow()
  for (const device of [ana, ben]) await untilKept(device, world)
  await expect
    .poll(() => existsSync(`${world.folder}/${hashOf(photoOf(4, 30_000)).slice(0, 2)}`), { timeout: 20_000 })
    .toBe(true)
  expect(await anas.state(ref)).toEqual({ kind: 'at-hub', here: false })
  expect(await anas.state(removed)).toEqual({ kind: 'at-hub', here: true })
  expect(await bens.waiting()).toEqual([])
  expect((await rowOf(ben, hashOf(photoOf(4, 30_000)))).taken).toBeUndefined()
})

test('BL-83: a photo that another record has by now is asked for by that one', async () => {
  const { world, ana, ref } = await openSent()
  await ana.replica.orders.create({ site: 'SEA', signature: ref, photos: [] }, { id: 'o2' })
  await ana.replica.orders.update('o1', (draft) => {
    delete draft.signature
  })
  await goBack(world, undefined)
  await reopened(ana, world)
  await expect
    .poll(() => rowOf(ana), { timeout: 20_000 })
    .toMatchObject({ record: 'orders/o2', state: 'at-hub' })
  expect(existsSync(`${world.folder}/${HASH.slice(0, 2)}/${HASH}`)).toBe(true)
})

test('BL-82: a hub that merely restarts is asked for its generation, and for no photo', async () => {
  const { world, ana, ref } = await openSent()
  await world.restart()
  const line = watched()
  const again = await reopened(ana, world, { fetch: line.fetch })
  await expect.poll(line.generations, { timeout: 20_000 }).toBe(1)
  // One look after the other: what comes behind it is seen, too.
  const other = await again.take(photoOf(5, 10_000), { record: 'orders/o5' })
  await ana.replica.orders.create({ site: 'SEA', signature: other, photos: [] }, { id: 'o5' })
  await until(again, other, 'at-hub')
  expect(line.asked.filter((one) => one.includes(HASH))).toEqual([])
  expect(line.generations()).toBe(1)
  expect(await again.state(ref)).toEqual({ kind: 'at-hub', here: true })
})

test('BL-82: it is asked once after opening and once an hour, where a photo that was taken here is at the hub; nobody there is no error', async () => {
  const clock = { aheadMs: 0 }
  const host = { ...nodeHost(), now: () => Date.now() + clock.aheadMs }
  const down = { is: false, times: 0 }
  const line = watched(async (url, init) => {
    if (!down.is || new URL(String(url)).pathname !== '/api/v1/blobs') return fetch(url, init)
    down.times += 1
    throw new Error('no line')
  })
  const { world, ana, ref } = await openSent({ fetch: line.fetch })
  // When it was opened there was no such photo.
  expect(line.generations()).toBe(0)
  const again = await reopened(ana, world, { fetch: line.fetch, host })
  const send = async (id: string, seed: number) => {
    const photo = await again.take(photoOf(seed, 5_000), { record: `orders/${id}` })
    await ana.replica.orders.create({ site: 'SEA', signature: photo, photos: [] }, { id })
    await until(again, photo, 'at-hub')
  }
  await send('a', 6)
  expect(line.generations()).toBe(1)
  clock.aheadMs = 3_590_000
  // What is told beside something else counts, too.
  await send('b', 7)
  expect(line.generations()).toBe(1)
  clock.aheadMs += 3_600_000
  again.wake()
  await expect.poll(line.generations, { timeout: 20_000 }).toBe(2)
  clock.aheadMs += 3_600_000
  down.is = true
  const words: string[] = []
  again.subscribe(async () => {
    const state = await again.state(ref)
    if (state.kind !== 'at-hub') words.push(state.kind)
  })
  await send('c', 8)
  expect(down.times).toBeGreaterThan(0)
  expect(words).toEqual([])
})

test.each([
  ['that knows of no generation is not asked again', 404, false],
  ['that refuses it for now is asked again', 503, true],
])('BL-82: a hub %s within the hour', async (_, status, isAskedAgain) => {
  const { world, ana } = await openSent()
  let asked = 0
  const through: typeof fetch = async (url, init) => {
    if (new URL(String(url)).pathname === '/api/v1/blobs') {
      asked += 1
      return new Response(null, { status })
    }
    const { body, status: other, headers } = await fetch(url, init)
    const old = new Headers(headers)
    old.delete(GENERATION_HEADER)
    return new Response(body, { status: other, headers: old })
  }
  const again = await reopened(ana, world, { fetch: through })
  await expect.poll(() => asked).toBe(1)
  // Its record is there already, so that one look sends it.
  await ana.replica.orders.create({ site: 'SEA', signature: formatRef(NEXT), photos: [] }, { id: 'o12' })
  await ana.replica.orders.saved('o12', 'hub')
  const next = await again.take(NEXT_PHOTO, { record: 'orders/o12' })
  await until(again, next, 'at-hub')
  expect(asked > 1).toBe(isAskedAgain)
})

test('BL-84: the first generation that is heard counts for what is at the hub already', async () => {
  const { world, ana } = await openSent()
  await ana.blobs.close()
  await ana.replica.transact(async ({ tables }) => tables.put('blobs-hub', 'generation', undefined))
  await goBack(world, undefined)
  const line = watched()
  await reopened(ana, world, { fetch: line.fetch })
  await untilKept(ana, world)
  expect((await rowOf(ana)).state).toBe('at-hub')
  expect(line.heads(HASH)).toBe(0)
})

test('BL-84: what an earlier version wrote without the mark is not asked for again', async () => {
  const { world, ana } = await openSent()
  const other = await ana.take(photoOf(9, 5_000), 'o9')
  await until(ana.blobs, other, 'at-hub')
  await ana.blobs.close()
  const { taken, ...old } = await rowOf(ana)
  expect(taken).toBe(true)
  await ana.replica.transact(async ({ tables }) => tables.put('blobs', HASH, encodeUtf8(JSON.stringify(old))))
  await goBack(world, undefined)
  await reopened(ana, world)
  await untilKept(ana, world)
  expect(await rowOf(ana)).toEqual(old)
})

test('BL-85: before it is sent again it is an original, and no room is made of it', async () => {
  const { world, ana, ref } = await openSent()
  await goBack(world, undefined)
  const again = await reopened(ana, world, { mayUpload: () => false, cacheBytes: 0 })
  await until(again, ref, 'here')
  expect((await again.waiting()).map(({ sha256 }) => sha256)).toEqual([HASH])
  await again.makeRoom()
  expect(await again.open(ref, 'orders/o1')).toEqual(PHOTO)
})

test('BL-85: what is being evicted when another generation is heard is no original', async () => {
  const { world, ana, ref } = await openSent()
  const second = await ana.take(photoOf(10, 5_000), 'o10')
  await until(ana.blobs, second, 'at-hub')
  await goBack(world, undefined)
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { store } = ana
  const slow: BlobsOptions['store'] = {
    put: (...of) => store.put(...of),
    read: (...of) => store.read(...of),
    stat: (...of) => store.stat(...of),
    delete: async (sha256) => {
      begun.resolve()
      await goOn.promise
      return store.delete(sha256)
    },
    list: (...of) => store.list(...of),
    size: () => store.size(),
    close: () => store.close(),
  }
  const line = watched()
  // The hub answers when the eviction is under way.
  const late: typeof fetch = async (url, init) => {
    await begun.promise
    return line.fetch(url, init)
  }
  const again = await reopened(ana, world, { fetch: late, store: slow })
  const room = again.makeRoom()
  await expect.poll(line.generations, { timeout: 20_000 }).toBe(1)
  await expect.poll(() => line.told.size).toBe(1)
  goOn.resolve()
  await room
  await untilKept(ana, world)
  for (const photo of [ref, second]) expect(await again.state(photo)).toEqual({ kind: 'at-hub', here: false })
})

test('BL-83: what was fetched first and then taken here is asked for again, too', async () => {
  const { world, ana, ref } = await openSent()
  const ben = await openDevice(world, { subject: 'tech:ben' })
  await expect.poll(() => ben.replica.orders.get('o1')).toBeTruthy()
  await ben.blobs.open(ref, 'orders/o1')
  expect(await ben.blobs.take(PHOTO, { record: 'orders/o1' })).toBe(ref)
  expect(await ben.blobs.state(ref)).toEqual({ kind: 'at-hub', here: true })
  await ana.blobs.close()
  await goBack(world, undefined)
  const again = await reopened(ben, world)
  await expect
    .poll(() => existsSync(`${world.folder}/${HASH.slice(0, 2)}/${HASH}`), { timeout: 20_000 })
    .toBe(true)
  await until(again, ref, 'at-hub')
})

/** What lasts of generation and row, had it crashed at any of these moments. */
async function lastingOf(world: World, crashes: readonly MemoryDisk[]): Promise<unknown[]> {
  const lasting: unknown[] = []
  for (const disk of crashes) {
    const device = await openDevice(world, {}, { mayUpload: () => false }, memoryStore({ disk }))
    await device.blobs.close()
    const value = await device.replica.table('blobs', HASH)
    lasting.push([await keptBy(device), value && (await rowOf(device)).state])
  }
  return lasting
}

test('BL-86: a crash leaves both, the generation and what is to be asked for again, or none', async () => {
  const disk = new MemoryDisk()
  const crashes: MemoryDisk[] = []
  const rows = memoryStore({ disk, beforeCommit: () => void crashes.push(disk.clone()) })
  const { world, ana, ref } = await openSent({}, rows)
  const former = await keptBy(ana)
  await goBack(world, undefined)
  crashes.length = 0
  const again = await reopened(ana, world, { mayUpload: () => false })
  await until(again, ref, 'here')
  await again.close()
  crashes.push(disk.clone())
  const lasting = await lastingOf(world, crashes)
  const [before, after] = [
    [former, 'at-hub'],
    [generationOf(world), 'waiting'],
  ]
  expect([lasting[0], lasting.at(-1)]).toEqual([before, after])
  for (const one of lasting) expect([before, after]).toContainEqual(one)
})

test('BL-86: a photo is not at the hub before the generation is kept under which the hub has it', async () => {
  const disk = new MemoryDisk()
  const crashes: MemoryDisk[] = []
  const rows = memoryStore({ disk, beforeCommit: () => void crashes.push(disk.clone()) })
  const { world, ana } = await openSent({}, rows)
  await ana.blobs.close()
  crashes.push(disk.clone())
  const lasting = await lastingOf(world, crashes)
  expect(lasting[0]).toEqual([undefined, undefined])
  expect(lasting.at(-1)).toEqual([generationOf(world), 'at-hub'])
  expect(lasting).not.toContainEqual([undefined, 'at-hub'])
})

/** As if the hub told this generation, or its proxy made another of it. */
const telling =
  (generation: () => string): typeof fetch =>
  async (url, init) => {
    const { body, status, headers } = await fetch(url, init)
    const changed = new Headers(headers)
    if (changed.has(GENERATION_HEADER)) changed.set(GENERATION_HEADER, generation())
    return new Response(status === 204 ? null : body, { status, headers: changed })
  }

test('BL-82: only the hub is believed, and a generation has at most 100 characters', async () => {
  const { world, ana, ref } = await openSent()
  const kept = generationOf(world)
  let told = kept
  const hub = telling(() => told)
  const line = watched(async (url, init) =>
    String(url).startsWith('http://beside.example/')
      ? new Response(null, { status: 404, headers: { [GENERATION_HEADER]: 'of another' } })
      : hub(url, init),
  )
  const again = await reopened(ana, world, { fetch: line.fetch, beside: () => ['http://beside.example'] })
  const missing = ref.replace(HASH, 'ab'.repeat(32))
  const ask = () => expect(again.open(missing, 'orders/o1')).rejects.toThrow()
  await ask()
  expect([...line.told]).toContain('of another')
  told = 'g'.repeat(101)
  await ask()
  // What comes after it was asked about was seen by all of it.
  told = kept
  const next = await again.take(photoOf(11, 5_000), { record: 'orders/o11' })
  await ana.replica.orders.create({ site: 'SEA', signature: next, photos: [] }, { id: 'o11' })
  await until(again, next, 'at-hub')
  expect([await keptBy(ana), line.heads(HASH)]).toEqual([kept, 0])
  told = 'g'.repeat(100)
  await ask()
  await expect.poll(() => keptBy(ana), { timeout: 20_000 }).toBe(told)
  await expect.poll(() => line.heads(HASH)).toBe(1)
})

test('BL-82: one that tells another generation in every answer is asked again after a while, not at once', async () => {
  const { world, ana, ref } = await openSent()
  const timers: (() => void)[] = []
  const host = {
    ...nodeHost(),
    timer: (_ms: number, run: () => void) => {
      timers.push(run)
      return () => undefined
    },
  }
  let answers = 0
  const line = watched(telling(() => `generation ${++answers}`))
  const again = await reopened(ana, world, { fetch: line.fetch, host })
  for (let times = 1; times < 4; times++) {
    await expect.poll(() => [line.heads(HASH), timers.length]).toEqual([times, 1])
    await until(again, ref, 'at-hub')
    timers.pop()!()
  }
})
