/**
 * Prints what a gateway and a hub do in a second on this machine, with real signatures: `npm run speed:log`. Once on
 * memory, and once on SQLite in a temporary folder, where durable means that the disk has it.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, type Peer, type Store } from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { nodeCompressor } from '../src/compressor-node.ts'
import { openStreams, readStreamBuckets, segmentKind, streamTotals } from '../src/index.ts'
import { seededRandom } from './seeded-random.ts'

const READINGS = 2_097_152
const STREAMS = 4
/** Readings between two flushes: what a gateway of 10,000 readings a second does every few seconds. */
const READINGS_PER_FLUSH = 65_536
const START_MS = 1_767_225_600_000
const DAY_MS = 86_400_000

const compressor = nodeCompressor
const authority = await createAuthority()
const random = seededRandom(1)
let walk = 20
const values = Float64Array.from({ length: READINGS_PER_FLUSH }, () => {
  walk += random() - 0.5
  return Math.round(walk * 100) / 100
})

async function opened(role: 'hub' | 'edge', store: Store) {
  const replica = await openReplica({
    host: nodeHost(),
    authority: authority.publicKey,
    store,
    collections: {},
    role: role === 'hub' ? hubRole : 'edge',
    kinds: { segment: segmentKind({ compressor }) },
  })
  const channels = role === 'hub' ? ['*'] : ['stream:gw-1']
  const token = await issueCredential(authority, {
    space: 'main',
    subject: role,
    publicKey: replica.publicKey,
    role: role === 'hub' ? 'authority' : 'device',
    read: channels,
    write: channels,
    systems: [],
    issuedAt: Date.now(),
    expiresAt: Date.now() + DAY_MS,
  })
  await replica.setCredential(token)
  return replica
}

type Opened = Awaited<ReturnType<typeof opened>>

async function writeAll(gateway: Opened): Promise<void> {
  const streams = await openStreams(gateway, { compressor })
  for (let done = 0; done < READINGS; done += READINGS_PER_FLUSH) {
    for (let i = 0; i < READINGS_PER_FLUSH; i += 1)
      streams.append(`gw-1/${i % STREAMS}`, START_MS + (done + i) * 100, values[i]!)
    await streams.flush()
  }
  await streams.close()
}

/** Frames of 256 KiB, each durable at the hub before the next. */
async function pushAll(gateway: Opened, hub: Opened): Promise<number> {
  const { node, publicKey, log, runs, credential } = gateway.session
  const peer: Peer = { node, publicKey, log, runs, credential: credential! }
  let bytes = 0
  for (let after = 0; ; ) {
    const page = await gateway.session.readLog(after, { entries: 1_000, bytes: 256 * 1024 })
    if (page.length === 0) return bytes
    after = page.at(-1)!.seq
    for (const entry of page) bytes += entry.bytes.length
    const items = page.map((entry) => ({ kind: 'entry', seq: entry.seq, bytes: entry.bytes }) as const)
    const want = { kind: 'log', cursor: undefined } as const
    await hub.session.deliver({ peer, items, position: undefined, current: true, want })
  }
}

async function measure(name: string, store: (file: string) => Store): Promise<void> {
  const perSecond = async (run: () => Promise<unknown>) => {
    const start = performance.now()
    await run()
    return `${((READINGS / (performance.now() - start)) * 1e3).toFixed(0).padStart(9)} readings/s`
  }
  const gateway = await opened('edge', store('gateway.db'))
  const hub = await opened('hub', store('hub.db'))
  console.log(`${name}: append, sealed, durable   ${await perSecond(() => writeAll(gateway))}`)
  let bytes = 0
  console.log(
    `${name}: delivered, durable at hub ${await perSecond(async () => {
      bytes = await pushAll(gateway, hub)
    })}, ${(bytes / READINGS).toFixed(2)} bytes a reading in entries`,
  )
  const totals = await streamTotals(hub, 'gw-1/0')
  const range = { fromMs: START_MS, toMs: totals!.newestMs + 1 }
  const start = performance.now()
  const { buckets } = await readStreamBuckets(hub, 'gw-1/0', range, { compressor, bucketMs: 60_000 })
  console.log(
    `${name}: ${buckets.length} buckets of a minute in ${(performance.now() - start).toFixed(0)} ms`,
  )
  await gateway.close()
  await hub.close()
}

await measure('memory', () => memoryStore())
const folder = mkdtempSync(join(tmpdir(), 'skerry-streams-'))
try {
  await measure('sqlite', (file) => sqliteStore({ path: join(folder, file) }))
} finally {
  rmSync(folder, { recursive: true })
}
