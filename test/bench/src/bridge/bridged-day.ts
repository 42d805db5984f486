/** A day at a bridge on a virtual clock, whose calls take 20 milliseconds of it: the trace is committed at a replica as it comes, and what the bridge asks of the system is counted. */
import { type MappingConfig, type ModeConfig, startBridge } from '@skerry/bridge'
import { collection, type JsonObject, memoryStore, openReplica, type Records } from '@skerry/core'
import * as z from 'zod'
import { StandIn } from './stand-in.ts'
import { CHECKS, type Change, DAY_MS, jobsOf, type TraceSize } from './trace.ts'
import { VirtualTime } from './virtual-time.ts'

/** Milliseconds of one call. */
const API_MS = 20
/** Writes in one call: Salesforce's sObject Collections take 200. */
const BATCH = 200

const text = z.string().optional()
const number = z.number().optional()
const checks = Array.from({ length: CHECKS }, (_, check) => `check${check}`)
const jobFields = ['owner', 'result', 'notes', ...checks]

const collections = {
  jobs: collection(
    'jobs',
    z.object({
      title: z.string(),
      status: text,
      priority: number,
      due: number,
      hours: number,
      ...Object.fromEntries(jobFields.map((name) => [name, text])),
    }),
  ),
  assets: collection(
    'assets',
    z.object({ name: z.string(), runHours: number, battery: number, seenAt: number }),
  ),
  parts: collection('parts', z.object({ name: z.string(), price: text, shelf: text })),
}

export interface Setup {
  name: string
  jobs: ModeConfig
  parts: ModeConfig
  assets: ModeConfig
}

/** The first one is that of BRIDGE.md, which the goal is for: status at once, work within five minutes, what nobody waits for every quarter of an hour. */
export const setups: readonly Setup[] = [
  {
    name: 'work within five minutes',
    jobs: { quietMs: 60_000, ceilingMs: 300_000 },
    parts: { cron: '*/15 * * * *' },
    assets: { cron: '*/15 * * * *' },
  },
  {
    name: 'everything after three quiet seconds',
    jobs: { quietMs: 3_000 },
    parts: { quietMs: 3_000 },
    assets: { quietMs: 3_000 },
  },
  { name: 'everything at once', jobs: 'at-once', parts: 'at-once', assets: 'at-once' },
]

function mappingsOf({ jobs, parts, assets }: Setup): MappingConfig[] {
  const same = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]))
  return [
    {
      collection: 'jobs',
      type: 'jobs',
      mode: jobs,
      fields: {
        ...same(['title', 'priority', 'due', 'hours', ...jobFields]),
        status: { field: 'status', urgent: true },
      },
    },
    { collection: 'parts', type: 'parts', mode: parts, fields: same(['name', 'price', 'shelf']) },
    {
      collection: 'assets',
      type: 'assets',
      mode: assets,
      tier: 'analytical',
      fields: same(['name', 'runHours', 'battery', 'seenAt']),
    },
  ]
}

export interface Cost {
  calls: number
  /** Of the JSON of their bodies. */
  bytes: number
  /** Records whose row does not say what they say in the end. */
  diverged: number
}

export function idOf({ collection: name, record }: Pick<Change, 'collection' | 'record'>): string {
  return `${name}-${record}`
}

interface First {
  collection: Change['collection']
  id: string
  value: JsonObject
}

/** What is there when the day begins, on both sides. */
export function firstRecords(size: TraceSize): First[] {
  const first = (name: Change['collection'], count: number, value: (record: number) => JsonObject): First[] =>
    Array.from({ length: count }, (_, record) => ({
      collection: name,
      id: idOf({ collection: name, record }),
      value: value(record),
    }))
  return [
    ...first('jobs', jobsOf(size), (record) => ({ title: `Visit ${record}`, status: 'open', priority: 3 })),
    ...first('assets', size.assets, (record) => ({ name: `Pump ${record}` })),
    ...first('parts', size.parts, (record) => ({ name: `Part ${record}`, price: '1.00' })),
  ]
}

export async function bridgedDay(
  trace: readonly Change[],
  size: TraceSize,
  setup: Setup,
  seed: number,
): Promise<Cost> {
  const time = new VirtualTime(seed)
  const system = dayStandIn(time)
  const host = time.host()
  const replica = await time.while(openReplica({ host, store: memoryStore(), collections }))
  const bridge = await time.while(
    startBridge({ replica, host, adapter: system.adapter(), mappings: mappingsOf(setup), pollIntervalMs: 0 }),
  )
  const records = (name: Change['collection']) => replica.collection(name) as unknown as Records<JsonObject>
  for (const { collection: name, id, value } of firstRecords(size))
    await time.while(records(name).create(value, { id }))
  await time.while(bridge.pushNow().then(() => bridge.idle()))
  system.forgetCounts()
  const midnightMs = (Math.floor(time.nowMs / DAY_MS) + 1) * DAY_MS
  for (const change of trace) {
    await time.until(midnightMs + change.atMs)
    await time.while(
      records(change.collection).update(idOf(change), (draft) => void Object.assign(draft, change.fields)),
    )
  }
  await time.until(midnightMs + DAY_MS)
  await time.while(bridge.pushNow().then(() => bridge.idle()))
  const { writeCalls, bytesWritten, calls: made } = system.counted
  const cost = {
    calls: writeCalls + (made.read ?? 0) + (made.readMany ?? 0),
    bytes: bytesWritten,
    diverged: await divergedOf(records, system),
  }
  await time.while(bridge.close())
  await time.while(replica.close())
  return cost
}

export function dayStandIn(time: VirtualTime): StandIn {
  return new StandIn({
    name: 'crm',
    now: () => time.nowMs,
    onTheWay: () => time.after(API_MS / 2),
    batch: BATCH,
    replays: false,
  })
}

/** Looked at here, field by field. */
async function divergedOf(
  records: (name: Change['collection']) => Records<JsonObject>,
  system: StandIn,
): Promise<number> {
  let diverged = 0
  for (const { externalId, type, value } of system.rows()) {
    const record = await records(type as Change['collection']).get(externalId!.replace('skerry:', ''))
    const { id: _, ...fields } = record ?? {}
    const names = new Set([...Object.keys(fields), ...Object.keys(value)])
    if ([...names].some((name) => (fields as JsonObject)[name] !== value[name])) diverged += 1
  }
  return diverged
}
