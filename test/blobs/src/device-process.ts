/** A device as a process of its own, to be killed: SQLite, a folder of blobs, uploads over the line that it is told. Takes a photo when there is none yet, says what it has sent, and ends when the hub has all. */
import { Blobs } from '@skerry/blobs'
import { folderBlobs } from '@skerry/blobs/node'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect } from '@skerry/ws'
import { orders } from './orders.ts'
import { photoOf } from './photo.ts'

interface Told {
  store: string
  hub: string
  syncUrl: string
  /** First start: asks for a credential by printing its key, and reads the token from standard input. */
  token?: string
  bytes: number
}

const told = JSON.parse(process.argv[2]!) as Told
const say = (message: object) => console.log(JSON.stringify(message))
const replica = await openReplica({
  store: sqliteStore({ path: told.store }),
  collections: { orders },
  space: 'acme',
})
if (!replica.credential) {
  say({ key: Buffer.from(replica.publicKey).toString('hex') })
  const token = await new Promise<string>((resolve) =>
    process.stdin.once('data', (text) => resolve(String(text).trim())),
  )
  await replica.setCredential(token)
}
const link = connect(replica, told.syncUrl)
const blobs = new Blobs({
  replica,
  host: nodeHost(),
  store: await folderBlobs(`${told.store}.blobs`),
  hub: told.hub,
})
const present = await replica.orders.get('o1')
const ref = present?.signature ?? (await blobs.take(photoOf(1, told.bytes), { record: 'orders/o1' }))
if (!present) await replica.orders.create({ site: 'SEA', signature: ref, photos: [] }, { id: 'o1' })
const look = async () => {
  const state = await blobs.state(ref)
  say(state)
  if (state.kind !== 'at-hub') return
  await blobs.close()
  await link.close()
  await replica.close()
  process.exit(0)
}
blobs.subscribe(() => void look())
blobs.wake()
await look()
