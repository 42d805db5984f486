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
  const { pushed, longRuns } = bench.scale
  return bench.withHub({ records: CACHED_RECORDS }, (hub) =>
    bench.withEdge(hub, async (edge) => {
      await edge.call.sync(hub.url)
      const ids = idsOf(CACHED_RECORDS)
      const round = (mark: number) =>
        push(bench, { hub, edge, name: 'accepted-cached' }, () =>
          edge.call.edit({ ids, edits: pushed, mark }),
        )
      // Brings the records into the hub's cache, and warms up.
      await round(0)
      const what = `changes accepted at the hub, records in cache, ${pushed} at once`
      return figure(bench, what, goals.cached, await rounds(longRuns, round))
    }),
  )
}

/** Each round takes records that the hub has not loaded since it was started. */
function cold(bench: Bench): Promise<Figure> {
  const { pushed, longRuns, sizes } = bench.scale
  const records = Math.max(...sizes.filter((size) => size <= 10_000))
  const count = Math.min(pushed, Math.floor(records / (longRuns + 1)))
  return bench.withHub({ records }, (hub) =>
    bench.withEdge(hub, async (edge) => {
      await edge.call.sync(hub.url)
      const round = (mark: number) =>
        push(bench, { hub, edge, name: 'accepted-cold' }, () =>
          edge.call.edit({ ids: spreadIds(records, count, mark), edits: count, mark }),
        )
      await round(0)
      const what = `changes accepted at the hub, records not in cache, ${count} at once`
      return figure(bench, what, goals.cold, await rounds(longRuns, round))
    }),
  )
}

function created(bench: Bench): Promise<Figure> {
  const { pushed, longRuns } = bench.scale
  return bench.withHub({ records: 0 }, (hub) =>
    bench.withEdge(hub, async (edge) => {
      await edge.call.sync(hub.url)
      const round = (mark: number) =>
        push(bench, { hub, edge, name: 'accepted-new' }, () =>
          edge.call.create({ first: mark * pushed, count: pushed }),
        )
      await round(0)
      const what = `new records accepted at the hub, ${pushed} at once`
      return figure(bench, what, undefined, await rounds(longRuns, round))
    }),
  )
}

interface Pushed {
  ms: number
  entriesOut: number
  /** Of an entry as it is stored, on the average of the edge's log. */
  entryBytes: number
  hubCpuMs: number
}

async function rounds(count: number, round: (mark: number) => Promise<Pushed>): Promise<Pushed[]> {
  const all: Pushed[] = []
  for (let mark = 1; mark <= count; mark++) all.push(await round(mark))
  return all
}

interface Pair {
  hub: OpenHub
  edge: Measured<EdgeCommands>
  name: string
}

async function push(bench: Bench, { hub, edge, name }: Pair, write: () => Promise<unknown>): Promise<Pushed> {
  await edge.call.disconnect()
  await write()
  const { result, cpuMs } = await bench.section(name, [hub.process, edge], () => edge.call.sync(hub.url))
  const { unacknowledged, bytes, entries } = await edge.call.contents()
  if (unacknowledged > 0) throw new Error(`${unacknowledged} changes were not acknowledged`)
  return { ms: result.ms, entriesOut: result.entriesOut, entryBytes: bytes / entries, hubCpuMs: cpuMs[0]! }
}

async function figure(
  bench: Bench,
  what: string,
  goal: number | undefined,
  pushes: readonly Pushed[],
): Promise<Figure> {
  const { entriesOut, entryBytes } = pushes[0]!
  const bareMs = await bench.bareRows({ bytes: entryBytes * entriesOut, rows: entriesOut })
  return {
    what,
    value: median(pushes.map((one) => (one.entriesOut / one.ms) * 1e3)),
    unit: 'per s',
    ...(goal !== undefined && { goal }),
    bare: (entriesOut / bareMs) * 1e3,
    note: `median of ${pushes.length}, connecting included; CPU of the hub ${spelled(median(pushes.map((one) => one.hubCpuMs / one.entriesOut)))} ms each`,
  }
}
