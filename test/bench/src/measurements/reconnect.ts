/** An edge that was in step comes back: nothing changed, or 50 records did. The cost must not depend on how many there are. */

import { type Bench, type OpenHub, spreadIds } from '../bench.ts'
import type { EdgeCommands } from '../edge-process.ts'
import type { Figure } from '../figure.ts'
import { overDelay } from '../over-delay.ts'
import type { Measured } from '../process.ts'
import { median } from '../statistics.ts'

const CHANGED = 50
/** One way, milliseconds: far above what anything else here takes. */
const DELAY_MS = 100

const goals = { unchanged: { roundTrips: 1, bytes: 1_024 }, changed: { ms: 30, bytes: 10_240 } }

export async function reconnect(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const records of bench.scale.sizes) figures.push(...(await reconnectOf(bench, records)))
  return figures
}

async function reconnectOf(bench: Bench, records: number): Promise<Figure[]> {
  return bench.withHub({ records }, (hub) =>
    bench.withEdge(hub, async (edge) => {
      await edge.call.sync(hub.url)
      await edge.call.disconnect()
      const of = records.toLocaleString('en-US')
      return [
        ...(await unchanged(bench, hub, edge, `reconnect, nothing of ${of} changed`)),
        ...(await changed(bench, { hub, edge, records, what: `reconnect, ${CHANGED} of ${of} changed` })),
      ]
    }),
  )
}

async function unchanged(
  bench: Bench,
  hub: OpenHub,
  edge: Measured<EdgeCommands>,
  what: string,
): Promise<Figure[]> {
  const times: number[] = []
  for (let run = 0; run < bench.scale.runs + 1; run++) {
    const { ms } = await edge.call.sync(hub.url)
    await edge.call.disconnect()
    // The first one warms up.
    if (run > 0) times.push(ms)
  }
  const { toldTrips, bytes, wireBytes } = await overDelay(hub, edge, DELAY_MS)
  return [
    {
      what: `${what}: round trips`,
      value: toldTrips,
      unit: 'round trips',
      goal: goals.unchanged.roundTrips,
      note: 'of the session; connecting the WebSocket is one more',
    },
    {
      what: `${what}: bytes`,
      value: bytes,
      unit: 'B',
      goal: goals.unchanged.bytes,
      note: `of the session, both ways; ${wireBytes} B with HTTP's upgrade`,
    },
    {
      what: `${what}: time`,
      value: median(times),
      unit: 'ms',
      bare: await bench.bareReconnect({ bytes, rows: 1, runs: bench.scale.runs }),
      note: `median of ${times.length}, connecting included`,
    },
  ]
}

interface Changed {
  hub: OpenHub
  edge: Measured<EdgeCommands>
  records: number
  what: string
}

async function changed(bench: Bench, { hub, edge, records, what }: Changed): Promise<Figure[]> {
  const edit = (mark: number) =>
    hub.process.call.edit({ ids: spreadIds(records, CHANGED, mark), edits: 1, mark })
  const times: number[] = []
  let bytes = 0
  for (let run = 0; run < bench.scale.runs + 1; run++) {
    await edit(run)
    const synced = await edge.call.sync(hub.url)
    await edge.call.disconnect()
    bytes = synced.bytesIn + synced.bytesOut
    if (run > 0) times.push(synced.toldMs)
  }
  const bare = await bench.bareReconnect({ bytes, rows: CHANGED, runs: bench.scale.runs })
  await edit(bench.scale.runs + 1)
  const section = `reconnect-${records}`
  await bench.profile(section, [hub.process, edge], () => edge.call.sync(hub.url))
  await edge.call.disconnect()
  await edit(bench.scale.runs + 2)
  const { toldTrips } = await overDelay(hub, edge, DELAY_MS)
  return [
    {
      what: `${what}: time`,
      value: median(times),
      unit: 'ms',
      goal: goals.changed.ms,
      bare,
      note: `median of ${times.length}, connecting included`,
      section,
    },
    { what: `${what}: bytes`, value: bytes, unit: 'B', goal: goals.changed.bytes },
    { what: `${what}: round trips`, value: toldTrips, unit: 'round trips' },
  ]
}
