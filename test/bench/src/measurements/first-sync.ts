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
  const goal = what === 'records' ? goals[records] : undefined
  const synced: Synced[] = []
  const bares: number[] = []
  await bench.withHub(shape, async (hub) => {
    for (let run = 0; run < (records >= LONG_RECORDS ? longRuns : runs); run++) {
      synced.push(await syncNewEdge(bench, hub, shape))
      const { bytes, entries } = synced[0]!
      bares.push(await bench.bareRows({ bytes, rows: entries }))
    }
    if (goal !== undefined) await profileNewEdge(bench, hub, shape)
  })
  const of = (name: keyof Synced) => median(synced.map((one) => one[name]))
  return {
    what: `first sync of ${records.toLocaleString('en-US')} ${what}, durable and queryable`,
    value: of('ms'),
    unit: 'ms',
    ...(goal !== undefined && { goal, section: nameOf(shape) }),
    bare: median(bares),
    note: `median of ${synced.length}; ${megabytes(of('bytesIn'))} on the wire, ${megabytes(of('bytes'))} in entries; CPU: edge ${spelled(of('edgeCpuMs'))} ms, hub ${spelled(of('hubCpuMs'))} ms`,
  }
}

interface Synced {
  ms: number
  /** On the wire, mostly deflated. */
  bytesIn: number
  /** In entries, as they are stored. */
  bytes: number
  entries: number
  hubCpuMs: number
  edgeCpuMs: number
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

async function syncNewEdge(bench: Bench, hub: OpenHub, shape: Shape): Promise<Synced> {
  const { records, withText } = shape
  return bench.withEdge(hub, async (edge) => {
    const { result, cpuMs } = await bench.section([hub.process, edge], () => edge.call.sync(hub.url))
    const { queryable, entries, bytes } = await edge.call.contents()
    if (!withText && queryable !== records)
      throw new Error(`${queryable} of ${records} records can be queried after a first sync`)
    const { ms, bytesIn } = result
    return { ms, bytesIn, bytes, entries, hubCpuMs: cpuMs[0]!, edgeCpuMs: cpuMs[1]! }
  })
}

function profileNewEdge(bench: Bench, hub: OpenHub, shape: Shape) {
  return bench.withEdge(hub, (edge) =>
    bench.profile(nameOf(shape), [hub.process, edge], () => edge.call.sync(hub.url)),
  )
}

function nameOf({ records }: Shape): string {
  return `first-sync-${records}`
}
