/** The contract over a browser's own IndexedDB, and small pictures by a browser's own canvas. */
import '@skerry/browser-test/page/suite'
import { answerPages, type Blobs, pageBlobs, typeOf } from '@skerry/blobs'
import { idbBlobs, thumbnailOf } from '@skerry/blobs/browser'
import { describe, expect, onTestFinished, test } from 'vitest'
import { blobStoreContract } from '../store-contract.ts'
import { lostConnectionSuite } from './lost-connection.ts'

let databases = 0

describe('in IndexedDB', () =>
  blobStoreContract(async () => {
    const name = `blobs-${++databases}`
    return { store: await idbBlobs(name), reopen: () => idbBlobs(name) }
  }))

describe('a connection that goes', () => lostConnectionSuite(() => `blobs-${++databases}`))

async function picture(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')!
  context.fillStyle = 'teal'
  context.fillRect(0, 0, width / 2, height)
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}

const sizeOf = async (jpeg: Uint8Array<ArrayBuffer>) => {
  const { width, height } = await createImageBitmap(new Blob([jpeg]))
  return [width, height]
}

test('a thumbnail is a JPEG of at most 320 pixels a side, and no larger than its picture', async () => {
  const large = (await thumbnailOf(await picture(1_600, 800), 'image/png'))!
  expect(typeOf(large)).toBe('image/jpeg')
  expect(await sizeOf(large)).toEqual([320, 160])
  expect(await sizeOf((await thumbnailOf(await picture(10, 40), 'image/png'))!)).toEqual([10, 40])
})

test('what a browser cannot read, and what is no picture, has no thumbnail', async () => {
  // Coded in a way that no browser reads (arithmetic).
  const unread = new Uint8Array([0xff, 0xd8, 0xff, 0xc9, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0])
  expect(await thumbnailOf(unread, 'image/jpeg')).toBe(undefined)
  expect(await thumbnailOf(new Uint8Array([1]), 'application/pdf')).toBe(undefined)
})

test('BL-27: a JPEG in which there is no picture is refused; behind the head of one that is whole, garbage disturbs nobody', async () => {
  const garbage = new Uint8Array(20_000).map((_, at) => (at * 31) % 251)
  garbage.set([0xff, 0xd8, 0xff, 0xe0])
  await expect(thumbnailOf(garbage, 'image/jpeg')).rejects.toMatchObject({ code: 'unreadable' })
  const whole = (await thumbnailOf(await picture(10, 40), 'image/png'))!
  const longer = new Uint8Array([...whole, ...garbage])
  expect(await sizeOf((await thumbnailOf(longer, 'image/jpeg'))!)).toEqual([10, 40])
})

test('BL-70: a photo crosses a BroadcastChannel both ways, and a second page hears nothing of it', async () => {
  const open = () => {
    const channel = new BroadcastChannel('photos')
    onTestFinished(() => channel.close())
    return channel
  }
  const taken: Uint8Array<ArrayBuffer>[] = []
  const blobs = {
    subscribe: () => () => undefined,
    async take(file: Blob) {
      taken.push(new Uint8Array(await file.arrayBuffer()))
      return 'taken'
    },
    open: async () => taken[0]!,
  }
  onTestFinished(answerPages(open(), blobs as unknown as Blobs))
  const page = pageBlobs(open())
  const other = pageBlobs(open())
  const photo = await picture(400, 300)
  expect(await page.take(new File([photo], 'a.png'), { record: 'orders/1' })).toBe('taken')
  const back = await other.open('taken', 'orders/1')
  expect([...new Uint8Array(await back.arrayBuffer())]).toEqual([...photo])
  expect(taken.length).toBe(1)
})
