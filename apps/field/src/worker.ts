/** The worker's entry: one replica for all windows of this browser, with its store in IndexedDB and its line to the hub that served the app. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { answerPages, Blobs } from '@skerry/blobs'
import { idbBlobs, thumbnailOf } from '@skerry/blobs/browser'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { renewInTime } from '@skerry/credentials'
import { collections, SPACE } from '@skerry/demo/field-service'
import { liveOver } from '@skerry/live'
import { idbStore } from '@skerry/store-idb'
import { serveTabs } from '@skerry/tabs/worker'
import { connect } from '@skerry/ws/browser'
import { PHOTOS_CHANNEL, PHOTOS_NAME, REPLICA_NAME } from './start/replica-name.ts'
import { APP_BUILD } from './start/version.ts'
import { watchedStorage } from './start/watched-storage.ts'

const hub = self.location.origin
const syncUrl = `${hub.replace(/^http/, 'ws')}/sync`

serveTabs({
  name: REPLICA_NAME,
  version: APP_BUILD,
  async open() {
    const engine = startEngine({ wasm: new URL(wasm, self.location.href) })
    const host = browserHost()
    const { store, storage } = watchedStorage(idbStore({ name: REPLICA_NAME }), host)
    const replica = await openReplica({ engine, host, store, collections, space: SPACE })
    const live = liveOver(replica, {
      host,
      connect: () => connect(replica, syncUrl),
      storage,
    })
    const blobs = new Blobs({
      replica,
      host,
      store: await idbBlobs(PHOTOS_NAME),
      hub,
      thumbnailOf,
    })
    const photos = new BroadcastChannel(PHOTOS_CHANNEL)
    const stopPhotos = answerPages(photos, blobs)
    const renewed = (token: string) => live.setCredential(token)
    const stopRenewing = renewInTime({ replica, host, hub, renewed, failed: console.error })
    const close = async () => {
      stopRenewing()
      stopPhotos()
      photos.close()
      await blobs.close()
      await replica.close()
    }
    return { live, close }
  },
})
