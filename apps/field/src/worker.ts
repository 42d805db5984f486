/** The worker's entry: one replica for all windows of this browser, with its store in IndexedDB and its line to the hub that served the app. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { collections, SPACE } from '@skerry/demo/field-service'
import { liveOver } from '@skerry/live'
import { memoryStore } from '@skerry/core'
import { serveTabs } from '@skerry/tabs/worker'
import { connect } from '@skerry/ws/browser'
import { renewInTime } from './enrol/renewal.ts'
import { REPLICA_NAME } from './start/replica-name.ts'
import { APP_BUILD } from './start/version.ts'

const hub = self.location.origin
const syncUrl = `${hub.replace(/^http/, 'ws')}/sync`

serveTabs({
  name: REPLICA_NAME,
  version: APP_BUILD,
  async open() {
    const engine = startEngine({ wasm: new URL(wasm, self.location.href) })
    const host = browserHost()
    const replica = await openReplica({ engine, host, store: memoryStore(), collections, space: SPACE })
    const live = liveOver(replica, { host, connect: () => connect(replica, syncUrl) })
    const stopRenewing = renewInTime({ replica, host, hub, renewed: (token) => live.setCredential(token) })
    const closeLive = live.close.bind(live)
    live.close = async () => {
      stopRenewing()
      await closeLive()
      await replica.close()
    }
    return live
  },
})
