/**
 * What a day's changes cost a system's API: the bridge against a push that makes one call for each change, both against the same stand-in, on the same trace (BRIDGE.md).
 */
import { bridgedDay, type Cost, dayStandIn, firstRecords, idOf, type Setup, setups } from './bridged-day.ts'
import type { BridgeFigure } from './figure.ts'
import type { StandIn } from './stand-in.ts'
import { type Change, drawTrace, fullDay, type Source, type TraceSize } from './trace.ts'
import { VirtualTime } from './virtual-time.ts'

const SEED = 20_261_129
const GOAL_PERCENT = 90

/** @param share of the people and devices of a whole day */
export async function calls(share: number, say: (line: string) => void): Promise<BridgeFigure[]> {
  const size = shareOf(fullDay, share)
  const trace = drawTrace(SEED, size)
  const naive = await pushEach(trace, size)
  const figures: BridgeFigure[] = []
  for (const [i, setup] of setups.entries()) {
    say(`calls: ${trace.length} changes, ${setup.name}`)
    const cost = await bridgedDay(trace, size, setup, SEED)
    if (cost.diverged > 0) throw new Error(`${setup.name}: ${cost.diverged} records differ from their rows`)
    figures.push(...figuresOf({ setup, cost, naive, trace, isGoal: i === 0 }))
  }
  figures.push(...(await bySource(trace, size)))
  return figures
}

function figuresOf(found: {
  setup: Setup
  cost: Cost
  naive: Cost
  trace: readonly Change[]
  isGoal: boolean
}): BridgeFigure[] {
  const { setup, cost, naive, trace, isGoal } = found
  const changes = trace.length.toLocaleString('en-US')
  return [
    {
      what: `API calls for ${changes} changes of a day, ${setup.name}`,
      value: fewer(cost.calls, naive.calls),
      unit: '% fewer',
      ...(isGoal && { goal: { atLeast: GOAL_PERCENT } }),
      naive: counted(naive.calls, 'calls'),
      note: `${counted(cost.calls, 'calls')}; naive is one for each change`,
    },
    {
      what: `bytes of those calls, ${setup.name}`,
      value: fewer(cost.bytes, naive.bytes),
      unit: '% fewer',
      naive: counted(naive.bytes, 'B'),
      note: `${counted(cost.bytes, 'B')}: bodies as JSON with ids, versions and keys; naive are the changed fields under their external id`,
    },
  ]
}

/** What each kind of source costs when there is no other, as it is set up for the goal. */
async function bySource(trace: readonly Change[], size: TraceSize): Promise<BridgeFigure[]> {
  const groups: Record<string, readonly Source[]> = {
    'forms and notes': ['form', 'notes'],
    'status of visits': ['progress'],
    'single edits of dispatchers and office': ['dispatch', 'office'],
    'a list of prices': ['prices'],
    'telemetry-like fields': ['telemetry'],
  }
  const figures: BridgeFigure[] = []
  for (const [name, sources] of Object.entries(groups)) {
    const part = trace.filter(({ source }) => sources.includes(source))
    if (part.length === 0) continue
    const cost = await bridgedDay(part, size, setups[0]!, SEED)
    figures.push({
      what: `of which ${name}, alone`,
      value: fewer(cost.calls, part.length),
      unit: '% fewer',
      naive: counted(part.length, 'calls'),
      note: counted(cost.calls, 'calls'),
    })
  }
  return figures
}

function counted(count: number, unit: string): string {
  return `${count.toLocaleString('en-US')} ${unit}`
}

function fewer(ours: number, naive: number): number {
  return 100 * (1 - ours / naive)
}

function shareOf(size: TraceSize, share: number): TraceSize {
  const scaled = Object.entries(size).map(([name, count]) => [name, Math.max(1, Math.round(count * share))])
  return Object.fromEntries(scaled) as unknown as TraceSize
}

/** The naive way: each change as soon as it is made, its fields alone. No call fails, so none is made twice. */
async function pushEach(trace: readonly Change[], size: TraceSize): Promise<Cost> {
  const time = new VirtualTime(SEED)
  const system = dayStandIn(time)
  const adapter = system.adapter()
  await time.while(makeRows(system, size))
  system.forgetCounts()
  const { signal } = new AbortController()
  let bytes = 0
  for (const change of trace) {
    const externalId = `skerry:${idOf(change)}`
    bytes += JSON.stringify({ externalId, fields: change.fields }).length
    const request = { externalId, fields: { ...change.fields }, idempotencyKey: '', restore: false }
    await time.while(adapter.upsert(change.collection, request, { signal }))
  }
  return { calls: system.counted.writeCalls, bytes, diverged: 0 }
}

/** So that both ways begin with rows that are there. */
async function makeRows(system: StandIn, size: TraceSize): Promise<void> {
  const { signal } = new AbortController()
  for (const { collection: type, id, value } of firstRecords(size))
    await system
      .adapter()
      .upsert(
        type,
        { externalId: `skerry:${id}`, fields: value, idempotencyKey: id, restore: false },
        { signal },
      )
}
