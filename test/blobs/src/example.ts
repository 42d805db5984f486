import { Blobs, blobRef, memoryBlobs } from '@skerry/blobs'
import { collection, memoryStore } from '@skerry/core'
import { startHub } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'
import * as z from 'zod'

const schema = z.object({ site: z.string(), photo: blobRef().optional() })
const orders = collection('orders', schema, { channels: (order) => [`site:${order.site}`] })
const hub = await startHub(
  { space: 'main', collections: { orders } },
  { port: 0, store: 'hub.db', logLevel: 'error' },
)
const device = async (subject: string) => {
  const replica = await openReplica({ store: memoryStore(), collections: { orders } })
  const grant = { read: ['site:SEA'], write: ['site:SEA'], expiresAt: Date.now() + 86_400_000 }
  await replica.setCredential(await hub.issue({ subject, publicKey: replica.publicKey, ...grant }))
  const blobs = new Blobs({ replica, host: nodeHost(), store: memoryBlobs(), hub: hub.url })
  return { replica, blobs, link: connect(replica, hub.syncUrl) }
}

const ana = await device('tech:ana')
const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]) // or a `File` of an <input type="file">
const photo = await ana.blobs.take(jpeg, { record: 'orders/17', name: 'mast.jpg' })
await ana.replica.orders.create({ site: 'SEA', photo }, { id: '17' })
console.log((await ana.blobs.state(photo)).kind) // prints: here
const sent = new Promise<void>((resolve) => {
  const look = async () => (await ana.blobs.state(photo)).kind === 'at-hub' && resolve()
  ana.blobs.subscribe(() => void look())
})
await sent

const ben = await device('tech:ben')
console.log((await ben.blobs.open(photo, 'orders/17')).length) // prints: 7
for (const { replica, blobs, link } of [ana, ben])
  await Promise.all([blobs.close(), link.close()]).then(() => replica.close())
await hub.close()
