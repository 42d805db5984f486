/** A hub as a process of its own, to be killed. */
import { startHub } from '@skerry/hub'
import { orders } from './orders.ts'

const { store, port } = JSON.parse(process.argv[2]!) as { store: string; port: number }
const hub = await startHub({ space: 'acme', collections: { orders } }, { store, port, logLevel: 'error' })
process.stdin.on('data', async (text) => {
  const { subject, key } = JSON.parse(String(text)) as { subject: string; key: string }
  const token = await hub.issue({
    subject,
    publicKey: new Uint8Array(Buffer.from(key, 'hex')),
    read: ['site:SEA'],
    write: ['site:SEA'],
    expiresAt: Date.now() + 86_400_000,
  })
  console.log(JSON.stringify({ token }))
})
console.log(JSON.stringify({ url: hub.url, syncUrl: hub.syncUrl }))
