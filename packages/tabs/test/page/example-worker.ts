/** The app's worker: the one place where its replica is open. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { liveOver } from '@skerry/live'
import { idbStore } from '@skerry/store-idb'
import { serveTabs } from '@skerry/tabs/worker'
import { connect } from '@skerry/ws/browser'
import { NAME, orders, VERSION } from './example-orders.ts'

const host = browserHost()

async function open() {
  const store = idbStore({ name: NAME })
  const engine = startEngine({ wasm: new URL(wasm, location.href) })
  const replica = await openReplica({ host, store, engine, collections: { orders } })
  const live = liveOver(replica, {
    host,
    connect: () => connect(replica, import.meta.env.VITE_HUB),
    storage: { state: store.health, persist: store.persist, subscribe: () => () => undefined },
  })
  return { live, close: () => replica.close() }
}

serveTabs({ name: NAME, version: VERSION, open })
