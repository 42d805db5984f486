/** Removes a store: to begin anew on a device that changes hands, or after `corrupt`. */
import { StoreError } from '@skerry/core'
import { deleteDB } from 'idb'
import { databaseName } from './connection.ts'
import { asStoreError } from './failure.ts'
import { LOCK_MS_MAX, takeLock } from './lock.ts'

/** Also one that is damaged or newer. Nothing happens where there is none. @throws StoreError locked, io */
export async function deleteIdbStore(name: string): Promise<void> {
  const free = await takeLock(databaseName(name), LOCK_MS_MAX)
  if (!free)
    throw new StoreError('locked', `delete ${name}: it is open, here or in another tab; close it first`)
  try {
    await deleteDB(databaseName(name))
  } catch (error) {
    throw asStoreError(`delete ${name}`, error)
  } finally {
    await free()
  }
}
