/** What becomes of blobs in IndexedDB when the connection to it goes (SPEC.md, BL-14), in a browser's own and in the one that is made of JavaScript. */
import type { BlobStore } from '@skerry/blobs'
import { idbBlobs } from '@skerry/blobs/browser'
import { equalBytes, toHex } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { expect, onTestFinished, test } from 'vitest'

/** The next calls for a transaction fail as they do when the connection is lost. */
function loseConnection(times: number, name: string): void {
  const { transaction } = IDBDatabase.prototype
  let left = times
  IDBDatabase.prototype.transaction = function (...args) {
    left -= 1
    if (left < 0) return transaction.apply(this, args)
    throw new DOMException('Connection to Indexed Database server lost. Refresh the page to try again', name)
  }
  onTestFinished(() => {
    IDBDatabase.prototype.transaction = transaction
  })
}

function deleted(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('a connection was left open'))
  })
}

export function lostConnectionSuite(nextName: () => string): void {
  const photo = new SeededRandom(8).bytes(1_500_000)
  const open = async (): Promise<{ name: string; hash: string; store: BlobStore }> => {
    const name = nextName()
    const hash = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(photo))))
    return { name, hash, store: await idbBlobs(name) }
  }
  const isPhoto = (content: Uint8Array | undefined) => content && equalBytes(content, photo)

  for (const lost of ['InvalidStateError', 'UnknownError', 'AbortError'])
    test(`BL-14: what was asked when the connection went (${lost}) is asked over a new one`, async () => {
      const { hash, store } = await open()
      loseConnection(1, lost)
      await store.put(hash, photo)
      loseConnection(1, lost)
      expect(isPhoto(await store.read(hash))).toBe(true)
      loseConnection(1, lost)
      expect(await store.list({ limit: 2 })).toEqual([{ sha256: hash, bytes: photo.length }])
      loseConnection(1, lost)
      expect(await store.size()).toEqual({ blobs: 1, bytes: photo.length })
      loseConnection(1, lost)
      expect(await store.delete(hash)).toBe(true)
      expect(await store.stat(hash)).toBeUndefined()
    })

  test('BL-14: a second loss is told, and the next call is answered again', async () => {
    const { hash, store } = await open()
    loseConnection(2, 'UnknownError')
    await expect(store.put(hash, photo)).rejects.toThrow('lost')
    await store.put(hash, photo)
    expect(isPhoto(await store.read(hash))).toBe(true)
  })

  test('BL-14: all that was asked when it went shares one new connection, and none is left open', async () => {
    const { name, hash, store } = await open()
    await store.put(hash, photo)
    loseConnection(3, 'UnknownError')
    const asked = await Promise.all([1, 2, 3].map(() => store.stat(hash)))
    expect(asked.map((stat) => stat?.bytes)).toEqual([1, 2, 3].map(() => photo.length))
    await store.close()
    await deleted(name)
  })

  test('BL-14: a store that is closed while it asks does not connect again', async () => {
    const { name, hash, store } = await open()
    loseConnection(1, 'InvalidStateError')
    const asked = store.stat(hash)
    await store.close()
    await expect(asked).rejects.toMatchObject({ code: 'closed' })
    await deleted(name)
  })

  test('BL-14: a database that the browser closed and deleted is found empty, and takes blobs again', async () => {
    const { name, hash, store } = await open()
    await store.put(hash, photo)
    await deleted(name)
    expect(await store.stat(hash)).toBeUndefined()
    expect(await store.read(hash)).toBeUndefined()
    await store.put(hash, photo)
    expect(isPhoto(await store.read(hash))).toBe(true)
  })

  test('BL-14 BL-11: what was verified before a loss is verified again', async () => {
    const { name, hash, store } = await open()
    await store.put(hash, photo)
    const raw = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const writing = raw.transaction('chunks', 'readwrite')
    writing.objectStore('chunks').put(new Uint8Array(1_048_576), [hash, 0])
    await new Promise((resolve) => writing.addEventListener('complete', resolve))
    raw.close()
    loseConnection(1, 'UnknownError')
    await expect(store.read(hash, { from: 0, to: 9 })).rejects.toMatchObject({ code: 'damaged' })
  })

  test('BL-14: a database that a newer version of the app has is left alone, with words', async () => {
    const { name, hash, store } = await open()
    await store.put(hash, photo)
    await store.close()
    const newer = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, 2)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    newer.close()
    await expect(idbBlobs(name)).rejects.toMatchObject({
      code: 'closed',
      message: expect.stringContaining('newer'),
    })
  })
}
