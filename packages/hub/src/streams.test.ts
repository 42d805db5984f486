import { memoryStore, type ReplicaBase } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { openStreams, segmentKind } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { expect, onTestFinished, test } from 'vitest'
import { type AppFixture, openApp, problemIn } from './app.test-support.ts'
import { collections, issue, join, type RunningHub, runHub, until } from './hub.test-support.ts'
import { startRecordThresholds } from './record-thresholds.ts'
import type { RecordThreshold } from './stream-settings.ts'

const storm: RecordThreshold = {
  name: 'storm',
  streams: '*/wind',
  above: 20,
  clear: 10,
  forReadings: 2,
  opens: ({ stream, value }) => ({
    collection: 'jobs',
    value: { title: `${stream} ${value}`, region: 'north', open: true, rank: 1 },
  }),
  closes: (job) => ({ ...job, open: false }),
}

interface Answer {
  readings: [number, number | null][]
  buckets: { startMs: number; count: number; max: number }[]
  streams: { stream: string; readings: number }[]
  nextMs: number | null
  next?: string
}

async function withReadings(): Promise<AppFixture> {
  const fixture = await openApp()
  await write(fixture.replica, 'gw-1/wind', [1, 2, Number.NaN, 4])
  await write(fixture.replica, 'gw-2/wind', [9])
  return fixture
}

/** One segment, a reading each second from 1970 on. */
async function write(replica: ReplicaBase, stream: string, values: readonly number[]): Promise<void> {
  const streams = await openStreams(replica, { compressor: nodeCompressor })
  values.forEach((value, i) => {
    streams.append(stream, i * 1_000, value)
  })
  await streams.close()
}

async function openGateway(hub: RunningHub) {
  const gateway = await openReplica({
    store: memoryStore(),
    authority: hub.authority,
    collections,
    space: 'acme',
    kinds: { segment: segmentKind({ compressor: nodeCompressor }) },
  })
  onTestFinished(() => gateway.close())
  await gateway.setCredential(await issue(hub, gateway, 'gateway:1', { read: [], write: ['stream:gw-1'] }))
  return gateway
}

const answerOf = async (response: Response) => (await response.json()) as Answer
const readingsPath = (stream: string, query = '') =>
  `/api/v1/streams/${encodeURIComponent(stream)}/readings${query}`

test('readings of a range, in pages; a gap is null', async () => {
  const { asAdmin } = await withReadings()
  const all = await answerOf(await asAdmin(readingsPath('gw-1/wind')))
  expect(all).toMatchObject({
    readings: [
      [0, 1],
      [1_000, 2],
      [2_000, null],
      [3_000, 4],
    ],
    nextMs: null,
  })
  const first = await answerOf(await asAdmin(readingsPath('gw-1/wind', '?from=1000&to=4000&limit=2')))
  expect(first).toMatchObject({
    readings: [
      [1_000, 2],
      [2_000, null],
    ],
    nextMs: 3_000,
  })
  const from = new Date(first.nextMs!).toISOString()
  const second = await answerOf(await asAdmin(readingsPath('gw-1/wind', `?from=${from}&to=4000&limit=2`)))
  expect(second).toMatchObject({ readings: [[3_000, 4]], nextMs: null })
})

test('a range in buckets', async () => {
  const { asAdmin } = await withReadings()
  const { buckets } = await answerOf(
    await asAdmin(readingsPath('gw-1/wind', '?from=0&to=4000&bucketMs=2000')),
  )
  expect(buckets).toMatchObject([
    { startMs: 0, count: 2, max: 2 },
    { startMs: 2_000, count: 1, max: 4 },
  ])
})

test('a device sees the streams of its channels', async () => {
  const { device, asAdmin } = await withReadings()
  const first = await device(['stream:gw-1'])
  expect((await answerOf(await asAdmin('/api/v1/streams'))).streams).toHaveLength(2)
  expect(await answerOf(await first.get('/api/v1/streams'))).toEqual({
    streams: [expect.objectContaining({ stream: 'gw-1/wind', readings: 4 })],
  })
  expect((await first.get(readingsPath('gw-1/wind'))).status).toBe(200)
  const foreign = await problemIn(await first.get(readingsPath('gw-2/wind')))
  const missing = await problemIn(await first.get(readingsPath('gw-3/wind')))
  expect(foreign.detail.replace('gw-2', 'gw-3')).toBe(missing.detail)
})

test.each(['?from=yesterday', '?bucketMs=0', '?limit=0', '?from=2000&to=1000', '?form=1'])(
  'a question that makes no sense (%s) is told what is wrong with it',
  async (query) => {
    const { asAdmin } = await withReadings()
    const problem = await problemIn(await asAdmin(readingsPath('gw-1/wind', query)))
    expect(problem).toMatchObject({ status: 400, code: 'invalid-request' })
  },
)

test('streams are listed in pages', async () => {
  const { asAdmin } = await withReadings()
  const first = await answerOf(await asAdmin('/api/v1/streams?limit=1'))
  expect(first).toMatchObject({ streams: [{ stream: 'gw-1/wind' }], next: 'gw-1/wind' })
  const second = await answerOf(await asAdmin(`/api/v1/streams?after=${first.next}&prefix=gw-2`))
  expect(second.streams).toMatchObject([{ stream: 'gw-2/wind' }])
})

test('a threshold opens a record once, and closes it when the readings are back', async () => {
  const hub = await runHub({}, [], { thresholds: [storm] })
  const gateway = await openGateway(hub)
  await write(gateway, 'gw-1/wind', [25, 26, 27, 5, 6])
  const { link } = join(hub, gateway)
  await link.opened()
  const jobs = hub.replica.collection('jobs')
  await until(hub.replica, async () => (await jobs.where({ open: false }).count()) === 1)
  expect(await jobs.all()).toMatchObject([{ title: 'gw-1/wind 26', open: false }])
  expect((await hub.replica.entriesOf(`jobs/${(await jobs.all())[0]!.id}`)).length).toBe(2)
})

test.each([
  [{ collection: 'jobs', value: { title: 'no more than that' } }, 'does not fit its schema'],
  [{ collection: 'jbos', value: {} }, "there is no collection 'jbos'"],
])('a record that cannot be made is told, and nothing is kept of it', async (record, words) => {
  const { replica, log } = await openApp()
  await write(replica, 'gw-1/wind', [25, 25])
  const thresholds = startRecordThresholds(replica, [{ ...storm, opens: () => record }], log)
  await expect(thresholds.idle()).rejects.toThrow(words)
  await thresholds.close()
  expect(await replica.collection('jobs').all()).toEqual([])
})
