/** The worker of Skerry: what an app's own composes, and nothing more. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { liveOver } from '@skerry/live'
import { idbStore } from '@skerry/store-idb'
import { serveTabs } from '@skerry/tabs/worker'
import { connect } from '@skerry/ws/browser'
import { collections, SPACE } from '../skerry-collection.ts'
import { NAME, VERSION } from './skerry-names.ts'

const host = browserHost()
const hub = (globalThis as unknown as { name: string }).name

serveTabs({
  name: NAME,
  version: VERSION,
  async open() {
    const engine = startEngine({ wasm: new URL(wasm, location.href) })
    const store = idbStore({ name: NAME })
    const replica = await openReplica({ host, store, engine, collections, space: SPACE })
    const live = liveOver(replica, {
      host,
      connect: () => connect(replica, hub),
      storage: { state: store.health, persist: store.persist, subscribe: () => () => undefined },
    })
    return { live, close: () => replica.close() }
  },
})
