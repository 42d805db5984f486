/** First sync, hub to a new edge. A delivery makes records, views and cursor durable in one commit: durable and queryable are one moment. */
import type { Bench, OpenHub, Shape } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { median } from '../statistics.ts'
import { spelled } from '../table.ts'

/** Milliseconds, by records: design.md. */
const goals: Record<number, number> = { 10000: 400, 100000: 5_000 }

/** Runs of what is this many records or more are few. */
const LONG_RECORDS = 100_000

export async function firstSync(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const records of bench.scale.sizes) figures.push(await firstSyncOf(bench, { records }, 'records'))
  const withText = { records: bench.scale.sizes[0]!, withText: true }
  figures.push(await firstSyncOf(bench, withText, 'records with a text and a keyed list'))
  return figures
}

/** `what` names the records. */
export async function firstSyncOf(bench: Bench, shape: Shape, what: string): Promise<Figure> {
  const { records } = shape
  const { runs, longRuns } = bench.scale
  const times: number[] = []
  const bares: number[] = []
  const cpu: { hub: number[]; edge: number[] } = { hub: [], edge: [] }
  let bytes = 0
  await bench.withHub(shape, async (hub) => {
    for (let run = 0; run < (records >= LONG_RECORDS ? longRuns : runs); run++) {
      const { result: synced, cpuMs } = await syncNewEdge(bench, hub, shape)
      cpu.hub.push(cpuMs[0]!)
      cpu.edge.push(cpuMs[1]!)
      times.push(synced.ms)
      bytes = synced.bytesIn
      bares.push(await bench.bareRows({ bytes, rows: records * (shape.changes ?? 1) }))
    }
  })
  const goal = what === 'records' ? goals[records] : undefined
  return {
    what: `first sync of ${records.toLocaleString('en-US')} ${what}, durable and queryable`,
    value: median(times),
    unit: 'ms',
    ...(goal !== undefined && { goal }),
    bare: median(bares),
    note: `median of ${times.length}, ${(bytes / 1e6).toFixed(2)} MB; CPU: edge ${spelled(median(cpu.edge))} ms, hub ${spelled(median(cpu.hub))} ms`,
  }
}

async function syncNewEdge(bench: Bench, hub: OpenHub, { records, changes = 1, withText }: Shape) {
  return bench.withEdge(hub, async (edge) => {
    const synced = await bench.section(
      `first-sync-${records}x${changes}${withText ? '-with-text' : ''}`,
      [hub.process, edge],
      () => edge.call.sync(hub.url),
    )
    const { queryable } = await edge.call.counts()
    if (!withText && queryable !== records)
      throw new Error(`${queryable} of ${records} records can be queried after a first sync`)
    return synced
  })
}
