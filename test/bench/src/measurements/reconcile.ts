/**
 * Two replicas without a cursor for each other: an edge in step with one hub meets another that holds the same records, but for 50. The cost must follow those 50.
 */
import { type Bench, type OpenHub, spreadIds } from '../bench.ts'
import type { EdgeCommands } from '../edge-process.ts'
import type { Figure } from '../figure.ts'
import { overDelay } from '../over-delay.ts'
import type { Measured } from '../process.ts'

/** Of these half differ by an edit at the hub, half by one at the edge. */
const DIFFERING = 50
/** One way, milliseconds: what is said at once is told apart from what answers it. */
const DELAY_MS = 100

const goals = { roundTrips: 5, bytes: 100_000 }

export async function reconcile(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const records of bench.scale.sizes) figures.push(...(await reconcileOf(bench, records)))
  return figures
}

async function reconcileOf(bench: Bench, records: number): Promise<Figure[]> {
  const what = `reconcile, ${DIFFERING} of ${records.toLocaleString('en-US')} differ`
  const { delayed, ms } = await bench.withTwoHubs({ records }, async (hub, rebuilt) => {
    await rebuilt.process.call.count()
    return {
      delayed: await withDiffering(bench, { hub, rebuilt, records }, (edge) =>
        overDelay(rebuilt, edge, DELAY_MS),
      ),
      // Another edge edited the same 50 meanwhile.
      ms: await withDiffering(bench, { hub, rebuilt, records }, (edge) => timed(rebuilt, edge)),
    }
  })
  return [
    {
      what: `${what}: time`,
      value: ms,
      unit: 'ms',
      note: 'one run, connecting included; both sides had counted their records before',
    },
    {
      what: `${what}: bytes`,
      value: delayed.bytes,
      unit: 'B',
      goal: goals.bytes,
      note: 'of the session, both ways, with the changes',
    },
    {
      what: `${what}: round trips`,
      value: delayed.exchanges,
      unit: 'round trips',
      goal: goals.roundTrips,
      note: 'until all is acknowledged',
    },
  ]
}

interface Hubs {
  hub: OpenHub
  rebuilt: OpenHub
  records: number
}

/** An edge that took all from one hub and counted it, and differs in 50 records from the other. */
function withDiffering<T>(
  bench: Bench,
  { hub, rebuilt, records }: Hubs,
  work: (edge: Measured<EdgeCommands>) => Promise<T>,
): Promise<T> {
  return bench.withEdge(hub, async (edge) => {
    await edge.call.sync(hub.url)
    await edge.call.audit()
    await edge.call.disconnect()
    const ids = spreadIds(records, DIFFERING, 1)
    const half = DIFFERING / 2
    await rebuilt.process.call.edit({ ids: ids.slice(0, half), edits: 1, mark: 1 })
    await edge.call.edit({ ids: ids.slice(half), edits: DIFFERING - half, mark: 1 })
    return work(edge)
  })
}

async function timed(rebuilt: OpenHub, edge: Measured<EdgeCommands>): Promise<number> {
  const { ms } = await edge.call.sync(rebuilt.url)
  await edge.call.disconnect()
  return ms
}
