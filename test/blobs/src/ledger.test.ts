/** A ledger of many blobs (packages/blobs/src/SPEC.md, BL-25). */
import { Blobs, memoryBlobs } from '@skerry/blobs'
import { encodeUtf8 } from '@skerry/core'
import { nodeHost } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { hashOf } from './hash.ts'
import { photoOf } from './photo.ts'
import { type Device, openDevice, openWorld, until } from './world.ts'

/** More than were looked at once, and no whole number of pages. */
const ROWS = 10_001

/** Rows of blobs that the hub has, whose hashes come before any other. */
async function fillLedger({ replica }: Device): Promise<void> {
  await replica.transact(async ({ tables }) => {
    for (let n = 0; n < ROWS; n++) {
      const sha256 = n.toString(16).padStart(64, '0')
      const row = {
        sha256,
        bytes: 1,
        type: 'image/jpeg',
        record: 'orders/o',
        state: 'at-hub',
        order: n,
        usedAt: n,
      }
      tables.put('blobs', sha256, encodeUtf8(JSON.stringify(row)))
    }
  })
}

function opened({ replica, store }: Device, hub: string): Blobs {
  const blobs = new Blobs({ replica, host: nodeHost(), store, hub })
  onTestFinished(() => blobs.close())
  return blobs
}

test('BL-25: an original behind ten thousand blobs is seen, sent, and then cache as all others', async () => {
  const world = await openWorld()
  const ana = await openDevice(world, {}, { mayUpload: () => false })
  const photo = photoOf(1, 50_000)
  const ref = await ana.take(photo, 'o1')
  await ana.blobs.close()
  await fillLedger(ana)
  const again = opened(ana, world.line.url)
  expect((await again.waiting()).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)])
  await until(again, ref, 'at-hub')
  expect(await again.waiting()).toEqual([])
  await again.makeRoom()
  expect(await ana.store.size()).toEqual({ blobs: 0, bytes: 0 })
  await again.forget()
  expect(await ana.replica.tableRows('blobs', { limit: 1 })).toEqual([])
})

test('BL-25: what is told to wait is what the rows say, whatever became of them', async () => {
  const world = await openWorld({ blobs: { bytesMax: 60_000 } })
  const ana = await openDevice(world)
  const kept = await Promise.all(
    [50_000, 70_000, 1_000].map((bytes, n) => ana.take(photoOf(n, bytes), `o${n}`)),
  )
  const early = await ana.blobs.take(photoOf(9, 2_000), { record: 'orders/later' })
  await until(ana.blobs, kept[0]!, 'at-hub')
  await until(ana.blobs, kept[1]!, 'refused')
  await until(ana.blobs, kept[2]!, 'at-hub')
  const told = await ana.blobs.waiting()
  expect(told.map(({ state }) => state).sort()).toEqual(['refused', 'waiting'])
  await ana.blobs.close()
  const again = new Blobs({
    replica: ana.replica,
    host: nodeHost(),
    store: memoryBlobs(),
    hub: world.line.url,
    mayUpload: () => false,
  })
  onTestFinished(() => again.close())
  expect(await again.waiting()).toEqual(told)
  await again.drop(early, 'orders/later')
  expect((await again.waiting()).map(({ state }) => state)).toEqual(['refused'])
})
