/**
 * First sync, hub to a new edge: until a query has found every record (by the hub's views, which are durable then; the entries behind them follow), and until it is whole, with every
 * entry durable here and every view verified.
 */
import type { Bench, OpenHub, Shape } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { median } from '../statistics.ts'
import { spelled } from '../table.ts'

/** Milliseconds, by records: design.md. */
const goals: Record<number, number> = { 10000: 400, 100000: 5_000 }

/** From so many records on runs are few, and none is profiled: where the time goes is the same. */
const LARGE_RECORDS = 100_000
/** The first sync that is profiled. */
const PROFILED_RECORDS = 10_000
const SECTION = `first-sync-${PROFILED_RECORDS}`

export async function firstSync(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const records of bench.scale.sizes) figures.push(...(await firstSyncOf(bench, { records }, 'records')))
  const withText = { records: bench.scale.sizes[0]!, withText: true }
  figures.push(...(await firstSyncOf(bench, withText, 'records with a text and a keyed list')))
  return figures
}

/** `what` names the records. */
export async function firstSyncOf(bench: Bench, shape: Shape, what: string): Promise<Figure[]> {
  const { records } = shape
  const { runs, largeRuns } = bench.scale
  const goal = what === 'records' ? goals[records] : undefined
  const synced: Synced[] = []
  const bareViews: number[] = []
  const bareEntries: number[] = []
  await bench.withHub(shape, async (hub) => {
    for (let run = 0; run < (records >= LARGE_RECORDS ? largeRuns : runs); run++) {
      synced.push(await syncNewEdge(bench, hub, shape))
      const { bytes, entries, viewBytes } = synced[0]!
      const told = [
        { bytes: viewBytes, rows: records },
        { bytes, rows: entries },
      ]
      const [ofViews, ofEntries] = await bench.bareRowsOfEach(told)
      bareViews.push(ofViews!)
      bareEntries.push(ofEntries!)
    }
    if (records === PROFILED_RECORDS) await profileNewEdge(bench, hub)
  })
  const of = (name: keyof Synced) => median(synced.map((one) => one[name]))
  const named = `first sync of ${records.toLocaleString('en-US')} ${what}`
  return [
    {
      what: `${named}, until queryable and durable`,
      value: of('queryableMs'),
      unit: 'ms',
      ...(goal !== undefined && { goal, section: SECTION }),
      bare: median(bareViews),
      note: `median of ${synced.length}, connecting included; a query had found every record; ${megabytes(of('viewBytes'))} in views, as the bare limit`,
    },
    {
      what: `${named}, until whole`,
      value: of('ms'),
      unit: 'ms',
      bare: median(bareEntries),
      note: `every entry durable, every view verified; ${megabytes(of('bytesIn'))} on the wire, ${megabytes(of('bytes'))} in entries; CPU: edge ${spelled(of('edgeCpuMs'))} ms, hub ${spelled(of('hubCpuMs'))} ms`,
    },
  ]
}

interface Synced {
  queryableMs: number
  ms: number
  /** On the wire, mostly deflated. */
  bytesIn: number
  /** In entries, as they are stored. */
  bytes: number
  entries: number
  /** In the views of all records, as JSON. */
  viewBytes: number
  hubCpuMs: number
  edgeCpuMs: number
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

async function syncNewEdge(bench: Bench, hub: OpenHub, shape: Shape): Promise<Synced> {
  return bench.withEdge(hub, async (edge) => {
    const { result, cpuMs } = await bench.section([hub.process, edge], () => edge.call.sync(hub.url))
    const { records, unverified, entries, bytes, viewBytes } = await edge.call.contents()
    const { ms, bytesIn, queryableMs, found } = result
    if (found !== shape.records || records !== shape.records || unverified > 0)
      throw new Error(
        `a query found ${found} of ${shape.records} records when all could be queried; in the end ${records}, ${unverified} of them unverified`,
      )
    return { queryableMs, ms, bytesIn, bytes, entries, viewBytes, hubCpuMs: cpuMs[0]!, edgeCpuMs: cpuMs[1]! }
  })
}

function profileNewEdge(bench: Bench, hub: OpenHub) {
  return bench.withEdge(hub, (edge) =>
    bench.profile(SECTION, [hub.process, edge], () => edge.call.sync(hub.url)),
  )
}
