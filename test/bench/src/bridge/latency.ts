/**
 * How long an edit at an edge takes until the system has accepted it, while other work goes on: edge, hub and adapter node are processes of their own with real stores and sockets, another edge edits other fields
 * all the time, and so do people at the system. The naive way is the same node without a bridge, which calls for each change in turn.
 */
import { setTimeout as elapsed } from 'node:timers/promises'
import type { Bench, OpenHub } from '../bench.ts'
import type { EdgeCommands } from '../edge-process.ts'
import { type Measured, startProcess } from '../process.ts'
import { percentile } from '../statistics.ts'
import { REGION, visitId } from '../visits.ts'
import type { AdapterCommands } from './adapter-process.ts'
import type { BridgeFigure } from './figure.ts'

const API_MS = 20
const WARM_UP_EDITS = 20
/** Milliseconds in which the bridge must have written an edit. */
const ANSWERED_MS_MAX = 60_000
/** Milliseconds after which an edit of the naive way is waited for no longer: where calls take longer than changes come, its queue grows for ever. */
const GIVEN_UP_MS = 10_000
const goals = { p50: 100, p95: 250 }

type Adapter = Measured<AdapterCommands>
type Edge = Measured<EdgeCommands>

export interface LatencySize {
  edits: number
  records: number
  /** Edits a second at the other edge, and at the system. */
  load: { here: number; there: number }
}

export function latency(
  bench: Bench,
  size: LatencySize,
  say: (line: string) => void,
): Promise<BridgeFigure[]> {
  const { records, load } = size
  return bench.withHub({ records }, (hub) =>
    bench.withEdge(hub, (edge) =>
      bench.withEdge(hub, (other) =>
        withAdapter(bench, hub, async (adapter) => {
          for (const { call } of [edge, other, adapter]) await call.sync(hub.url)
          const rows = await adapter.call.bridge()
          if (rows !== records) throw new Error(`${rows} rows were made of ${records} visits`)
          const inTurn = (msMax?: number) => eachInTurn(edge, adapter, { ...size, msMax })
          const quiet = await inTurn()
          await adapter.call.editThere({ perSecond: load.there })
          const loading = other.call.work({ count: records, perSecond: load.here })
          say('latency: the bridge, under load')
          const loaded = await inTurn()
          const { writeCalls } = await adapter.call.counted()
          await adapter.call.goNaive()
          say('latency: the naive way, under load')
          const naive = await inTurn(GIVEN_UP_MS)
          await other.call.stopWork()
          await loading
          return figuresOf({ quiet, loaded, naive, writeCalls, load })
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

/** Milliseconds of each edit, one after the other. One that takes `msMax` is not waited for, and is the last. */
async function eachInTurn(
  edge: Edge,
  adapter: Adapter,
  { edits, records, msMax = ANSWERED_MS_MAX }: LatencySize & { msMax?: number | undefined },
): Promise<number[]> {
  const times: number[] = []
  for (let edit = 0; edit < WARM_UP_EDITS + edits; edit++) {
    mark += 1
    const accepted = adapter.call.accepted()
    const began = await edge.call.editOne({ id: visitId(mark % records), mark })
    const at = await Promise.race([accepted, elapsed(msMax)])
    if (at === undefined) return [...times, msMax]
    if (edit >= WARM_UP_EDITS) times.push(Number(at - began) / 1e6)
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
  load: LatencySize['load']
}): BridgeFigure[] {
  const { quiet, loaded, naive, writeCalls, load } = found
  const of = `over ${loaded.length} edits, one at a time; ${API_MS} ms a call`
  const beside = `beside ${load.here} edits a second of another edge and ${load.there} at the system; ${writeCalls.toLocaleString('en-US')} calls of the bridge in all`
  const figure = (share: number, goal: number): BridgeFigure => ({
    what: `edge commit to accepted write, critical, under load: p${share * 100}`,
    value: percentile(loaded, share),
    unit: 'ms',
    goal: { atMost: goal },
    naive: `${percentile(naive, share).toFixed(0)} ms`,
    note: `${of}; ${beside}`,
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
