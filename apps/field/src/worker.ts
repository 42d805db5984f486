/** The worker's entry: one replica for all windows of this browser, with its store in IndexedDB and its line to the hub that served the app. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { answerPages, Blobs } from '@skerry/blobs'
import { idbBlobs, thumbnailOf } from '@skerry/blobs/browser'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import type { ReplicaEvent } from '@skerry/core'
import { renewInTime } from '@skerry/credentials'
import { inspection } from '@skerry/devtools/worker'
import { collections, SPACE } from '@skerry/field-service'
import { liveOver } from '@skerry/live'
import { idbStore } from '@skerry/store-idb'
import { serveTabs } from '@skerry/tabs/worker'
import { connect } from '@skerry/ws/browser'
import { PICTURE_TYPES } from './photos/picture-types.ts'
import { sendWhen } from './photos/send-when.ts'
import { WorkerPhotos } from './photos/worker-photos.ts'
import { photosChannelOf, photosNameOf } from './start/replica-name.ts'
import { APP_BUILD } from './start/version.ts'
import { watchedStorage } from './start/watched-storage.ts'

/** As the page that made it called it. */
const { name } = self
const hub = self.location.origin
const syncUrl = `${hub.replace(/^http/, 'ws')}/sync`

serveTabs({
  name,
  version: APP_BUILD,
  async open() {
    const engine = startEngine({ wasm: new URL(wasm, self.location.href) })
    const host = browserHost()
    const workerPhotos = new WorkerPhotos(console.error)
    const inBrowser = idbStore({ name, makeRoom: workerPhotos.makeRoom })
    const { store, storage } = watchedStorage(inBrowser, host)
    const events = (event: ReplicaEvent) => {
      if (event.level !== 'info') console.warn(event.code, event.message)
      workerPhotos.heard(event)
    }
    // First, since it may fail: a replica that is open by then would keep its store's lock, and every later try would find it locked.
    const content = await idbBlobs(photosNameOf(name))
    const replica = await openReplica({ engine, host, store, collections, space: SPACE, events })
    const inspected = inspection(replica)
    const live = liveOver(replica, {
      host,
      connect: () => inspected.line((through) => connect(replica, syncUrl, { through })),
      storage,
    })
    const when = sendWhen(name, () => opened.wake())
    const opened = new Blobs({
      replica,
      host,
      store: content,
      hub,
      thumbnailOf,
      types: PICTURE_TYPES,
      mayUpload: when.maySend,
    })
    await workerPhotos.opened(opened)
    const photos = new BroadcastChannel(photosChannelOf(name))
    const stopPhotos = answerPages(photos, opened)
    const renewed = (token: string, renews: string) => live.renewCredential(token, renews)
    const stopRenewing = renewInTime({ replica, host, hub, renewed, failed: console.error })
    const close = async () => {
      stopRenewing()
      stopPhotos()
      when.close()
      photos.close()
      await opened.close()
      await replica.close()
    }
    return { live, inspect: inspected.port, close }
  },
})
