/** The worker: one replica for all windows of this browser, with its store in IndexedDB and its line to the hub that served the page. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { renewInTime } from '@skerry/credentials'
import { liveOver } from '@skerry/live'
import { idbStore } from '@skerry/store-idb'
import { serveTabs } from '@skerry/tabs/worker'
import { connect } from '@skerry/ws/browser'
import { collections } from './collections.ts'
import { BUILD, NAME } from './names.ts'

const hub = self.location.origin
const syncUrl = `${hub.replace(/^http/, 'ws')}/sync`
const host = browserHost()

async function open() {
  const store = idbStore({ name: NAME })
  const engine = startEngine({ wasm: new URL(wasm, self.location.href) })
  const replica = await openReplica({ host, store, engine, collections, space: NAME })
  const storage = { state: store.health, persist: store.persist, subscribe: () => () => undefined }
  const live = liveOver(replica, { host, storage, connect: () => connect(replica, syncUrl) })
  const renewed = (token: string, renews: string) => live.renewCredential(token, renews)
  const stopRenewing = renewInTime({ replica, host, hub, renewed, failed: console.error })
  const close = async () => {
    stopRenewing()
    await replica.close()
  }
  return { live, close }
}

serveTabs({ name: NAME, version: BUILD, open })
