/** Writes that go together: each with its own fate, whatever becomes of the others. */
import { type Adapter, MemorySystem, type MemorySystemOptions, type WriteAnswer } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridged, openNode, type TestNode } from '../../test/nodes.ts'
import { TURNS_AT_ONCE } from '../limits.ts'
import { decodeItem } from '../outbox.ts'

beforeAll(startEngine)

const batch = { writesMax: 100, readsMax: 100 }

function create(node: TestNode, titles: readonly string[]): Promise<{ id: string }[]> {
  return Promise.all(titles.map((title, i) => node.replica.jobs.create({ title }, { id: `job-${i}` })))
}

const titlesIn = (system: MemorySystem) =>
  system
    .rows('cases')
    .map(({ value }) => value.Title)
    .sort()
const methods = (system: MemorySystem) => system.requests.map(({ method }) => method)

async function world(
  options: MemorySystemOptions = {},
  wrap: (adapter: Adapter, system: MemorySystem) => Adapter = (adapter) => adapter,
) {
  const node = await openNode()
  const system = new MemorySystem({ batch, everyWriteCounts: true, ...options })
  // Without pushes: an echo that overtakes its answer costs a read.
  const { listen: _, ...adapter } = wrap(system.adapter(), system)
  const { bridge, events } = await bridged(node, system, { adapter })
  return { node, system, bridge, events }
}

test('API-6: B-55 creates, updates and deletes that wait together are one call of each kind', async () => {
  const { node, system, bridge } = await world()
  await create(node, ['a', 'b', 'c', 'd'])
  await bridge.idle()
  const { jobs } = node.replica
  await Promise.all([
    ...[0, 1].map((i) => jobs.update(`job-${i}`, (draft) => void Object.assign(draft, { site: 'SEA' }))),
    ...[2, 3].map((i) => jobs.delete(`job-${i}`)),
    ...['e', 'f'].map((title) => jobs.create({ title })),
  ])
  await bridge.idle()
  expect(methods(system).filter((method) => method !== 'changes')).toEqual(Array(4).fill('writeMany'))
  expect(system.effects('cases')).toHaveLength(10)
  expect(bridge.stats()).toMatchObject({ open: 0, callsMade: 4 })
  await bridge.close()
})

test('B-55 B-56 B-13 a poison record in a batch is a dead letter alone, and the others are saved', async () => {
  const refuses = (_: string, { Title }: Record<string, unknown>) =>
    Title === 'poison' ? 'FIELD_CUSTOM_VALIDATION' : undefined
  const { node, system, bridge } = await world({ refuses })
  const made = await create(node, ['a', 'b', 'poison', 'c'])
  await bridge.idle()
  expect(titlesIn(system)).toEqual(['a', 'b', 'c'])
  expect(await bridge.deadLetters()).toMatchObject([
    { record: 'jobs/job-2', reason: 'FIELD_CUSTOM_VALIDATION' },
  ])
  for (const [i, { id }] of made.entries()) if (i !== 2) await node.replica.jobs.saved(id, 'memory')
  await bridge.close()
})

describe('B-56 an adapter that miscounts is told of, no answer of the call is believed, and nothing is lost', () => {
  const wrong: [string, (answers: WriteAnswer[]) => unknown][] = [
    ['one too few', (answers) => answers.slice(1)],
    ['one too many', (answers) => [...answers, answers[0]]],
    ['none at all', () => []],
    ['nothing', () => undefined],
    ['a hole', (answers) => answers.with(1, undefined as never)],
    ['one for all', (answers) => answers[0]],
  ]
  test.each(wrong)('%s', async (_, garble) => {
    let times = 0
    const { node, system, bridge, events } = await world({ replays: true }, (adapter) => ({
      ...adapter,
      writeMany: async (...given) => {
        const answers = await adapter.writeMany!(...given)
        return times++ === 0 ? (garble(answers) as WriteAnswer[]) : answers
      },
    }))
    await create(node, ['a', 'b', 'c'])
    await bridge.idle()
    expect(events[0]).toMatchObject({ level: 'error', code: 'adapter-miscounted' })
    expect(events[1]).toMatchObject({ code: 'call-unknown', fields: { type: 'cases', writes: 3 } })
    expect(titlesIn(system)).toEqual(['a', 'b', 'c'])
    expect(system.effects('cases')).toHaveLength(3)
    expect(bridge.stats()).toMatchObject({ open: 0, dead: 0 })
    await bridge.close()
  })

  test('also when it reads: nothing is written without having been looked at', async () => {
    let times = 0
    const { node, system, bridge, events } = await world({ compareAndSet: false }, (adapter) => ({
      ...adapter,
      readMany: async (...given) => {
        const answers = await adapter.readMany!(...given)
        return times++ === 0 ? answers.slice(1) : answers
      },
    }))
    await create(node, ['a', 'b'])
    await bridge.idle()
    const edit = (i: number) =>
      node.replica.jobs.update(`job-${i}`, (draft) => void Object.assign(draft, { site: 'SEA' }))
    await Promise.all([edit(0), edit(1)])
    await bridge.idle()
    expect(events[0]).toMatchObject({
      code: 'adapter-miscounted',
      message: expect.stringContaining('2 reads'),
    })
    expect(system.effects('cases')).toHaveLength(4)
    await bridge.close()
  })
})

describe('B-57 a record that no call survives', () => {
  test('ends up alone: the others of its batch are written, and it too once it can be', async () => {
    let isBroken = true
    const kills = (writes: readonly { action: string; fields?: unknown }[]) =>
      isBroken && JSON.stringify(writes).includes('killer')
    const silence = { kind: 'unknown', reason: 'the server fell over' } as const
    const { node, system, bridge } = await world({}, (adapter) => ({
      ...adapter,
      upsert: async (type, request, call) =>
        kills([{ action: 'upsert', ...request }]) ? silence : adapter.upsert(type, request, call),
      writeMany: async (type, writes, call) =>
        kills(writes) ? writes.map(() => silence) : adapter.writeMany!(type, writes, call),
    }))
    const titles = Array.from({ length: 32 }, (_, i) => (i === 13 ? 'killer' : `job ${i}`))
    const made = await create(node, titles)
    const others = made.filter((_, i) => i !== 13)
    await Promise.all(others.map(({ id }) => node.replica.jobs.saved(id, 'memory')))
    expect(titlesIn(system)).toHaveLength(31)
    expect(bridge.stats()).toMatchObject({ open: 1, begun: 1 })
    isBroken = false
    await bridge.idle()
    expect(titlesIn(system)).toEqual([...titles].sort())
    expect(system.effects('cases')).toHaveLength(32)
    await bridge.close()
  })

  test('a batch whose answer was lost is repeated in halves that stay together, not one by one', async () => {
    let lost = 0
    const { node, system, bridge } = await world({ replays: true }, (adapter) => ({
      ...adapter,
      writeMany: async (...given) => {
        const answers = await adapter.writeMany!(...given)
        return lost++ === 0 ? answers.map(() => ({ kind: 'unknown', reason: 'lost' }) as const) : answers
      },
    }))
    await create(
      node,
      Array.from({ length: 40 }, (_, i) => `job ${i}`),
    )
    await bridge.idle()
    expect(methods(system).filter((method) => method !== 'changes')).toEqual(Array(3).fill('writeMany'))
    expect(system.effects('cases')).toHaveLength(40)
    await bridge.close()
  })
})

describe('B-17 B-58 where the system cannot compare', () => {
  test('rows are read together before they are written together; who was changed meanwhile is not written', async () => {
    const { node, system, bridge } = await world({ compareAndSet: false })
    await create(node, ['a', 'b', 'c'])
    await bridge.idle()
    const before = methods(system).length
    system.edit('cases', { id: system.rows('cases')[1]!.id }, { Site: 'PDX' })
    const edit = (i: number) =>
      node.replica.jobs.update(`job-${i}`, (draft) => void Object.assign(draft, { status: 'done' }))
    await Promise.all([0, 1, 2].map(edit))
    await bridge.idle()
    expect(system.rows('cases').map(({ value }) => value)).toMatchObject([
      { Status: 'done' },
      { Status: 'done', Site: 'PDX' },
      { Status: 'done' },
    ])
    expect(await node.replica.jobs.get('job-1')).toMatchObject({ status: 'done', site: 'PDX' })
    expect(methods(system).slice(before)).toContain('readMany')
    expect(system.effects('cases')).toHaveLength(6)
    await bridge.close()
  })
})

test('API-5: B-55 very many writes go by a job, and each has its own answer', async () => {
  const bulk = { writesMin: 200, writesMax: 10_000 }
  const refuses = (_: string, { Title }: Record<string, unknown>) => (Title === 'job 7' ? 'no' : undefined)
  const allWait = Promise.withResolvers<void>()
  const { node, system, bridge } = await world({ bulk, refuses }, (adapter) => ({
    ...adapter,
    writeMany: async (...given) => {
      await allWait.promise
      return adapter.writeMany!(...given)
    },
  }))
  await create(
    node,
    Array.from({ length: 600 }, (_, i) => `job ${i}`),
  )
  while (bridge.stats().open < 600) await new Promise((resolve) => setImmediate(resolve))
  allWait.resolve()
  await bridge.idle()
  expect(methods(system)).toContain('writeBulk')
  expect(system.effects('cases')).toHaveLength(599)
  expect(bridge.stats()).toMatchObject({ dead: 1, open: 0 })
  await bridge.close()
})

test('API-7: B-07 groups of different records are under way at once, as many as may be', async () => {
  let underWay = 0
  let most = 0
  const { node, system, bridge } = await world({ batch: { writesMax: 5, readsMax: 5 } }, (adapter) => ({
    ...adapter,
    writeMany: async (...given) => {
      most = Math.max(most, ++underWay)
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      return adapter.writeMany!(...given)
    },
  }))
  await create(
    node,
    Array.from({ length: 60 }, (_, i) => `job ${i}`),
  )
  await bridge.idle()
  expect(most).toBe(4)
  expect(system.effects('cases')).toHaveLength(60)
  await bridge.close()
})

test('B-55 a bridge that closes gives a large call up at once; the next one finds out what became of it', async () => {
  const { node, system, bridge } = await world({ batch: { writesMax: 200, readsMax: 200 } }, (adapter) => ({
    ...adapter,
    writeMany: async (type, writes, call) => {
      const answers = await adapter.writeMany!(type, writes, call)
      const aborted = new Promise((resolve) => call.signal.addEventListener('abort', resolve))
      await aborted
      return answers.map(() => ({ kind: 'unknown', reason: 'aborted' }) as const)
    },
  }))
  await create(
    node,
    Array.from({ length: 120 }, (_, i) => `job ${i}`),
  )
  const sent = () => system.effects('cases').length
  while (sent() <= 2 * TURNS_AT_ONCE) await new Promise((resolve) => setImmediate(resolve))
  await bridge.close()
  const carriedOut = sent()
  const items = await node.replica.tableRows('bridge/memory/outbox', { limit: 500 })
  const begun = items.map(({ key, value }) => decodeItem(key, value)).filter(({ state }) => state === 'begun')
  expect(begun.length).toBeGreaterThanOrEqual(carriedOut)
  expect(begun.some((item) => !('company' in item))).toBe(true)
  const again = await bridged(node, system)
  await again.bridge.idle()
  expect(system.effects('cases')).toHaveLength(120)
  expect(again.bridge.stats()).toMatchObject({ open: 0, dead: 0 })
  await again.bridge.close()
})

test('DIF-2: B-05 edits that wait are one write, and what came to nothing is none', async () => {
  const { node, system, bridge } = await world({}, (adapter) => adapter)
  const { jobs } = node.replica
  await create(node, ['a', 'b'])
  await bridge.idle()
  const before = system.effects('cases').length
  await Promise.all(
    ['x', 'y', 'z'].map((site) => jobs.update('job-0', (draft) => void Object.assign(draft, { site }))),
  )
  const brief = jobs.create({ title: 'made and deleted' }, { id: 'brief' })
  const gone = jobs.delete('brief').catch(() => brief.then(() => jobs.delete('brief')))
  await Promise.all([brief, gone])
  await bridge.idle()
  const written = system.effects('cases').slice(before)
  expect(written.filter(({ externalId }) => externalId === 'skerry:job-0')).toMatchObject([
    { fields: ['Site'] },
  ])
  await bridge.close()
})
