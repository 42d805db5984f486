/** ONCE: an edit that is asked for again under its id is made once, whatever became of the record meanwhile. */
import { encodeUtf8, MemoryDisk, memoryStore } from '@skerry/core'
import { liveOver } from '@skerry/live'
import { job, jobs } from '@skerry/live/testing'
import { nodeHost, openReplica, startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ONCE_ROWS_MAX } from '../src/over/once.ts'

const TABLE = 'edits-made'

/** A device whose engine comes at once, or when `warm` is called. */
async function device({ disk = new MemoryDisk(), isCold = false } = {}) {
  const { promise: engine, resolve } = Promise.withResolvers<void>()
  const store = memoryStore({ disk })
  const replica = await openReplica({ store, collections: { jobs }, ...(isCold && { engine }) })
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    resolve()
    await replica.close()
  }
  onTestFinished(close)
  const live = liveOver(replica, { host: nodeHost() })
  const warm = async () => {
    resolve()
    await replica.transact(async () => undefined)
  }
  const ids = async () => (await replica.tableRows(TABLE, { limit: ONCE_ROWS_MAX * 2 })).map(({ key }) => key)
  return { replica, live, disk, warm, ids, close }
}

const settled: string[] = []

beforeAll(startEngine)

describe.each([true, false])('ONCE: before the engine runs: %s', (isCold) => {
  test('an update is made once, also when its fields were changed by others meanwhile, and after a restart', async () => {
    const { live, disk, close } = await device({ isCold })
    await live.create('jobs', job({ notes: '', hours: 0 }), 'one')
    const base = (await live.get('jobs', 'one'))!
    const edit = { base, wanted: { ...base, notes: 'leaks', hours: 2 } }
    await live.update('jobs', 'one', edit, { id: 'e1', settled })
    await live.update('jobs', 'one', edit, { id: 'e1', settled })
    const now = (await live.get('jobs', 'one'))!
    expect(now).toMatchObject({ notes: 'leaks', hours: 2 })
    await live.update('jobs', 'one', { base: now, wanted: { ...now, notes: '' } })
    await close()
    const again = await device({ disk, isCold })
    await again.live.update('jobs', 'one', edit, { id: 'e1', settled })
    await again.warm()
    expect(await again.live.get('jobs', 'one')).toMatchObject({ notes: '', hours: 2 })
  })

  test('a record is made once, and not anew when it was removed meanwhile', async () => {
    const { live } = await device({ isCold })
    const once = { id: 'e1', settled }
    expect(await live.create('jobs', job(), 'one', once)).toBe('one')
    await live.remove('jobs', 'one')
    expect(await live.create('jobs', job(), 'one', once)).toBe('one')
    expect(await live.get('jobs', 'one')).toBeUndefined()
    await expect(live.create('jobs', job(), 'one', { id: 'e2', settled })).rejects.toMatchObject({
      code: 'exists',
    })
  })

  test('of a record that is made anew under no id, its id is told each time', async () => {
    const { live } = await device({ isCold })
    const once = { id: 'e1', settled }
    const id = await live.create('jobs', job(), undefined, once)
    expect(await live.get('jobs', id)).toMatchObject({ id })
    expect(await live.create('jobs', job(), undefined, once)).toBe(id)
  })

  test('IN ORDER: edits that nobody awaits are made as they were asked for, with and without an id, also after some that are refused', async () => {
    const { live } = await device({ isCold })
    const wrong = { base: {}, wanted: { title: 7 } }
    const right = { base: { title: 'made' }, wanted: { title: 'edited' } }
    const calls = [
      live.create('jobs', job({ title: 'made' }), 'one', { id: 'e1', settled }),
      live.update('jobs', 'one', wrong, { id: 'e2', settled }),
      live.remove('ships', 'one'),
      live.update('jobs', 'one', right, { id: 'e3', settled }),
      live.remove('jobs', 'one'),
    ]
    const became = await Promise.allSettled(calls)
    const refusals = became.map((one) => (one.status === 'rejected' ? one.reason.code : 'made'))
    expect(refusals).toEqual(['made', 'schema', 'unknown-collection', 'made', 'made'])
    expect(await live.get('jobs', 'one')).toBeUndefined()
  })

  test('an edit that changed nothing is made once, too', async () => {
    const { live } = await device({ isCold })
    await live.create('jobs', job({ title: 'new' }), 'one')
    const now = (await live.get('jobs', 'one'))!
    // What it wants is there already, by somebody else.
    const edit = { base: { ...now, title: 'old' }, wanted: now }
    await live.update('jobs', 'one', edit, { id: 'e1', settled })
    await live.update('jobs', 'one', { base: now, wanted: { ...now, title: 'newest' } })
    await live.update('jobs', 'one', edit, { id: 'e1', settled })
    expect(await live.get('jobs', 'one')).toMatchObject({ title: 'newest' })
  })

  test('what is refused leaves no id, and forgets none', async () => {
    const { live, ids } = await device({ isCold })
    await live.create('jobs', job(), 'one', { id: 'e1', settled })
    const wrong = { base: {}, wanted: { title: 7 } }
    const refused = live.update('jobs', 'one', wrong, { id: 'e2', settled: ['e1'] })
    await expect(refused).rejects.toMatchObject({ code: 'schema' })
    expect(await ids()).toEqual(['e1'])
  })

  test('ids that were answered are forgotten with the next edit', async () => {
    const { live, ids } = await device({ isCold })
    await live.create('jobs', job(), 'one', { id: 'e1', settled })
    await live.create('jobs', job(), 'two', { id: 'e2', settled: ['e1'] })
    expect(await ids()).toEqual(['e2'])
    await live.remove('jobs', 'two', { id: 'e3', settled: ['e2'] })
    expect(await ids()).toEqual(['e3'])
  })
})

test('ONCE: a change of the history is brought back once', async () => {
  const { live, replica } = await device()
  await live.create('jobs', job({ title: 'first' }), 'one')
  const base = (await live.get('jobs', 'one'))!
  const [first] = await live.history('jobs', 'one')
  await live.update('jobs', 'one', { base, wanted: { ...base, title: 'second' } })
  const once = { id: 'e1', settled }
  await live.restore('jobs', 'one', first!.hash, once)
  await live.update('jobs', 'one', { base: { title: 'first' }, wanted: { title: 'third' } })
  await live.restore('jobs', 'one', first!.hash, once)
  expect(await replica.collection('jobs').get('one')).toMatchObject({ title: 'third' })
})

test('ONCE: a record is removed once, and not again when it was brought back meanwhile', async () => {
  const { live } = await device()
  await live.create('jobs', job(), 'one')
  const [made] = await live.history('jobs', 'one')
  const once = { id: 'e1', settled }
  await live.remove('jobs', 'one', once)
  await live.restore('jobs', 'one', made!.hash)
  await live.remove('jobs', 'one', once)
  expect(await live.get('jobs', 'one')).toMatchObject({ id: 'one' })
})

test.each([
  [ONCE_ROWS_MAX, ONCE_ROWS_MAX + 1],
  [ONCE_ROWS_MAX + 1, ONCE_ROWS_MAX / 2 + 1],
])('ONCE: of %i ids that pages left behind, with one more %i are kept, the newest', async (left, kept) => {
  const { live, replica, ids } = await device()
  await replica.transact(async ({ tables }) => {
    for (let i = 0; i < left; i++) tables.put(TABLE, `left-${left - i}`, encodeUtf8(String(i)))
  })
  await live.create('jobs', job(), 'one', { id: 'mine', settled })
  const now = await ids()
  expect(now.length).toBe(kept)
  expect(now).toContain('mine')
  expect(now).toContain('left-1')
})
