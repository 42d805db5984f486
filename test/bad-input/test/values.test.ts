/** Values that do not fit are refused where they are written, before anything is kept; those that only the hub can judge are answered by it. */
import { memoryStore } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { collections, jobs, orders } from '../src/jobs.ts'
import { enrolled, joinHub, startSpace } from '../src/space.ts'

async function world() {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const device = await enrolled(space, { subject: 'tech:cleo' }, { collections: { jobs, orders } })
  const { link } = joinHub(space.hub, device)
  await link.opened()
  return { space, honest, replica: device.replica, link }
}

const caught = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error as Error & { code: string })

describe('an unknown collection', () => {
  test('is named with those there are', async () => {
    const { honest, replica } = await world()
    let error: unknown
    try { replica.collection('job') } catch (e) { error = e }
    console.log(error)
    expect(error).toMatchObject({ message: expect.stringMatching(/no collection 'job'.*jobs, orders/) })
    await honest.goOn()
  })

  test('at the hub is set aside with what the operator can do', async () => {
    const { space, honest, replica, link } = await world()
    const order = await replica.orders.create({ title: 'two bearings' })
    const job = await replica.jobs.create({ title: 'fits', region: 'north' })
    const refused = await caught(replica.orders.saved(order.id, 'hub'))
    console.log(refused)
    expect(refused).toMatchObject({ name: 'SaveRefused', code: 'unknown-collection', message: expect.stringMatching(/'orders'.*add it to the config/) })
    await replica.jobs.saved(job.id, 'hub')
    expect(await space.hub.replica.collection('jobs').get(job.id)).toMatchObject({ title: 'fits' })
    expect(link.state.phase).toBe('open')
    await honest.goOn()
  })
})

describe('a value against the schema', () => {
  test('is refused where it is written, with the place in the value', async () => {
    const { honest, replica } = await world()
    const created = await caught(replica.jobs.create({ title: 'a', region: 'north', priority: 9 }, { id: 'x' }))
    console.log(created)
    expect(created).toMatchObject({ name: 'RecordInvalid', code: 'schema', message: expect.stringMatching(/jobs\/x.*\/priority/) })
    expect(await replica.jobs.get('x')).toBeUndefined()
    const updated = await caught(replica.jobs.create({ title: 'a', region: 'north' }, { id: 'y' }).then(() => replica.jobs.update('y', (job) => { (job as { title: unknown }).title = 7 })))
    console.log(updated)
    expect(updated).toMatchObject({ code: 'schema', message: expect.stringMatching(/jobs\/y.*\/title/) })
    expect(await replica.jobs.get('y')).toMatchObject({ title: 'a' })
    await honest.goOn()
  })

  test('that only the hub finds is mended, and the device is told why', async () => {
    const { space, honest } = await world()
    const { collection } = await import('@skerry/core')
    const z = await import('zod')
    const older = collection('jobs', z.object({ title: z.string(), region: z.string(), priority: z.number().optional() }), { channels: (job) => [`region:${job.region}`] })
    const { replica } = await enrolled(space, { subject: 'tech:old' }, { collections: { jobs: older } })
    const { link } = joinHub(space.hub, { replica } as never)
    await link.opened()
    await replica.jobs.create({ title: 'a', region: 'north', priority: 1 }, { id: 'old' })
    await replica.jobs.saved('old', 'hub')
    await replica.jobs.update('old', (job) => { job.priority = 9; job.title = 'b' })
    await replica.jobs.saved('old', 'hub')
    const receipts = await new Promise<unknown[]>((resolve) => {
      const look = () => void replica.jobs.receipts('old').then((found) => { if (found.length > 0) { stop(); resolve(found) } })
      const stop = replica.onCommit(look)
      look()
    })
    console.log(receipts)
    expect(receipts).toMatchObject([{ place: 'hub', outcome: 'mended', rule: 'schema', fields: ['/priority'] }])
    expect(await space.hub.replica.collection('jobs').get('old')).toMatchObject({ title: 'b', priority: 1 })
    await honest.goOn()
  })
})

describe('above a limit', () => {
  test('a text of more than a megabyte is refused whole', async () => {
    const { honest, replica } = await world()
    await replica.jobs.create({ title: 'a', region: 'north', notes: 'short' }, { id: 'long' })
    const error = await caught(replica.jobs.update('long', (job) => { job.notes = 'x'.repeat(2_000_000) }))
    console.log(error)
    expect(error).toMatchObject({ name: 'EditRefused' })
    expect(await replica.jobs.get('long')).toMatchObject({ notes: 'short' })
    await replica.jobs.update('long', (job) => { job.notes = 'still editable' })
    await replica.jobs.saved('long', 'hub')
    await honest.goOn()
  })
  test('a record of more than a million operations is refused', async () => {
    const { honest, replica } = await world()
    await replica.jobs.create({ title: 'a', region: 'north', notes: '' }, { id: 'heavy' })
    let error: unknown
    for (let i = 0; i < 40 && !error; i++) error = await caught(replica.jobs.update('heavy', (job) => { job.notes = `${job.notes ?? ''}${'y'.repeat(40_000)}` }))
    console.log(error)
    expect(error).toMatchObject({ name: 'EditRefused', code: 'record-too-large' })
    await honest.goOn()
  })
  test('a record id', async () => {
    const { honest, replica } = await world()
    const error = await caught(replica.jobs.create({ title: 'a', region: 'north' }, { id: 'x'.repeat(129) }))
    console.log(error)
    expect(error).toMatchObject({ name: 'EditRefused', code: 'bad-id', message: expect.stringMatching(/1 to 128/) })
    await honest.goOn()
  })
})
void memoryStore
void collections
