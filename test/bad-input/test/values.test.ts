/** Values that do not fit are refused where they are written, before anything is kept; those that only the hub can judge are answered by it. */
import { collection, type Receipt } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { HonestPair } from '../src/honest.ts'
import { jobs, orders } from '../src/jobs.ts'
import { refusal, refusalOf } from '../src/refusal.ts'
import { enrolled, joinHub, startSpace } from '../src/space.ts'

/** Milliseconds in which a value is refused that no change can hold: before the engine has any of it. */
const REFUSED_MS_MAX = 2_000

async function world() {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const device = await enrolled(space, { subject: 'tech:cleo' }, { collections: { jobs, orders } })
  const join = async () => {
    const { link } = joinHub(space.hub, device)
    await link.opened()
    return link
  }
  return { space, honest, replica: device.replica, join }
}

describe('an unknown collection', () => {
  test('is named, with those there are', async () => {
    const { honest, replica } = await world()
    const refused = await refusalOf(() => replica.collection('job'))
    expect(refused).toMatchObject(refusal('unknown-collection', "'job'", 'it has jobs, orders'))
    await honest.goOn()
  })

  test('at the hub is answered with what the operator can do; other edits of the device go through', async () => {
    const { space, honest, replica, join } = await world()
    const link = await join()
    const order = await replica.orders.create({ title: 'two bearings' })
    const job = await replica.jobs.create({ title: 'fits', region: 'north' })
    const refused = await refusalOf(() => replica.orders.saved(order.id, 'hub'))
    expect(refused).toMatchObject({
      name: 'SaveRefused',
      ...refusal('unknown-collection', "'orders'", 'add it to the config'),
    })
    expect(await replica.aside()).toMatchObject([
      { record: `orders/${order.id}`, code: 'unknown-collection' },
    ])
    await replica.jobs.saved(job.id, 'hub')
    expect(await space.hub.replica.collection('jobs').get(job.id)).toMatchObject({ title: 'fits' })
    expect(link.state.phase).toBe('open')
    await honest.goOn()
  })
})

describe('a value against the schema', () => {
  test('is refused where it is written, with the place in the value', async () => {
    const { honest, replica } = await world()
    const created = await refusalOf(() =>
      replica.jobs.create({ title: 'a', region: 'north', priority: 9 }, { id: 'x' }),
    )
    expect(created).toMatchObject({
      name: 'RecordInvalid',
      ...refusal('schema', 'jobs/x', '/priority', '<=5'),
    })
    expect(await replica.jobs.get('x')).toBeUndefined()
    await replica.jobs.create({ title: 'a', region: 'north' }, { id: 'y' })
    const updated = await refusalOf(() =>
      replica.jobs.update('y', (job) => {
        job.title = 7 as never
      }),
    )
    expect(updated).toMatchObject(refusal('schema', 'jobs/y', '/title', 'expected string'))
    expect(await replica.jobs.get('y')).toMatchObject({ title: 'a' })
    await honest.goOn()
  })

  test('that only the hub finds is mended there, and the device is told why; its other fields stand', async () => {
    const { space, honest } = await world()
    const fields = z.object({ title: z.string(), region: z.string(), priority: z.number().optional() })
    const older = collection('jobs', fields, { channels: (job) => [`region:${job.region}`] })
    const { replica } = await enrolled(space, { subject: 'tech:old' }, { collections: { jobs: older } })
    joinHub(space.hub, { replica })
    await replica.jobs.create({ title: 'a', region: 'north', priority: 1 }, { id: 'old' })
    await replica.jobs.saved('old', 'hub')
    await replica.jobs.update('old', (job) => {
      job.priority = 9
      job.title = 'b'
    })
    const receipt = await new Promise<Receipt>((resolve, reject) => {
      const look = () => {
        replica.jobs.receipts('old').then(([first]) => first && resolve(first), reject)
      }
      replica.onCommit(look)
    })
    expect(receipt).toMatchObject({ place: 'hub', outcome: 'mended', rule: 'schema', fields: ['/priority'] })
    expect(receipt.reason).toMatch(/\/priority: .*<=5/)
    expect(await space.hub.replica.collection('jobs').get('old')).toMatchObject({ title: 'b', priority: 1 })
    await honest.goOn()
  })
})

describe('above a limit', () => {
  test('a text is refused before the engine has any of it, and the record goes on as it was', async () => {
    const { honest, replica, join } = await world()
    await replica.jobs.create({ title: 'a', region: 'north', notes: 'short' }, { id: 'long' })
    const started = performance.now()
    const refused = await refusalOf(() =>
      replica.jobs.update('long', (job) => {
        job.notes = 'x'.repeat(2_000_000)
      }),
    )
    expect(performance.now() - started).toBeLessThan(REFUSED_MS_MAX)
    const words = ['jobs/long', '2000005', 'limit 50000', 'split it']
    expect(refused).toMatchObject({ name: 'EditRefused', ...refusal('too-many-operations', ...words) })
    expect(await replica.jobs.get('long')).toMatchObject({ notes: 'short' })
    await join()
    await replica.jobs.update('long', (job) => {
      job.notes = 'still editable'
    })
    await replica.jobs.saved('long', 'hub')
    await honest.goOn()
  })

  test('a record is refused its last edit, and keeps the others', async () => {
    const { honest, replica } = await world()
    await replica.jobs.create({ title: 'a', region: 'north', notes: '' }, { id: 'heavy' })
    let letters = 0
    const refused = await refusalOf(async () => {
      for (; letters < 1_100_000; letters += 49_000)
        await replica.jobs.update('heavy', (job) => {
          job.notes += 'y'.repeat(49_000)
        })
    })
    const words = ['jobs/heavy', 'operations', 'limit 1000000', 'start a new record']
    expect(refused).toMatchObject({ name: 'EditRefused', ...refusal('record-too-large', ...words) })
    expect((await replica.jobs.get('heavy'))?.notes).toHaveLength(letters)
    const next = await replica.jobs.create({ title: 'the next one', region: 'north' })
    expect(await replica.jobs.get(next.id)).toMatchObject({ title: 'the next one' })
    await honest.goOn()
  })

  test('a record id is refused', async () => {
    const { honest, replica } = await world()
    const refused = await refusalOf(() =>
      replica.jobs.create({ title: 'a', region: 'north' }, { id: 'x'.repeat(129) }),
    )
    expect(refused).toMatchObject({ name: 'EditRefused', ...refusal('bad-id', "'xxx", '1 to 128') })
    await honest.goOn()
  })
})

test('a long text that is written over by another one is replaced as one piece', async () => {
  const { honest, replica } = await world()
  const [before, after] = ['😀abc'.repeat(4_000), '😁xyz'.repeat(4_000)]
  await replica.jobs.create({ title: 'a', region: 'north', notes: before }, { id: 'rewritten' })
  await replica.jobs.update('rewritten', (job) => {
    job.notes = after
  })
  expect(await replica.jobs.get('rewritten')).toMatchObject({ notes: after })
  await honest.goOn()
})
