/** The worker of a small app: its replica in memory or in IndexedDB, as its name says; commits can be counted by no one but the browser. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { memoryStore } from '@skerry/core'
import { liveOver } from '@skerry/live'
import { serveTabs } from '@skerry/tabs/worker'
import { NAME, orders, VERSION } from './app.ts'

serveTabs({
  name: NAME,
  version: VERSION,
  async open() {
    const host = browserHost()
    const engine = startEngine({ wasm: new URL(wasm, location.href) })
    const replica = await openReplica({ host, engine, store: memoryStore(), collections: { orders } })
    return { live: liveOver(replica, { host }), close: () => replica.close() }
  },
})
