/** The worker of a small app: what an app's own composes. What its pages may want to know or to hold up of it goes over a channel of the test's. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { browserHost, openReplica, startEngine } from '@skerry/browser'
import { liveOver } from '@skerry/live'
import { idbStore } from '@skerry/store-idb'
import { serveTabs } from '@skerry/tabs/worker'
import { NAME, orders, VERSION } from './app.ts'
import { engineHeldUp, tellEvent } from './worker-test.ts'

serveTabs({
  name: NAME,
  version: VERSION,
  async open() {
    const host = browserHost()
    const engine = engineHeldUp(() => startEngine({ wasm: new URL(wasm, location.href) }))
    const store = idbStore({ name: NAME })
    const replica = await openReplica({
      host,
      store,
      engine,
      collections: { orders },
      events: tellEvent,
    })
    tellEvent({ level: 'info', code: 'opened', message: 'the worker has the replica' })
    return { live: liveOver(replica, { host }), close: () => replica.close() }
  },
  events: ({ code, message }) => tellEvent({ level: 'warn', code, message }),
})
