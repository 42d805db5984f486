/** One owner per store: a Web Lock, which the browser takes away from a tab or worker that died. */
import { StoreError } from '@skerry/core'
import { nameOf } from './failure.ts'

/**
 * Milliseconds. The lock of a page that is being reloaded or was killed is free within some tens of them; who holds it longer is alive.
 */
export const LOCK_MS_MAX = 1_000

/** Resolves with what frees the lock, or undefined when another holds it (rule O-1). */
export async function takeLock(name: string, msMax: number): Promise<(() => Promise<void>) | undefined> {
  const { locks }: { locks?: LockManager } = navigator
  if (!locks)
    throw new StoreError(
      'io',
      `open ${name}: this page has no Web Locks, which browsers give to https and localhost only`,
    )
  const freed = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<void>()
  const held = locks.request(name, { signal: AbortSignal.timeout(msMax) }, () => {
    taken.resolve()
    return freed.promise
  })
  held.catch(taken.reject)
  try {
    await taken.promise
  } catch (error) {
    if (['TimeoutError', 'AbortError'].includes(nameOf(error))) return undefined
    throw error
  }
  return async () => {
    freed.resolve()
    await held
  }
}
