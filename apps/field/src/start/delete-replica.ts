/** A replica that its user wants no more: its store, its photos and what pages remember of it. It must be open nowhere. */
import { DISMISSED_KEY } from '../decide/dismissed.ts'
import { TOUCHED_KEY } from '../order/touched.ts'
import { photosNameOf } from './replica-name.ts'
import { keyOf, readReplicas, without, writeReplicas } from './replicas.ts'

/** @throws StoreError `locked`, `io` */
export async function deleteReplica(name: string): Promise<void> {
  const { deleteIdbStore } = await import('@skerry/store-idb')
  await deleteIdbStore(name)
  await deleted(indexedDB.deleteDatabase(photosNameOf(name)))
  for (const key of [TOUCHED_KEY, DISMISSED_KEY]) localStorage.removeItem(keyOf(key, name))
  writeReplicas(without(readReplicas(), name))
}

function deleted(request: IDBOpenDBRequest): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  request.onsuccess = () => resolve()
  request.onerror = () => reject(request.error)
  return promise
}
