/** What the browser will do with what is stored, as far as it says (`StorageState` of the live port has the same words). */
import { deleteDB, openDB } from 'idb'

export interface StorageHealth {
  /** `kept`: the browser promised. `evictable`: it may delete everything when space is short. `gone-on-close`: private window, nothing stays. `failed`: writes fail now. */
  health: 'kept' | 'evictable' | 'gone-on-close' | 'failed'
  usedBytes: number | undefined
  quotaBytes: number | undefined
  /** Of `failed`, for people. */
  reason: string | undefined
}

/** Tries by writing and reading back. */
export async function storageHealth(): Promise<StorageHealth> {
  return healthAfter(await probe())
}

/** Asks the browser to keep what this site stored. Only a page can ask; in a worker it is as `storageHealth`. */
export async function persistStorage(): Promise<StorageHealth> {
  // Workers have no `persist`, whatever the types of a page say.
  const storage: Partial<StorageManager> = navigator.storage
  await storage.persist?.()
  return storageHealth()
}

/** `failure`: why writes fail now. */
export async function healthAfter(failure: Error | undefined): Promise<StorageHealth> {
  const { usage, quota } = await navigator.storage.estimate()
  const measured = { usedBytes: usage, quotaBytes: quota }
  if (failure) return { ...measured, health: 'failed', reason: failure.message }
  const health = (await isPrivate())
    ? 'gone-on-close'
    : (await navigator.storage.persisted())
      ? 'kept'
      : 'evictable'
  return { ...measured, health, reason: undefined }
}

async function probe(): Promise<Error | undefined> {
  const name = `skerry-probe:${crypto.randomUUID()}`
  try {
    const database = await openDB(name, 1, { upgrade: (made) => void made.createObjectStore('probe') })
    try {
      await database.put('probe', 'written', 'key')
      const read: unknown = await database.get('probe', 'key')
      return read === 'written' ? undefined : new Error(`the browser stored nothing: it gave back ${read}`)
    } finally {
      database.close()
      await deleteDB(name)
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Private windows of Firefox and Safari have IndexedDB in memory, and refuse the file system. */
async function isPrivate(): Promise<boolean> {
  const storage: Partial<StorageManager> = navigator.storage
  if (!storage.getDirectory) return false
  try {
    await storage.getDirectory()
    return false
  } catch {
    return true // whatever the error is called there
  }
}
