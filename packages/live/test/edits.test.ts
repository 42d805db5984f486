/** Writing from a page. */

import { live as all, edits } from '@skerry/live'
import { type Job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { opened, until } from './opened.ts'

beforeAll(startEngine)

const value: Job = { title: 't', status: 'open', site: 'SEA', hours: 1, parts: [{ sku: 'a', qty: 1 }] }

test('records are created, changed as they are shown, and removed', async () => {
  const { live } = await opened()
  const { create, update, remove, restore } = edits(live, jobs)
  const query = all(live, jobs)
  query.subscribe(() => undefined)
  const id = await create(value)
  const { records } = await until(query, (snapshot) => snapshot.records.length === 1)
  const twice = [1, 2].map(() =>
    update(records[0]!, (draft) => {
      draft.hours! += 2
      draft.parts![0]!.qty += 1
    }),
  )
  await Promise.all(twice)
  expect(query.get().records[0]).toEqual({ ...value, id, hours: 5, parts: [{ sku: 'a', qty: 2 }] })
  expect(records[0]?.parts, 'the record that was shown').toEqual([{ sku: 'a', qty: 1 }])
  const [made] = await live.history('jobs', id)
  await restore(id, made!.hash)
  expect(query.get().records[0]?.hours).toBe(1)
  await remove(id)
  expect(query.get().records).toEqual([])
})

test('a change that goes on later, a key that would be lost, and a replica that is not open are refused in words', async () => {
  const { live } = await opened()
  const id = await edits(live, jobs).create(value)
  const shown = { ...value, id }
  const later = edits(live, jobs).update(shown, (async () => undefined) as never)
  await expect(later).rejects.toMatchObject({ name: 'DraftError', code: 'draft' })
  const lost = edits(live, jobs).update(shown, (draft) => {
    // biome-ignore lint/suspicious/noProto: it is what an app may not do
    ;(draft as unknown as Record<string, unknown>).__proto__ = { a: 1 }
  })
  await expect(lost).rejects.toMatchObject({ name: 'DraftError', code: 'draft' })
  await expect(edits(undefined, jobs).remove(id)).rejects.toMatchObject({ code: 'not-open' })
})
