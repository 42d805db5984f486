import { collection, counter, text } from '@skerry/core'
import { startHub } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect } from '@skerry/ws'
import * as z from 'zod'

const schema = z.object({ title: z.string(), site: z.string(), notes: text(), hours: counter() })
const orders = collection('orders', schema, { channels: (order) => [`site:${order.site}`] })

const hub = await startHub({ space: 'main', collections: { orders } }, { port: 0, store: 'hub.db' })
const van = await openReplica({ store: sqliteStore({ path: 'van-7.db' }), collections: { orders } })
const grant = { read: ['site:SEA'], write: ['site:SEA'], expiresAt: Date.now() + 86_400_000 }
await van.setCredential(await hub.issue({ subject: 'tech:ana', publicKey: van.publicKey, ...grant }))

const order = await van.orders.create({ title: 'Replace anemometer', site: 'SEA', notes: '', hours: 0 })
const link = connect(van, hub.syncUrl)
await van.orders.update(order.id, (draft) => {
  draft.hours += 2
})
await van.orders.saved(order.id, 'hub')
console.log((await hub.replica.collection('orders').get(order.id))?.hours) // prints: 2
await Promise.all([link.close(), hub.close()])
