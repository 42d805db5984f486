/** What systems do to a bridge, each fault by itself and with all that is expected of it. Adapters have the same over their wires; random lives and power cuts have them mixed. */
import { type Adapter, type MappingConfig, MemorySystem, type Write } from '@skerry/bridge'
import { MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { aroundCalls } from '../test/around-calls.ts'
import { HeldAdapter } from '../test/held.ts'
import { bridged, holdTimers, jobMapping, openNode, type TestNode } from '../test/nodes.ts'
import { START } from '../test/two-sides.ts'

beforeAll(startEngine)

const batch = { writesMax: 10, readsMax: 10 }
const kinds = [
  { compareAndSet: true },
  { compareAndSet: false },
  { compareAndSet: true, batch },
  { compareAndSet: false, batch },
]

describe('fault I1: RES-1 EVT-6 a system that asks for a wait', () => {
  const WAIT_MS = 600_000

  /** The first write is turned away: nothing was carried out, and there is a time to come back. */
  async function turnedAway(node: TestNode, system: MemorySystem, turnAway: boolean) {
    const pass = holdTimers(node.host, 1_000)
    const calledAt: number[] = []
    const adapter = aroundCalls(system.adapter(), async (call, method) => {
      if (method !== 'upsert') return call()
      calledAt.push(node.host.clock - START)
      return turnAway ? { kind: 'later', reason: '429: too many', retryAfterMs: WAIT_MS } : call()
    })
    const { bridge } = await bridged(node, system, { adapter })
    const time = async (ms: number) => {
      pass(ms)
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    return { bridge, calledAt, time }
  }

  test('is left alone for as long as it asks, by every record; what waits is kept over a restart, and its age shows', async () => {
    const disk = new MemoryDisk()
    const system = new MemorySystem()
    const node = await openNode({ disk })
    const first = await turnedAway(node, system, true)
    await node.replica.jobs.create({ title: 'a' })
    await first.time(1)
    await node.replica.jobs.create({ title: 'b' })
    await first.time(WAIT_MS / 2)
    expect(first.calledAt).toHaveLength(1)
    const { tiers } = first.bridge.stats()
    expect(tiers.operational).toEqual({ open: 2, lagMs: WAIT_MS / 2 })
    node.host.dead = true
    disk.crash()

    const again = await openNode({ disk, seed: 2 })
    again.host.clock = node.host.clock
    const second = await turnedAway(again, system, false)
    await second.time(1)
    expect(second.bridge.stats().tiers.operational.open).toBe(1)
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['b'])
    await second.time(WAIT_MS / 2 - 3)
    expect(system.rows('cases')).toHaveLength(1)
    await second.time(2)
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['b', 'a'])
    expect(second.bridge.stats().tiers.operational).toEqual({ open: 0, lagMs: 0 })
    await second.bridge.close()
  })
})

describe.each(kinds)('with compareAndSet=$compareAndSet, batches of $batch.writesMax', (kind) => {
  describe('fault I2: EVT-3 an answer that is lost after the system carried the call out', () => {
    /** Every write loses its answer three times. */
    function losing(adapter: Adapter, keys: string[]): Adapter {
      const lost = new Map<string, number>()
      const heard = (key: string) => {
        keys.push(key)
        const times = (lost.get(key) ?? 0) + 1
        lost.set(key, times)
        return times <= 3
      }
      const silence = { kind: 'unknown', reason: 'no answer in time' } as const
      const { writeMany } = adapter
      return {
        ...adapter,
        async upsert(type, request, call) {
          const answer = await adapter.upsert(type, request, call)
          return heard(request.idempotencyKey) ? silence : answer
        },
        async delete(type, request, call) {
          const answer = await adapter.delete(type, request, call)
          return heard(request.idempotencyKey) ? silence : answer
        },
        ...(writeMany && {
          async writeMany(type: string, writes: readonly Write[], call: Parameters<typeof writeMany>[2]) {
            const answers = await writeMany(type, writes, call)
            const isLost = writes.map(({ idempotencyKey }) => heard(idempotencyKey)).some(Boolean)
            return isLost ? writes.map(() => silence) : answers
          },
        }),
      }
    }

    test('is asked for again under the same key, or looked for: one row, and one effect for each edit', async () => {
      const node = await openNode()
      const system = new MemorySystem({ ...kind, everyWriteCounts: true, replays: true })
      const keys: string[] = []
      const { bridge } = await bridged(node, system, { adapter: losing(system.adapter(), keys) })
      const { jobs } = node.replica
      const made = await Promise.all([jobs.create({ title: 'a' }), jobs.create({ title: 'b' })])
      await bridge.idle()
      for (const { id } of made)
        await jobs.update(id, (draft) => void Object.assign(draft, { status: 'done' }))
      await bridge.idle()
      await jobs.delete(made[0]!.id)
      await bridge.idle()
      expect(system.rows('cases').map(({ value, deleted }) => [value.Title, deleted])).toEqual([
        ['a', true],
        ['b', false],
      ])
      const effects = system.effects('cases').map(({ method, fields }) => [method, ...fields].join(' '))
      expect(effects.sort()).toEqual([
        'delete',
        'upsert Status',
        'upsert Status',
        'upsert Title',
        'upsert Title',
      ])
      const times = [...new Set(keys)].map((key) => keys.filter((other) => other === key).length)
      // Five calls, each under its own key. Where the system compares nothing, the bridge looks before it asks again, and sees that there is nothing left to do.
      expect(times).toEqual(Array.from({ length: 5 }, () => (kind.compareAndSet ? 4 : 1)))
      await bridge.close()
    })
  })
})

describe('fault I3: CON-9 a row that is changed before a call reaches it is not written over: both values wait for a person', () => {
  test.each([{ compareAndSet: true }, { compareAndSet: false }])(
    'with compareAndSet=$compareAndSet',
    async (kind) => {
      const node = await openNode()
      const system = new MemorySystem(kind)
      const held = new HeldAdapter(system.adapter())
      const mapping: MappingConfig = {
        ...jobMapping,
        fields: { ...jobMapping.fields, title: { field: 'Title', rule: 'review' } },
      }
      const { bridge } = await bridged(node, system, { adapter: held.adapter, mappings: [mapping] })
      const { jobs } = node.replica
      const { id } = await jobs.create({ title: 'before' })
      await bridge.idle()
      const written = system.effects('cases').length
      // Where the system compares nothing, the bridge looks first: the row is changed before that look.
      const call = held.hold(kind.compareAndSet ? 'upsert' : 'read', 'request')
      await jobs.update(id, (draft) => void Object.assign(draft, { title: 'ours', site: 'SEA' }))
      await call.arrived
      system.edit('cases', { id: system.rows('cases')[0]!.id }, { Title: 'theirs', Status: 'done' })
      call.release()
      await bridge.idle()
      expect(await bridge.reviews()).toMatchObject([
        { record: `jobs/${id}`, field: 'title', agreed: 'before', ours: 'ours', theirs: 'theirs' },
      ])
      expect(await jobs.get(id)).toMatchObject({ title: 'ours', site: 'SEA', status: 'done' })
      expect(system.rows('cases')[0]!.value).toMatchObject({ Title: 'theirs', Site: 'SEA', Status: 'done' })
      const since = system
        .effects('cases')
        .slice(written)
        .map(({ fields }) => fields.join())
      expect(since).toEqual(['Site'])
      await bridge.close()
    },
  )
})

describe('fault I4: EVT-4 a record that is refused for ever is asked for once, holds nobody up, and goes when it is mended', () => {
  test.each(kinds)('with compareAndSet=$compareAndSet, batches of $batch.writesMax', async (kind) => {
    const node = await openNode()
    let mended = false
    const system = new MemorySystem({
      ...kind,
      refuses: (_, { Title }) => (Title === 'poison' && !mended ? 'INVALID_TITLE' : undefined),
    })
    const { bridge } = await bridged(node, system)
    const { jobs } = node.replica
    const others = Array.from({ length: 20 }, (_, i) => `good ${i}`)
    const poison = await jobs.create({ title: 'poison' })
    for (const title of others) await jobs.create({ title })
    await bridge.idle()
    const titles = () => system.rows('cases').map(({ value }) => String(value.Title))
    expect(titles().sort()).toEqual([...others].sort())
    const refused = () => system.ledger.filter(({ answer }) => answer === 'rejected').length
    const tries = refused()
    // Days later nobody has asked the system for it again.
    for (let day = 0; day < 5; day++) {
      node.host.clock += 86_400_000
      await jobs.create({ title: `day ${day}` })
      await bridge.pollNow()
      await bridge.idle()
    }
    expect([tries, refused()]).toEqual([1, 1])
    expect(await bridge.deadLetters()).toMatchObject([
      { record: `jobs/${poison.id}`, reason: expect.stringContaining('INVALID_TITLE') },
    ])
    mended = true
    await bridge.retryAll()
    await bridge.idle()
    expect([bridge.stats().dead, titles().filter((title) => title === 'poison').length]).toEqual([0, 1])
    expect(titles()).toHaveLength(26)
    await bridge.close()
  })
})

test('fault I6: an edit goes one way through two systems and back to none of them', async () => {
  const node = await openNode()
  const systems = ['crm', 'erp'].map((name) => new MemorySystem({ name, now: () => node.host.clock }))
  const [crm, erp] = systems as [MemorySystem, MemorySystem]
  const bridges = await Promise.all(systems.map(async (system) => (await bridged(node, system)).bridge))
  const around = async (times: number) => {
    for (let i = 0; i < times; i++)
      for (const bridge of bridges) {
        await bridge.pollNow()
        await bridge.idle()
      }
  }
  const { jobs } = node.replica
  const { id } = await jobs.create({ title: 'a', notes: 'abc' })
  await around(1)
  const rowOf = (system: MemorySystem) => system.rows('cases')[0]!
  const moved = async () => [
    ...systems.map((one) => one.effects('cases').length),
    (await jobs.history(id)).length,
  ]

  // From a system: one write at the other, one change of the record, nothing at the first.
  const before = await moved()
  crm.edit('cases', { id: rowOf(crm).id }, { Title: 'b', Notes: 'abc from the office' })
  await around(1)
  const after = await moved()
  expect(after.map((count, i) => count - before[i]!)).toEqual([0, 1, 1])
  expect(erp.effects('cases').at(-1)).toMatchObject({ method: 'upsert', fields: ['Title', 'Notes'] })

  // From a device: one write at each, and the record as it was edited.
  await jobs.update(id, (draft) => void Object.assign(draft, { notes: 'abc from the office, read' }))
  await around(1)
  expect((await moved()).map((count, i) => count - after[i]!)).toEqual([1, 1, 1])

  const atRest = await moved()
  await around(5)
  expect(await moved()).toEqual(atRest)
  for (const system of systems)
    expect(rowOf(system).value).toMatchObject({ Title: 'b', Notes: 'abc from the office, read' })
  for (const bridge of bridges) await bridge.close()
})
