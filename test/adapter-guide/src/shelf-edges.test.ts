/** What the contract cannot provoke at a shelf, and the guide promises. */
import { expect, onTestFinished, test } from 'vitest'
import { Shelf } from './shelf.ts'
import { ShelfAdapter } from './shelf-adapter.ts'

const call = { signal: new AbortController().signal }

async function opened() {
  const shelf = new Shelf()
  const baseUrl = await shelf.open()
  onTestFinished(() => shelf.close())
  return { shelf, adapter: new ShelfAdapter({ baseUrl, key: 'shelf-key' }) }
}

test('an id that would step out of its place is no box, and nothing is asked about it', async () => {
  const { shelf, adapter } = await opened()
  expect(await adapter.read('boxes', { id: '..' }, call)).toEqual({ kind: 'absent' })
  const request = { id: '..', externalId: 'skerry:1', idempotencyKey: 'key' }
  expect(await adapter.delete('boxes', request, call)).toMatchObject({ kind: 'done', row: { deleted: true } })
  expect(shelf.requests).toBe(0)
})
