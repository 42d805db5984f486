/** What every blob store keeps to (SPEC.md, BL-10 to BL-13), in Node and in pages. */
import type { BlobStore } from '@skerry/blobs'
import { equalBytes, toHex } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { expect, test } from 'vitest'

async function hashOf(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))))
}

export interface Subject {
  store: BlobStore
  /** Another store over the same place, after the first was closed; absent for one that ends with its process. */
  reopen?: () => Promise<BlobStore>
}

async function* inParts(bytes: Uint8Array, partBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes)
}

export function blobStoreContract(open: () => Promise<Subject>): void {
  const random = new SeededRandom(5)
  const photo = random.bytes(2_500_000)

  test('BL-10: what was put is there, whole and in parts, from bytes and from a stream', async () => {
    const hash = await hashOf(photo)
    for (const content of [photo, inParts(photo, 70_001)]) {
      const { store } = await open()
      expect(await store.put(hash, content)).toEqual({ sha256: hash, bytes: photo.length })
      expect(await store.stat(hash)).toEqual({ sha256: hash, bytes: photo.length })
      expect(equalBytes((await store.read(hash))!, photo)).toBe(true)
      for (const [from, to] of [
        [0, 1],
        [1_048_575, 1_048_577],
        [1_048_576, 2_097_152],
        [2_400_000, photo.length],
        [2_499_999, 2_500_000],
        [100, 100],
      ] as const) {
        const part = await store.read(hash, { from, to })
        expect(equalBytes(part!, photo.subarray(from, to)), `${from}-${to}`).toBe(true)
      }
      expect((await store.read(hash, { from: 2_499_990, to: 9_999_999 }))!.length).toBe(10)
    }
  })

  test('BL-10: content with another hash is refused, and nothing of it is there', async () => {
    const hash = await hashOf(photo)
    const { store } = await open()
    const altered = photo.slice()
    altered[17]! ^= 1
    for (const content of [altered, photo.subarray(1), inParts(altered, 500_000)])
      await expect(store.put(hash, content)).rejects.toMatchObject({ code: 'wrong-hash' })
    expect(await store.stat(hash)).toBeUndefined()
    expect(await store.read(hash)).toBeUndefined()
    expect(await store.list({ limit: 10 })).toEqual([])
  })

  test('BL-10: the same content twice is one blob', async () => {
    const hash = await hashOf(photo)
    const { store } = await open()
    await Promise.all([store.put(hash, photo), store.put(hash, photo)])
    await store.put(hash, photo)
    expect(await store.size()).toEqual({ blobs: 1, bytes: photo.length })
  })

  test('BL-12: a stream that breaks leaves nothing', async () => {
    const hash = await hashOf(photo)
    const { store } = await open()
    async function* broken() {
      yield photo.subarray(0, 1_000_000)
      throw new Error('the line broke')
    }
    await expect(store.put(hash, broken())).rejects.toThrow('the line broke')
    expect(await store.list({ limit: 10 })).toEqual([])
  })

  test('BL-13: neither side sees what the other does to its bytes', async () => {
    const { store } = await open()
    const handed = photo.slice(0, 1_000)
    const small = await hashOf(handed)
    await store.put(small, handed)
    handed.fill(0)
    const first = (await store.read(small))!
    first.fill(1)
    expect(equalBytes((await store.read(small))!, photo.subarray(0, 1_000))).toBe(true)
  })

  test('blobs are listed by hash, page by page, and deleted', async () => {
    const { store } = await open()
    const hashes: string[] = []
    for (let n = 0; n < 7; n++) {
      const bytes = random.bytes(100 + n)
      hashes.push(await hashOf(bytes))
      await store.put(hashes.at(-1)!, bytes)
    }
    hashes.sort()
    const told: string[] = []
    for (;;) {
      const page = await store.list({ limit: 3, ...(told.length > 0 && { after: told.at(-1)! }) })
      if (page.length === 0) break
      told.push(...page.map(({ sha256 }) => sha256))
    }
    expect(told).toEqual(hashes)
    expect(await store.delete(hashes[0]!)).toBe(true)
    expect(await store.delete(hashes[0]!)).toBe(false)
    expect(await store.read(hashes[0]!)).toBeUndefined()
    expect((await store.size()).blobs).toBe(6)
  })

  test('what was put is there after it was closed and opened again; closed, it answers nothing', async () => {
    const hash = await hashOf(photo)
    const { store, reopen } = await open()
    await store.put(hash, photo)
    await store.close()
    for (const asked of [
      store.read(hash),
      store.stat(hash),
      store.put(hash, photo),
      store.list({ limit: 1 }),
    ])
      await expect(asked).rejects.toMatchObject({ code: 'closed' })
    const again = await reopen?.()
    if (again) expect(equalBytes((await again.read(hash))!, photo)).toBe(true)
  })
}
