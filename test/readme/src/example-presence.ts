import { memoryStore } from '@skerry/core'
import { startHub } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'

const hub = await startHub({ space: 'main', collections: {} }, { port: 0, store: 'hub.db' })
const van = await openReplica({ store: memoryStore(), collections: {} })
const grant = { read: ['site:SEA'], write: [], expiresAt: Date.now() + 86_400_000 }
await van.setCredential(await hub.issue({ subject: 'tech:ana', publicKey: van.publicKey, ...grant }))

const atSeattle = hub.replica.presence('site:SEA')
const changed = new Promise<void>((resolve) => atSeattle.subscribe(resolve))
const link = connect(van, hub.syncUrl)
van.presence('site:SEA').say({ looksAt: 'pump 3' }) // until `leave()`
await changed
for (const { subject, value } of atSeattle.others()) console.log(subject, value) // prints: tech:ana { looksAt: 'pump 3' }
await van.close()
await Promise.all([link.close(), hub.close()])
