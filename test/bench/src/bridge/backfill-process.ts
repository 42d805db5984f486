/** The node of a backfill, alone in its process, so that memory is its own: a replica on SQLite, a bridge, and a source of rows that costs nothing. */
import { type MappingConfig, startBridge } from '@skerry/bridge'
import { collection } from '@skerry/core'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import * as z from 'zod'
import { serve } from '../serve.ts'
import { RowSource } from './row-source.ts'

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
  fields: { name: 'Name', email: 'Email', phone: 'Phone', city: 'City', status: 'Status', visits: 'Visits' },
}

/** Rows of one page, as the bridge asks for them. */
const PAGE = 2_000

let source: RowSource
let store: string
let node: Awaited<ReturnType<typeof openNode>>
let work: Promise<unknown> = Promise.resolve()
let worked: { ms: number; cpuMs: number; mainMs: number } | undefined
let failure: unknown

async function openNode() {
  const replica = await openReplica({ store: sqliteStore({ path: store }), collections: { contacts } })
  const bridge = await startBridge({
    replica,
    adapter: source.adapter(),
    mappings: [mapping],
    host: nodeHost(),
    pollIntervalMs: 0,
    reconcileIntervalMs: 0,
  })
  return { replica, bridge }
}

/** Begins, and answers at once: the parent asks how far it is. */
function begin(what: () => Promise<unknown>): void {
  source.forgetLedger()
  worked = undefined
  const [startedMs, cpu, main] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()]
  work = what().then(
    () => {
      const { user, system } = process.cpuUsage(cpu)
      const own = process.threadCpuUsage(main)
      const [cpuMs, mainMs] = [user + system, own.user + own.system].map((us) => us / 1e3) as [number, number]
      worked = { ms: performance.now() - startedMs, cpuMs, mainMs }
    },
    (error: unknown) => {
      failure = error
    },
  )
}

const commands = {
  open(given: { store: string; records: number }) {
    source = new RowSource(given.records)
    store = given.store
  },

  /** Rows a second that the source gives to somebody who only takes them: the ceiling of whatever is measured with it. */
  async bareSpeed() {
    const adapter = source.adapter()
    const startedMs = performance.now()
    let [rows, position] = [0, undefined as string | undefined]
    for (;;) {
      const answer = await adapter.list!('contacts', position, PAGE, { signal: new AbortController().signal })
      if (answer.kind !== 'page') throw new Error(`the source answered ${answer.kind}`)
      rows += answer.rows.length
      position = answer.next
      if (answer.complete) return (rows * 1_000) / (performance.now() - startedMs)
    }
  },

  backfill: () =>
    begin(async () => {
      node = await openNode()
      await node.bridge.pollNow()
      await node.bridge.idle()
    }),

  /** Scattered: every so many rows, from the given one on. */
  edit({ edits, from }: { edits: number; from: number }) {
    const step = Math.max(1, Math.floor(source.count / edits))
    for (let i = 0; i < edits; i++) source.edit((from + i * step) % source.count)
  },

  poll: () =>
    begin(async () => {
      await node.bridge.pollNow()
      await node.bridge.idle()
    }),

  /** By version: the listing shows no rows. */
  compare: () => {
    source.showsRows = false
    begin(() => node.bridge.reconcile())
  },

  /** Every entry of a backfill has its mark. */
  progress() {
    if (failure !== undefined) throw failure
    return {
      records: node ? node.replica.head / 2 : 0,
      residentBytes: process.memoryUsage.rss(),
      worked,
      ledger: source.ledger,
    }
  },

  /** Contacts that do not say what their row says, of so many that lie scattered from the given one on. */
  async diverged({ looked, from }: { looked: number; from: number }) {
    const step = Math.max(1, Math.floor(source.count / looked))
    let diverged = 0
    for (let i = 0; i < looked; i++) {
      const number = (from + i * step) % source.count
      const found = await node.bridge.crossReference({ type: 'contacts', row: source.idOf(number) })
      const contact = found && (await node.replica.contacts.get(found.record.replace('contacts/', '')))
      if (!contact || !source.isAs(number, contact)) diverged += 1
    }
    return diverged
  },

  async close() {
    await work
    await node.bridge.close()
    await node.replica.close()
  },
}

export type BackfillCommands = typeof commands

serve(commands)
