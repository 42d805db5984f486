/** A replica that its user wants no more: its store, its photos and what pages remember of it. It must be open nowhere. */
import { DISMISSED_KEY } from '../decide/dismissed.ts'
import { TOUCHED_KEY } from '../order/touched.ts'
import { photosNameOf } from './replica-name.ts'
import { keyOf, readReplicas, without, writeReplicas } from './replicas.ts'

/**
 * @param heldOpen another window has its photos open, and does not let go of them: it goes on when that one is closed
 * @throws StoreError `locked`, `io`
 */
export async function deleteReplica(name: string, heldOpen: () => void): Promise<void> {
  const { deleteIdbStore } = await import('@skerry/store-idb')
  await deleteIdbStore(name)
  await deleted(indexedDB.deleteDatabase(photosNameOf(name)), heldOpen)
  for (const key of [TOUCHED_KEY, DISMISSED_KEY]) localStorage.removeItem(keyOf(key, name))
  writeReplicas(without(readReplicas(), name))
}

function deleted(request: IDBOpenDBRequest, heldOpen: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  request.onblocked = heldOpen
  request.onsuccess = () => resolve()
  request.onerror = () => reject(request.error)
  return promise
}
