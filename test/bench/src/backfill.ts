/**
 * `npm run backfill -- --records 1000000`: a first import into SQLite from a source that costs nothing, then 1,000 scattered edits there, found once by polling and once by comparing
 * everything. Rates and memory on the way, and for each of the three the calls, rows and bytes that the source gave.
 *
 *   --records N   default 100000        --profile FILE   a CPU profile of the first import
 *   --store FILE  kept afterwards; by default one in a temporary folder
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { type Bridge, type MappingConfig, startBridge } from '@skerry/bridge'
import { collection } from '@skerry/core'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import * as z from 'zod'
import { startProfile, stopProfile } from './profile.ts'
import { RowSource } from './row-source.ts'

const EDITS = 1_000
const SAMPLE_MS = 1_000

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    store: { type: 'string' },
    profile: { type: 'string' },
  },
})
const records = Number(values.records)

const contacts = collection(
  'contacts',
  z.object({
    name: z.string(),
    email: z.string().optional(),
    phone: z.string().optional(),
    city: z.string().optional(),
    status: z.enum(['active', 'dormant']).optional(),
    visits: z.number().optional(),
  }),
  { indexes: ['city'] },
)

const mapping: MappingConfig = {
  collection: 'contacts',
  type: 'contacts',
  fields: {
    name: 'Name',
    email: 'Email',
    phone: 'Phone',
    city: 'City',
    status: 'Status',
    visits: 'Visits',
  },
}

const megabytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20)

async function measured(what: string, source: RowSource, work: () => Promise<unknown>): Promise<void> {
  source.forgetLedger()
  const before = { ms: performance.now(), cpu: process.threadCpuUsage() }
  await work()
  const ms = performance.now() - before.ms
  const { user, system } = process.threadCpuUsage(before.cpu)
  const { calls, rows, bytes } = source.ledger
  const called = Object.entries(calls).flatMap(([method, count]) => (count > 0 ? [`${count} ${method}`] : []))
  console.log(
    `${what}: ${(ms / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of this thread's CPU), ${called.join(', ')}, ${rows} rows, ${(bytes / 2 ** 20).toFixed(2)} MB, ${megabytes()} MB in memory`,
  )
}

/** Prints how far the import is, and the most memory it had. */
function watch(imported: () => number): () => void {
  let [before, most, at] = [0, 0, performance.now()]
  const timer = setInterval(() => {
    const now = imported()
    most = Math.max(most, megabytes())
    const seconds = (performance.now() - at) / 1000
    console.log(
      `  ${now} records, ${Math.round((now - before) / seconds)}/s, ${megabytes()} MB (most ${most}) ${JSON.stringify(Object.fromEntries(Object.entries(process.memoryUsage()).map(([k, v]) => [k, Math.round(v / 2 ** 20)])))}`,
    )
    before = now
    at = performance.now()
  }, SAMPLE_MS)
  return () => clearInterval(timer)
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-backfill-'))
  const store = sqliteStore({ path: values.store ?? join(folder, 'node.db') })
  const replica = await openReplica({ store, collections: { contacts } })
  const source = new RowSource(records)
  let bridge: Bridge | undefined
  try {
    // Each imported record is an entry and a mark.
    const end = watch(() => replica.head / 2)
    if (values.profile) await startProfile()
    await measured(`first import of ${records}`, source, async () => {
      bridge = await startBridge({
        replica,
        adapter: source.adapter(),
        mappings: [mapping],
        host: nodeHost(),
        pollIntervalMs: 0,
        reconcileIntervalMs: 0,
        events: ({ level, message }) => console.log(`  ${level} ${message}`),
      })
      await bridge.pollNow()
      await bridge.idle()
    })
    if (values.profile) await stopProfile(values.profile)
    end()
    await measured('nothing changed, compared', source, () => bridge!.reconcile())
    const step = Math.max(1, Math.floor(records / EDITS))
    for (let i = 0; i < EDITS; i++) source.edit((i * step) % records)
    await measured(`${EDITS} edits, polled`, source, async () => {
      await bridge!.pollNow()
      await bridge!.idle()
    })
    for (let i = 0; i < EDITS; i++) source.edit((i * step + 1) % records)
    source.showsRows = false
    await measured(`${EDITS} edits, compared by version`, source, () => bridge!.reconcile())
  } finally {
    await bridge?.close()
    await replica.close()
    await rm(folder, { recursive: true })
  }
}

await main()
