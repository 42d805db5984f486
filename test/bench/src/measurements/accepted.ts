/** Changes a second that a hub checks, weighs, merges and makes durable, pushed by one edge that made them while it was offline. */

import { type Bench, idsOf, type OpenHub, spreadIds } from '../bench.ts'
import type { EdgeCommands } from '../edge-process.ts'
import type { Figure } from '../figure.ts'
import type { Measured } from '../process.ts'
import { median } from '../statistics.ts'
import { spelled } from '../table.ts'

/** Fewer than a hub keeps loaded (1,000). */
const CACHED_RECORDS = 500
const goals = { cached: 4_000, cold: 1_500 }

export async function accepted(bench: Bench): Promise<Figure[]> {
  return [await cached(bench), await cold(bench), await created(bench)]
}

function cached(bench: Bench): Promise<Figure> {
  const { pushed } = bench.scale
  return bench.withHub({ records: CACHED_RECORDS }, (hub) =>
    bench.withEdge(hub, (edge) => {
      const ids = idsOf(CACHED_RECORDS)
      return figure(
        bench,
        { hub, edge },
        {
          what: `changes accepted at the hub, records in cache, ${pushed} at once`,
          goal: goals.cached,
          section: 'accepted-cached',
          write: (mark) => edge.call.edit({ ids, edits: pushed, mark }),
        },
      )
    }),
  )
}

/** Each round takes records that the hub has not loaded since it was started. */
function cold(bench: Bench): Promise<Figure> {
  const { pushed, longRuns, sizes } = bench.scale
  const records = Math.max(...sizes.filter((size) => size <= 10_000))
  // One round warms up, one is profiled.
  const count = Math.min(pushed, Math.floor(records / (longRuns + 2)))
  return bench.withHub({ records }, (hub) =>
    bench.withEdge(hub, (edge) =>
      figure(
        bench,
        { hub, edge },
        {
          what: `changes accepted at the hub, records not in cache, ${count} at once`,
          goal: goals.cold,
          section: 'accepted-cold',
          write: (mark) => edge.call.edit({ ids: spreadIds(records, count, mark), edits: count, mark }),
        },
      ),
    ),
  )
}

function created(bench: Bench): Promise<Figure> {
  const { pushed } = bench.scale
  return bench.withHub({ records: 0 }, (hub) =>
    bench.withEdge(hub, (edge) =>
      figure(
        bench,
        { hub, edge },
        {
          what: `new records accepted at the hub, ${pushed} at once`,
          section: 'accepted-new',
          write: (mark) => edge.call.create({ first: mark * pushed, count: pushed }),
        },
      ),
    ),
  )
}

interface Pushed {
  ms: number
  entriesOut: number
  /** Of an entry as it is stored, on the average of the edge's log. */
  entryBytes: number
  hubCpuMs: number
}

interface Pair {
  hub: OpenHub
  edge: Measured<EdgeCommands>
}

interface Pushes {
  what: string
  goal?: number
  section: string
  /** Makes the changes of a round, while the edge is offline. */
  write(round: number): Promise<unknown>
}

async function figure(bench: Bench, { hub, edge }: Pair, pushes: Pushes): Promise<Figure> {
  const { what, goal, section, write } = pushes
  const sync = () => edge.call.sync(hub.url)
  const offline = async (round: number) => {
    await edge.call.disconnect()
    await write(round)
  }
  await sync()
  // Brings the records into the hub's cache where they stay there, and warms up.
  await offline(0)
  await sync()
  const { longRuns } = bench.scale
  const pushed: Pushed[] = []
  for (let round = 1; round <= longRuns; round++) {
    await offline(round)
    const { result, cpuMs } = await bench.section([hub.process, edge], sync)
    pushed.push({ ...(await contentsOf(edge)), ...result, hubCpuMs: cpuMs[0]! })
  }
  await offline(longRuns + 1)
  await bench.profile(section, [hub.process, edge], sync)
  const { entriesOut, entryBytes } = pushed[0]!
  const bareMs = await bench.bareRows({ bytes: entryBytes * entriesOut, rows: entriesOut })
  return {
    what,
    value: median(pushed.map((one) => (one.entriesOut / one.ms) * 1e3)),
    unit: 'per s',
    ...(goal !== undefined && { goal }),
    bare: (entriesOut / bareMs) * 1e3,
    note: `median of ${pushed.length}, connecting included; CPU of the hub ${spelled(median(pushed.map((one) => one.hubCpuMs / one.entriesOut)))} ms each`,
    section,
  }
}

/** @throws Error when the hub has not acknowledged all */
async function contentsOf(edge: Measured<EdgeCommands>) {
  const { unacknowledged, bytes, entries } = await edge.call.contents()
  if (unacknowledged > 0) throw new Error(`${unacknowledged} changes were not acknowledged`)
  return { entryBytes: bytes / entries }
}
