/** Whether an order was deleted, by whom, what one person wrote in it, and the way back. */
import type { HistoryItem, JsonObject } from '@skerry/core'
import { LiveError, type LiveRecord } from '@skerry/live'
import { expect, test } from 'vitest'
import { bringBack, type Deletion, deletionOf } from './deletion.ts'

const ME = 'tech:ben'
const base = { title: 'Pump', notes: 'Before.', priority: 'normal', hours: 1 }

interface Made extends Pick<HistoryItem, 'author' | 'fields'> {
  /** As it was once the change was made; undefined: deleted. */
  was: JsonObject | undefined
}

const made: Made = { author: 'hub', fields: [['title'], ['notes'], ['priority'], ['hours']], was: base }
const bens: Made = { author: ME, fields: [['notes']], was: { ...base, notes: 'Before. Bens.' } }
const gone: Made = { author: 'hub', fields: [], was: undefined }

/** An order with such a history. */
function orderOf(...changes: Made[]) {
  let now: LiveRecord | undefined
  const items = changes.map(({ author, fields }, index) => ({
    hash: `h${index}`,
    actor: author === ME ? 'bb' : 'aa',
    seq: index + 1,
    author,
    time: 1_000 * index,
    fields,
  }))
  const calls: unknown[] = []
  const at = async (_: string, id: string, hash: string) => {
    const { was } = changes[items.findIndex((item) => item.hash === hash)]!
    return was && { id, ...was }
  }
  const replica = {
    history: async () => items,
    at,
    restore: async (collection: string, id: string, hash: string) => {
      calls.push(['restore', hash])
      now = await at(collection, id, hash)
    },
    get: async () => now,
    update: async (_: string, __: string, edit: { base: JsonObject; wanted: JsonObject }) => {
      calls.push(['update', edit])
    },
  }
  return { replica, items, calls }
}

/** As it is told of one that was deleted. */
async function toldOf(replica: ReturnType<typeof orderOf>['replica']): Promise<Deletion> {
  const deletion = await deletionOf(replica, 'o1', ME)
  if (!deletion) throw new Error('it is not told as deleted')
  return deletion
}

test('what he wrote beside the deletion is told with who deleted the order and when, in either order of the two', async () => {
  for (const changes of [
    [made, bens, gone],
    [made, gone, bens],
  ]) {
    const { replica, items } = orderOf(...changes)
    const deletion = await deletionOf(replica, 'o1', ME)
    expect(deletion).toMatchObject({ id: 'o1', title: 'Pump', isOwn: false })
    expect(deletion?.by).toBe(items[changes.indexOf(gone)])
    expect(deletion?.written).toMatchObject({
      hash: items[changes.indexOf(bens)]?.hash,
      order: { notes: 'Before. Bens.' },
      fields: ['notes'],
      others: [],
      both: [],
    })
  }
})

test('an order that is there is not deleted, nor one that was brought back; one that is not here neither', async () => {
  expect(await deletionOf(orderOf(made, bens).replica, 'o1', ME)).toBe(null)
  const undone = orderOf(made, bens, gone)
  await undone.replica.restore('work_orders', 'o1', 'h1')
  expect(await deletionOf(undone.replica, 'o1', ME)).toBe(null)
  const { replica } = orderOf(made)
  const notFound = new LiveError('RecordNotFound', 'not-found', 'there is no work_orders/o1 here')
  expect(await deletionOf({ ...replica, history: () => Promise.reject(notFound) }, 'o1', ME)).toBe(null)
  const broken = new LiveError('StoreError', 'store-failed', 'no')
  await expect(deletionOf({ ...replica, history: () => Promise.reject(broken) }, 'o1', ME)).rejects.toBe(
    broken,
  )
})

test('who wrote nothing in it is told that it was deleted, and how it was called; who deleted it, that he did', async () => {
  const others = { ...bens, author: 'tech:ana' }
  const deletion = await deletionOf(orderOf(made, others, gone).replica, 'o1', ME)
  expect(deletion).toMatchObject({ title: 'Pump', isOwn: false })
  expect(deletion?.written).toBe(undefined)
  expect(await deletionOf(orderOf(made, { ...gone, author: ME }).replica, 'o1', ME)).toMatchObject({
    isOwn: true,
  })
  const unknown = { ...bens, author: undefined }
  expect((await deletionOf(orderOf(made, unknown, gone).replica, 'o1', undefined))?.written).toBe(undefined)
})

test('it comes back as he left it, with fields that others alone wrote in meanwhile; of one that both wrote in, his', async () => {
  const urgent = { author: 'hub', fields: [['priority'], ['hours']], was: { ...base, priority: 'high' } }
  const { hours: _, ...unpaid } = urgent.was
  const theirs = { author: 'hub', fields: [['notes']], was: { ...base, notes: 'Before. The hub’s.' } }
  const { replica, calls, items } = orderOf(made, bens, { ...urgent, was: unpaid }, theirs, gone)
  const written = (await deletionOf(replica, 'o1', ME))?.written
  expect(written?.both).toEqual(['notes'])
  expect(written?.others).toEqual([
    { field: 'priority', value: 'high' },
    { field: 'hours', value: undefined },
  ])
  await bringBack(replica, await toldOf(replica), ME)
  expect(calls).toEqual([
    ['restore', items[1]!.hash],
    ['update', { base: bens.was, wanted: { title: 'Pump', notes: 'Before. Bens.', priority: 'high' } }],
  ])
})

test('with nothing of others it is one edit, and none where it is back already', async () => {
  const { replica, calls, items } = orderOf(made, bens, gone)
  const deletion = await toldOf(replica)
  await bringBack(replica, deletion, ME)
  expect(calls).toEqual([['restore', items[1]!.hash]])
  await bringBack(replica, deletion, ME)
  expect(calls).toHaveLength(1)
})

test('where its content has gone since, the replica’s refusal is told, and nothing passes for brought back', async () => {
  const { replica } = orderOf(made, bens, gone)
  const deletion = await toldOf(replica)
  const notFound = new LiveError('RecordNotFound', 'not-found', 'there is no work_orders/o1 here to restore')
  const refusing = () => Promise.reject(notFound)
  await expect(bringBack({ ...replica, history: refusing, restore: refusing }, deletion, ME)).rejects.toBe(
    notFound,
  )
})

test('who deleted it is told also where a rule mended what was written beside it, and where the row was changed and deleted at once', async () => {
  const mended = { author: 'hub', fields: [['notes']], was: undefined }
  const anas = { ...gone, author: 'tech:ana' }
  expect((await toldOf(orderOf(made, bens, anas, mended).replica)).by.author).toBe('tech:ana')
  const both = { author: undefined, fields: [['status']], was: undefined }
  const { replica, items } = orderOf(made, bens, both)
  expect((await toldOf(replica)).by).toBe(items[2])
})
