/** What the storage is good for, as pages see it. A browser tells nobody when that changes: it is looked at now and then, and at once where commits begin to fail, or no longer do. */
import type { Host } from '@skerry/core'
import type { LiveStorage } from '@skerry/live'
import type { IdbStore } from '@skerry/store-idb'

/** Milliseconds between two looks: browsers change their mind seldom. */
const LOOK_MS = 30_000

export interface WatchedStorage {
  /** The store given, to be used in its place. */
  store: IdbStore
  storage: LiveStorage
}

export function watchedStorage(store: IdbStore, host: Pick<Host, 'timer'>): WatchedStorage {
  const listeners = new Set<() => void>()
  let isFailing = false
  const ended = (failed: boolean) => {
    if (failed === isFailing) return
    isFailing = failed
    for (const listener of listeners) listener()
  }
  const commit: IdbStore['commit'] = async (batch) => {
    try {
      await store.commit(batch)
    } catch (error) {
      ended(true)
      throw error
    }
    ended(false)
  }
  const storage: LiveStorage = {
    state: () => store.health(),
    persist: () => store.persist(),
    subscribe(listener) {
      listeners.add(listener)
      let stop: () => void
      const wait = () => {
        stop = host.timer(LOOK_MS, () => {
          listener()
          wait()
        })
      }
      wait()
      return () => {
        listeners.delete(listener)
        stop()
      }
    },
  }
  return { store: { ...store, commit }, storage }
}
