/** A dry run tells what the run does, and writes nowhere (SPEC B-180 to B-184). */
import {
  type Adapter,
  type BridgePlan,
  MemorySystem,
  type PlanLine,
  planBridge,
  startBridge,
  type Write,
} from '@skerry/bridge'
import { type Json, type JsonObject, memoryStore } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { type DrawnContact, drawContact, openDrawn } from '../../test/drawn-contact.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'
import { PLAN_FAILURES_MAX } from '../limits.ts'

beforeAll(startEngine)

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1)

type There = Extract<PlanLine, { side: 'there' }>

interface Sent {
  type: string
  write: Write
  id: string
}

/** Every write that was carried out. */
function recorded(adapter: Adapter, sent: Sent[]): Adapter {
  const { upsert, delete: remove, writeMany } = adapter
  const note = (type: string, write: Write, answer: Awaited<ReturnType<typeof upsert>>) => {
    if (answer.kind === 'done') sent.push({ type, write, id: answer.row.id })
    return answer
  }
  return {
    ...adapter,
    upsert: async (type, request, call) =>
      note(type, { action: 'upsert', ...request }, await upsert(type, request, call)),
    delete: async (type, request, call) =>
      note(type, { action: 'delete', ...request }, await remove(type, request, call)),
    ...(writeMany && {
      writeMany: async (type, writes, call) => {
        const answers = await writeMany(type, writes, call)
        return answers.map((answer, i) => note(type, writes[i]!, answer))
      },
    }),
  }
}

/** The dry run, on a copy of the disk. */
async function plan({ disk, host, system, mappings }: DrawnContact) {
  const replica = await openDrawn(disk.clone(), host, memoryStore({ disk: disk.clone(), accept: 'copy' }))
  const told = await planBridge({ replica, adapter: system.adapter(), mappings, host, linesMax: 10_000 })
  return { told, records: await everything(replica) }
}

/** The run, on the disk itself. */
async function run({ host, replica, system, mappings }: DrawnContact) {
  const sent: Sent[] = []
  const adapter = recorded(system.adapter(), sent)
  const bridge = await startBridge({ replica, adapter, mappings, host, pollIntervalMs: 0 })
  await bridge.pollNow()
  for (let left = 1; left > 0 || bridge.stats().walks > 0; ) {
    await bridge.idle()
    left = await bridge.pushNow()
    await bridge.idle()
  }
  const writes = []
  for (const { type, write, id } of sent) {
    const reference = await bridge.crossReference({ type, row: id })
    const kind =
      write.action === 'delete'
        ? 'delete'
        : write.id === undefined
          ? 'create'
          : write.restore
            ? 'restore'
            : 'update'
    const fields = write.action === 'delete' ? {} : write.fields
    writes.push({ record: reference?.record, kind, fields })
  }
  const held = {
    review: (await bridge.reviews()).map(({ record, field }) => `${record} ${field}`),
    pair: (await bridge.pairs()).map(({ row }) => row.id),
    approval: (await bridge.approve({ dryRun: true })).map(({ record }) => record),
    parent: (await bridge.parked()).map(({ record }) => record),
    dead: (await bridge.deadLetters()).map(({ record }) => record),
  }
  const stats = bridge.stats()
  const links = new Map<string, string>()
  for await (const { row } of bridge.crossReferences())
    if (row?.externalId?.startsWith('skerry:')) links.set(row.id, row.externalId)
  await bridge.close()
  return { writes, held, links, stats, records: await everything(replica) }
}

async function everything(replica: Awaited<ReturnType<typeof openDrawn>>): Promise<JsonObject> {
  const records: JsonObject = {}
  for (const job of await replica.jobs.all()) records[`jobs/${job.id}`] = job as unknown as Json
  for (const site of await replica.sites.all()) records[`sites/${site.id}`] = site as unknown as Json
  return records
}

/** Rows that were not there yet are known by their external ids. */
function named(value: Json, links: ReadonlyMap<string, string>, made: ReadonlySet<string>): Json {
  if (typeof value !== 'string') return value
  const externalId = links.get(value)
  return externalId !== undefined && made.has(value) ? `new:${externalId}` : value
}

function sorted<T>(all: readonly T[]): string[] {
  return all
    .map((one) => JSON.stringify(one, (_, value: Json) => (isPlain(value) ? inOrder(value) : value)))
    .sort()
}

const isPlain = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const inOrder = (value: JsonObject) =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

function linesOf({ mappings }: BridgePlan): PlanLine[] {
  return mappings.flatMap(({ lines }) => lines)
}

const isThere = (line: PlanLine): line is There => line.side === 'there'

describe('B-180 B-181 a first contact does exactly what its dry run told', () => {
  test.each(SEEDS)('seed %d', async (seed) => {
    const contact = await drawContact(seed)
    const { system } = contact
    const rowsBefore = ['accounts', 'cases'].flatMap((type) => system.rows(type))
    const headBefore = contact.replica.head
    const { told, records } = await plan(contact)

    expect(system.ledger.filter(({ method }) => method === 'upsert' || method === 'delete')).toEqual([])
    expect(['accounts', 'cases'].flatMap((type) => system.rows(type))).toEqual(rowsBefore)
    expect(contact.replica.head).toBe(headBefore)

    const real = await run(contact)
    expect(records).toEqual(real.records)
    const idsBefore = new Set(rowsBefore.map(({ id }) => id))
    const made = new Set([...real.links.keys()].filter((id) => !idsBefore.has(id)))
    const writes = real.writes.map(({ record, kind, fields }) => ({
      record,
      kind,
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, to]) => [name, named(to, real.links, made)]),
      ),
    }))
    const planned = linesOf(told)
      .filter(isThere)
      .map(({ record, what: kind, fields }) => ({
        record,
        kind,
        fields: Object.fromEntries(fields.map(({ name, to }) => [name, to])),
      }))
    expect(sorted(planned)).toEqual(sorted(writes))
    for (const [what, items] of Object.entries(real.held)) {
      const lines = linesOf(told).filter((line) => line.side === 'held' && line.what === what)
      expect(lines, what).toHaveLength(items.length)
    }
    for (const { there, here, held, lines, more, type, left, equal } of told.mappings) {
      expect(more).toBe(0)
      const count = (all: object) => Object.values(all).reduce((sum: number, one: number) => sum + one, 0)
      expect(lines).toHaveLength(count(there) + count(here) + count(held))
      expect(Math.min(equal, left.rows ?? 0, left.records), type).toBeGreaterThanOrEqual(0)
    }
  })
})

test('the seeds above draw every kind of write, change and hold', async () => {
  const kinds = new Set<string>()
  for (const seed of SEEDS) {
    const { told } = await plan(await drawContact(seed))
    for (const { side, what } of linesOf(told)) kinds.add(`${side} ${what}`)
    for (const { linked, equal, left } of told.mappings) {
      if (linked > 0) kinds.add('linked')
      if (equal > 0) kinds.add('equal')
      if ((left.rows ?? 0) > 0) kinds.add('rows left')
      if (left.records > 0) kinds.add('records left')
    }
  }
  expect([...kinds].sort()).toEqual([
    'equal',
    'held approval',
    'held dead',
    'held pair',
    'held parent',
    'held review',
    'held unread',
    'here create',
    'here update',
    'linked',
    'records left',
    'rows left',
    'there create',
    'there restore',
    'there update',
  ])
})

async function small(options: ConstructorParameters<typeof MemorySystem>[0] = {}) {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm', losesPush: () => true, ...options })
  for (let i = 0; i < 3; i++) await node.replica.jobs.create({ title: `here ${i}` })
  for (let i = 0; i < 2; i++) system.edit('cases', {}, { Title: `there ${i}` })
  const dry = async (more: Partial<Parameters<typeof planBridge>[0]> = {}) => {
    const { replica } = await openNode({ host: node.host, disk: node.disk.clone() })
    const mappings = [jobMapping]
    return planBridge({ replica, adapter: system.adapter(), mappings, host: node.host, ...more })
  }
  return { node, system, dry }
}

describe('B-180', () => {
  test('the real adapter stands behind what has no way to write', async () => {
    const { system, dry } = await small()
    const refused = () => Promise.reject(new Error('a write reached the system'))
    const adapter = {
      ...system.adapter(),
      upsert: refused,
      delete: refused,
      writeMany: refused,
      writeBulk: refused,
    }
    const { mappings } = await dry({ adapter })
    expect(mappings[0]!.there).toEqual({ create: 3, update: 0, restore: 0, delete: 0 })
    expect(system.ledger.map(({ method }) => method)).toEqual(['changes'])
  })

  test('a run that is not the first: what was edited since, field by field, from what the row says', async () => {
    const { node, system, dry } = await small()
    const { bridge } = await bridged(node, system)
    await bridge.pollNow()
    await bridge.idle()
    await bridge.close()
    const [job] = await node.replica.jobs.all()
    await node.replica.jobs.update(job!.id, (draft) =>
      Object.assign(draft, { title: 'edited', site: 'North' }),
    )
    const gone = (await node.replica.jobs.all()).at(-1)!
    await node.replica.jobs.delete(gone.id)
    const { mappings } = await dry()
    expect(mappings[0]).toMatchObject({
      there: { create: 0, update: 1, delete: 1 },
      equal: 3,
      left: { records: 0 },
    })
    expect(mappings[0]!.left).not.toHaveProperty('rows')
    expect(mappings[0]!.lines.find(({ what }) => what === 'update')).toMatchObject({
      fields: [
        { name: 'Title', from: job!.title, to: 'edited' },
        { name: 'Site', from: null, to: 'North' },
      ],
    })
  })

  test('what the mode of a mapping holds belongs to the run', async () => {
    const { dry } = await small()
    const { mappings } = await dry({ mappings: [{ ...jobMapping, mode: 'on-demand' }] })
    expect(mappings[0]!.there.create).toBe(3)
  })
})

describe('B-182', () => {
  test('no more lines than asked for, and how many there are besides', async () => {
    const { dry } = await small()
    const { mappings } = await dry({ linesMax: 2 })
    expect(mappings).toMatchObject([{ more: 3, there: { create: 3 }, here: { create: 2 } }])
    expect(mappings[0]!.lines).toHaveLength(2)
  })
})

describe('B-183 API-5: what it costs', () => {
  test('the calls of the run, by what they count as, against what is left of each limit', async () => {
    const { node, system, dry } = await small({ compareAndSet: false })
    const budget = { daily: { units: 4 }, pools: { write: { windows: [{ units: 2, ms: 1_000 }] } } }
    const { cost } = await dry({ budget })
    // The first request begins a session, which is one too.
    expect(cost.spent).toEqual({ write: 0, read: 0, list: 2, bulk: 0 })
    expect(cost.units).toEqual({ write: 3, read: 3, list: 2, bulk: 0 })
    expect(cost.limits).toMatchObject([
      { max: 4, left: 2, needs: 8 },
      { pool: 'write', max: 2, left: 2, needs: 3 },
    ])
    system.ledger.length = 0
    const { bridge } = await bridged(node, system)
    await bridge.idle()
    await bridge.close()
    const calls = (method: string) => system.ledger.filter((call) => call.method === method).length
    expect([calls('upsert'), calls('read'), calls('changes')]).toEqual([3, 3, 1])
  })

  test('a batch is one call', async () => {
    const { dry } = await small({ batch: { writesMax: 10, readsMax: 10 } })
    expect((await dry()).cost.units.write).toBe(1)
  })

  test('an adapter that says what a call costs is believed', async () => {
    const { system, dry } = await small()
    const inner = system.adapter()
    const changes: Adapter['changes'] = (type, position, limit, call) => {
      call.spend?.(3)
      return inner.changes(type, position, limit, call)
    }
    expect((await dry({ adapter: { ...inner, changes } })).cost.spent.list).toBe(3 + 2)
  })
})

describe('B-184: a system that cannot be read', () => {
  test('and does not become better: nothing is planned, and the reason is told', async () => {
    const { system, dry } = await small()
    let calls = 0
    const changes = async () => {
      calls += 1
      return { kind: 'unknown', reason: 'the line is dead' } as const
    }
    await expect(dry({ adapter: { ...system.adapter(), changes } })).rejects.toMatchObject({
      code: 'cannot-plan',
      message: expect.stringContaining('the line is dead'),
    })
    expect(calls).toBeGreaterThanOrEqual(PLAN_FAILURES_MAX)
    expect(calls).toBeLessThan(2 * PLAN_FAILURES_MAX)
  })

  test('that does not know us is not asked again', async () => {
    const { system, dry } = await small()
    const changes = async () => ({ kind: 'unauthorized', reason: 'who are you' }) as const
    await expect(dry({ adapter: { ...system.adapter(), changes } })).rejects.toMatchObject({
      code: 'cannot-plan',
    })
  })

  test('now and then: the plan is the same', async () => {
    const { system, dry } = await small()
    const inner = system.adapter()
    let calls = 0
    const changes: Adapter['changes'] = async (...given) =>
      ++calls < 4 ? { kind: 'later', reason: 'busy' } : inner.changes(...given)
    const told = await dry({ adapter: { ...inner, changes } })
    expect(told.mappings).toEqual((await dry()).mappings)
  })

  test('is given up on when asked to', async () => {
    const { dry } = await small()
    await expect(dry({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cannot-plan' })
  })
})
