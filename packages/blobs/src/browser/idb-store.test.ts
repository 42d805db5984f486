/** Blobs in IndexedDB, here in the one that is made of JavaScript; a browser's own is another matter (BL-11's damage is made through the database). */
import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import { hashOf } from '../../test/hash.ts'
import { lostConnectionSuite } from '../../test/page/lost-connection.ts'
import { blobStoreContract } from '../../test/store-contract.ts'
import { idbBlobs } from './idb-store.ts'

let databases = 0
const nextName = () => `blobs-${++databases}`

describe('in IndexedDB', () =>
  blobStoreContract(async () => {
    const name = nextName()
    return { store: await idbBlobs(name), reopen: () => idbBlobs(name) }
  }))

describe('a connection that goes', () => lostConnectionSuite(nextName))

test('BL-11: a chunk that was altered is not read', async () => {
  const name = nextName()
  const store = await idbBlobs(name)
  const photo = new Uint8Array(3_000_000).fill(9)
  const hash = hashOf(photo)
  await store.put(hash, photo)
  await store.close()
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const transaction = database.transaction('chunks', 'readwrite')
  transaction.objectStore('chunks').put(new Uint8Array(1_048_576), [hash, 1])
  await new Promise((resolve) => transaction.addEventListener('complete', resolve))
  database.close()
  const again = await idbBlobs(name)
  await expect(again.read(hash)).rejects.toMatchObject({ code: 'damaged' })
  await expect(again.read(hash, { from: 0, to: 5 })).rejects.toMatchObject({ code: 'damaged' })
})
