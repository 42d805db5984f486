/** What the storage is good for, as pages see it: a browser tells nobody when that changes, so it is looked at now and then. */
import type { Host } from '@skerry/core'
import type { LiveStorage } from '@skerry/live'
import type { IdbStore } from '@skerry/store-idb'

/** Milliseconds between two looks: a failing disk is seen by the next edit anyway. */
const LOOK_MS = 30_000

export function watchedStorage(store: IdbStore, host: Pick<Host, 'timer'>): LiveStorage {
  return {
    state: () => store.health(),
    persist: () => store.persist(),
    subscribe(listener) {
      let stop: () => void
      const wait = () => {
        stop = host.timer(LOOK_MS, () => {
          listener()
          wait()
        })
      }
      wait()
      return () => stop()
    },
  }
}
