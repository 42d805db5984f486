/** Real replicas, sessions and sockets, looked at as a panel does. */
import type { JsonObject } from '@skerry/core'
import {
  type Inspect,
  type InspectedLine,
  type LiveReplica,
  type LogPage,
  liveOver,
  type NetworkState,
} from '@skerry/live'
import { CHANNEL, type ContractSpace, contractSpace, job, Told } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { listen } from '@skerry/ws'
import { connect } from '@skerry/ws/browser'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { inspection } from './inspection.ts'

beforeAll(startEngine)

interface Opened {
  space: ContractSpace
  live: LiveReplica
  inspect: Inspect
}

async function opened(): Promise<Opened> {
  const space = await contractSpace()
  const listener = await listen(space.hub, { port: 0 })
  const looked = inspection(space.edge)
  const live = liveOver(space.edge, {
    host: space.host,
    connect: () => looked.line((through) => connect(space.edge, listener.url, { through })),
  })
  onTestFinished(async () => {
    await live.close()
    await listener.close(0)
    await space.close()
  })
  return { space, live, inspect: await looked.inspect() }
}

function lines(inspect: Inspect): Told<readonly InspectedLine[]> {
  const told = new Told<readonly InspectedLine[]>()
  onTestFinished(inspect.watchLines(told.told, told.failed))
  return told
}

const isOpen = ([line]: readonly InspectedLine[]) => line?.session?.phase === 'open'

describe('DT-10: the log', () => {
  test('is told newest first, and after each change: who wrote it, what is in it, where it came from', async () => {
    const { space, live, inspect } = await opened()
    await lines(inspect).until(isOpen)
    const told = new Told<LogPage>()
    onTestFinished(inspect.watchLog(10, told.told, told.failed))
    await told.until(() => true)
    const id = await live.create('jobs', job({ title: 'pump 7' }))
    const own = await told.until(({ entries }) => entries.some(({ record }) => record === `jobs/${id}`))
    expect(own.entries.find(({ record }) => record === `jobs/${id}`)).toMatchObject({
      kind: 'changes',
      author: 'tech:ana',
      actor: expect.stringMatching(/^00[0-9a-f]{32}$/),
      bytes: expect.any(Number),
      heardFrom: undefined,
    })
    const made = await space.hub.jobs.create({ title: 'roof', status: 'open', site: 'SEA' })
    const both = await told.until(({ entries }) => entries.some(({ record }) => record === `jobs/${made.id}`))
    const heard = both.entries.find(({ record }) => record === `jobs/${made.id}`)!
    expect(heard).toMatchObject({
      author: 'hub',
      heardFrom: { node: space.hub.node, subject: 'hub', seq: expect.any(Number) },
    })
    expect(both.entries.map(({ seq }) => seq)).toEqual(
      both.entries.map(({ seq }) => seq).toSorted((a, b) => b - a),
    )
    const entry = await inspect.entry(heard.seq)
    expect(entry!.parts.at(-1)).toMatchObject({ actor: heard.actor, operations: expect.any(Number) })
    expect(entry!.parts).toHaveLength(heard.changes)
    expect(await inspect.entry(1_000_000)).toBeUndefined()
  })

  test('older entries come page by page, none twice, to the beginning', async () => {
    const { live, inspect, space } = await opened()
    for (let i = 0; i < 7; i++) await live.create('jobs', job({ title: `${i}` }))
    const seen: number[] = []
    let below: number | undefined = space.edge.head + 1
    while (below !== undefined) {
      const page: LogPage = await inspect.log(below, 3)
      expect(page.entries.length).toBeLessThanOrEqual(3)
      seen.push(...page.entries.map(({ seq }) => seq))
      below = page.older
    }
    expect(seen).toHaveLength((await inspect.about()).entries)
    expect(new Set(seen).size).toBe(seen.length)
  })
})

test('DT-11: a record is identified by its heads, which are those of the other side once it is there', async () => {
  const { space, live, inspect } = await opened()
  const id = await live.create('jobs', job({ title: 'pump 7', hours: 1 }))
  await live.saved('jobs', id, 'hub')
  const record = await inspect.record('jobs', id)
  const [row] = await space.hub.recordHeads('jobs', { after: '', limit: 10 })
  expect(record).toMatchObject({
    heads: row!.heads,
    channels: [CHANNEL],
    actors: expect.any(Number),
    isDeleted: false,
  })
  expect(record!.entries).toBeGreaterThan(0)
  await live.remove('jobs', id)
  expect(await inspect.record('jobs', id)).toMatchObject({ isDeleted: true })
  expect(await inspect.record('jobs', 'nobody')).toBeUndefined()
  expect(await inspect.about()).toMatchObject({ node: space.edge.node, collections: ['jobs'], parked: 0 })
})

describe('DT-12: lines', () => {
  test('tell who is at the other end, and count what goes over them', async () => {
    const { space, live, inspect } = await opened()
    const told = lines(inspect)
    await told.until(isOpen)
    await live.saved('jobs', await live.create('jobs', job()), 'hub')
    const [line] = await told.until(([one]) => one!.session!.entriesOut > 0 && one!.session!.current)
    expect(line).toMatchObject({
      phase: 'open',
      endings: [],
      session: {
        peer: { node: space.hub.node, subject: 'hub', role: 'authority' },
        granted: { read: [CHANNEL], write: [CHANNEL] },
        unacknowledged: 0,
        bufferedBytes: 0,
      },
    })
    expect(line!.session!.creditBytes).toBeGreaterThan(0)
    expect(line!.session!.bytesOut).toBeGreaterThan(100)
  })

  test('DT-26: tell how a session ended, with its code and words', async () => {
    const { inspect } = await opened()
    const told = lines(inspect)
    await told.until(isOpen)
    await inspect.setNetwork({ kind: 'cut' })
    const [line] = await told.until(
      ([one]) => one!.endings.length > 0 && one!.reason?.code === 'network-unreachable',
    )
    expect(line!.endings).toMatchObject([
      { code: 1000, reason: expect.stringContaining('simulator'), retry: true },
    ])
    expect(line!.session).toBeUndefined()
    expect(line!.phase).toBe('waiting')
  })
})

describe('on a simulated network', () => {
  test('DT-21: an edit made while it is cut arrives when it is over', async () => {
    const { space, live, inspect } = await opened()
    const told = lines(inspect)
    await told.until(isOpen)
    await inspect.setNetwork({ kind: 'cut' })
    await told.until(([one]) => one?.phase === 'waiting')
    const id = await live.create('jobs', job({ title: 'in the cellar' }))
    expect(await space.hub.jobs.get(id)).toBeUndefined()
    await inspect.setNetwork({ kind: 'off' })
    await live.saved('jobs', id, 'hub')
    expect(await space.hub.jobs.get(id)).toMatchObject({ title: 'in the cellar' })
    // Cut again, the session is broken by the simulator itself.
    await told.until(isOpen)
    await inspect.setNetwork({ kind: 'cut' })
    const [line] = await told.until(([one]) => one?.endings.length === 2)
    expect(line!.endings[0]).toMatchObject({ code: 1006, reason: 'the network simulator has cut the line' })
  })

  test('DT-22 DT-26: over a slow line a session opens and edits arrive', async () => {
    const { space, live, inspect } = await opened()
    const network = new Told<NetworkState>()
    onTestFinished(inspect.watchNetwork(network.told, network.failed))
    await inspect.setNetwork({ kind: 'slow', bytesPerSecond: 20_000, delayMs: 20 })
    const id = await live.create('jobs', job())
    await live.saved('jobs', id, 'hub')
    expect(await space.hub.jobs.get(id)).toBeDefined()
    expect((await network.until(({ delayed }) => delayed > 0)).network.kind).toBe('slow')
  })

  test('DT-24: whatever answers are lost, nothing comes twice', async () => {
    const { space, live, inspect } = await opened()
    const network = new Told<NetworkState>()
    onTestFinished(inspect.watchNetwork(network.told, network.failed))
    const told = lines(inspect)
    await told.until(isOpen)
    const id = await live.create('jobs', job({ hours: 1 }))
    await live.saved('jobs', id, 'hub')
    await inspect.setNetwork({ kind: 'lose-acks' })
    for (let round = 1; round <= 3; round++) {
      const base = (await live.get('jobs', id)) as JsonObject
      await live.update('jobs', id, { base, wanted: { ...base, hours: (base.hours as number) + 2 } })
      await network.until(({ lostAcks }) => lostAcks >= round)
    }
    await inspect.setNetwork({ kind: 'off' })
    await live.saved('jobs', id, 'hub')
    expect(await space.hub.jobs.get(id)).toMatchObject({ hours: 7 })
    const [here, there] = [await live.history('jobs', id), await space.hub.jobs.history(id)]
    expect(there.map(({ hash }) => hash)).toEqual(here.map(({ hash }) => hash))
    expect(new Set(here.map(({ hash }) => hash)).size).toBe(4)
  })

  test('DT-25: numbers that are none are refused with their bounds', async () => {
    const { inspect } = await opened()
    await expect(inspect.setNetwork({ kind: 'slow', bytesPerSecond: 0, delayMs: 0 })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('from 50 to'),
    })
  })
})
