/**
 * How long an edit at an edge takes until the system has accepted it, while other work goes on: edge, hub and adapter node are processes of their own with real stores and sockets, another edge edits other fields
 * all the time, and so do people at the system. The naive way is the same node without a bridge, which calls for each change in turn.
 */
import type { Bench, OpenHub } from '../bench.ts'
import type { EdgeCommands } from '../edge-process.ts'
import { type Measured, startProcess } from '../process.ts'
import { percentile } from '../statistics.ts'
import { REGION, visitId } from '../visits.ts'
import type { AdapterCommands } from './adapter-process.ts'
import type { BridgeFigure } from './figure.ts'

const API_MS = 20
const WARM_UP_EDITS = 20
/** Edits a second at the other edge, and at the system. */
const LOAD_HERE = 100
const LOAD_THERE = 20
const goals = { p50: 100, p95: 250 }

type Adapter = Measured<AdapterCommands>
type Edge = Measured<EdgeCommands>

export interface LatencySize {
  edits: number
  records: number
}

export function latency(
  bench: Bench,
  { edits, records }: LatencySize,
  say: (line: string) => void,
): Promise<BridgeFigure[]> {
  return bench.withHub({ records }, (hub) =>
    bench.withEdge(hub, (edge) =>
      bench.withEdge(hub, (other) =>
        withAdapter(bench, hub, async (adapter) => {
          for (const { call } of [edge, other, adapter]) await call.sync(hub.url)
          const rows = await adapter.call.bridge()
          if (rows !== records) throw new Error(`${rows} rows were made of ${records} visits`)
          const inTurn = () => eachInTurn(edge, adapter, { edits, records })
          const quiet = await inTurn()
          await adapter.call.editThere({ perSecond: LOAD_THERE })
          const loading = other.call.work({ count: records, perSecond: LOAD_HERE })
          say('latency: the bridge, under load')
          const loaded = await inTurn()
          const { writeCalls } = await adapter.call.counted()
          await adapter.call.goNaive()
          say('latency: the naive way, under load')
          const naive = await inTurn()
          await other.call.stopWork()
          const made = await loading
          return figuresOf({ quiet, loaded, naive, writeCalls, made })
        }),
      ),
    ),
  )
}

async function withAdapter<T>(
  bench: Bench,
  hub: OpenHub,
  work: (adapter: Adapter) => Promise<T>,
): Promise<T> {
  const adapter = await startProcess<AdapterCommands>('bridge/adapter-process.ts')
  try {
    const publicKey = await adapter.call.open({ path: bench.file('adapter'), apiMs: API_MS })
    const channels = [`region:${REGION}`]
    const grant = { publicKey, subject: 'adapter:crm', channels, systems: ['crm'] }
    await adapter.call.enrol(await hub.process.call.issue(grant))
    const result = await work(adapter)
    await adapter.call.close()
    return result
  } finally {
    await adapter.end()
  }
}

/** Milliseconds of each edit, one after the other. */
async function eachInTurn(edge: Edge, adapter: Adapter, { edits, records }: LatencySize): Promise<number[]> {
  const times: number[] = []
  for (let edit = 0; edit < WARM_UP_EDITS + edits; edit++) {
    mark += 1
    const accepted = adapter.call.accepted()
    const began = await edge.call.editOne({ id: visitId(mark % records), mark })
    const ms = Number((await accepted) - began) / 1e6
    if (edit >= WARM_UP_EDITS) times.push(ms)
  }
  return times
}

/** An edit that changes nothing would never arrive. */
let mark = 0

function figuresOf(found: {
  quiet: readonly number[]
  loaded: readonly number[]
  naive: readonly number[]
  writeCalls: number
  made: number
}): BridgeFigure[] {
  const { quiet, loaded, naive, writeCalls, made } = found
  const of = `over ${loaded.length} edits, one at a time; ${API_MS} ms a call`
  const load = `beside ${LOAD_HERE} edits a second of another edge and ${LOAD_THERE} at the system (${made} and ${writeCalls} calls in all)`
  const figure = (share: number, goal: number): BridgeFigure => ({
    what: `edge commit to accepted write, critical, under load: p${share * 100}`,
    value: percentile(loaded, share),
    unit: 'ms',
    goal: { atMost: goal },
    naive: `${percentile(naive, share).toFixed(0)} ms`,
    note: `${of}; ${load}`,
  })
  return [
    figure(0.5, goals.p50),
    figure(0.95, goals.p95),
    {
      what: 'edge commit to accepted write, critical, nothing else going on: p50',
      value: percentile(quiet, 0.5),
      unit: 'ms',
      note: `p95 ${percentile(quiet, 0.95).toFixed(0)} ms; ${of}`,
    },
  ]
}
