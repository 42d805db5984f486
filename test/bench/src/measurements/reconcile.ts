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
/** One way, milliseconds: far above what comparing takes at either end, once all is counted. */
const DELAY_MS = 300

const goals = { roundTrips: 5, bytes: 100_000 }

export async function reconcile(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const records of bench.scale.sizes) figures.push(...(await reconcileOf(bench, records)))
  return figures
}

async function reconcileOf(bench: Bench, records: number): Promise<Figure[]> {
  const what = `reconcile, ${DIFFERING} of ${records.toLocaleString('en-US')} differ`
  return bench.withTwoHubs({ records }, async (hub, rebuilt) => {
    const first = await bench.withEdge(hub, (edge) => meet(hub, rebuilt, { edge, records, round: 1 }))
    const second = await bench.withEdge(hub, (edge) =>
      meet(hub, rebuilt, { edge, records, round: 2, delayMs: DELAY_MS }),
    )
    return [
      {
        what: `${what}: time`,
        value: first.ms,
        unit: 'ms',
        note: 'one run; the edge had counted its records, the hub had not',
      },
      {
        what: `${what}: bytes`,
        value: second.bytes,
        unit: 'B',
        goal: goals.bytes,
        note: 'of the session, both ways, with the changes',
      },
      {
        what: `${what}: round trips`,
        value: second.trips,
        unit: 'round trips',
        goal: goals.roundTrips,
        note: 'until all is acknowledged',
      },
    ]
  })
}

interface Meeting {
  edge: Measured<EdgeCommands>
  records: number
  round: number
  delayMs?: number
}

/** The edge takes all from one hub, and then meets the other. */
async function meet(hub: OpenHub, rebuilt: OpenHub, { edge, records, round, delayMs }: Meeting) {
  await edge.call.sync(hub.url)
  await edge.call.audit()
  await edge.call.disconnect()
  const ids = spreadIds(records, DIFFERING, round)
  const half = DIFFERING / 2
  await rebuilt.process.call.edit({ ids: ids.slice(0, half), edits: 1, mark: round })
  await edge.call.edit({ ids: ids.slice(half), edits: DIFFERING - half, mark: round })
  if (delayMs !== undefined) return { ...(await overDelay(rebuilt, edge, delayMs)), ms: 0 }
  const synced = await edge.call.sync(rebuilt.url)
  await edge.call.disconnect()
  return { ms: synced.ms, bytes: synced.bytesIn + synced.bytesOut, trips: 0 }
}
