import type { Adapter, ExternalRow } from '@skerry/bridge'
import type { HubSpotFault } from '@skerry/sandbox/hubspot'
import { expect, test } from 'vitest'
import { call, startAccount } from './account.ts'

/** To the end of the listing. */
async function told(adapter: Adapter, position: string | undefined, limit = 50) {
  const rows: ExternalRow[] = []
  let at = position
  for (let pages = 1; ; pages++) {
    const answer = await adapter.changes('visits', at, limit, call)
    if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
    expect(answer.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...answer.rows)
    at = answer.next
    if (answer.complete) return { rows, position: answer.next, pages }
  }
}

const ids = (rows: readonly { id: string }[]) => [...new Set(rows.map(({ id }) => id))].sort()
const LAG_MS = 2_000

test('HS-10 the first pass lists from the database, which knows what no search does yet', async () => {
  const account = await startAccount({ settings: { searchLagMs: 3_600_000 } })
  const made = await account.seed(Array.from({ length: 5 }, () => ({ title: 'unheard of' })))
  const { rows, pages } = await told(account.adapter(), undefined, 2)
  expect([ids(rows), pages]).toEqual([made, 3])
  expect(await account.requests()).not.toContain('POST /crm/v3/objects/visits/search')
})

test('HS-42 an answer that is too large to be read is refused, also of what is asked by POST: nothing was written', async () => {
  const account = await startAccount()
  const adapter = account.adapter({ responseBytesMax: 100_000 })
  const id = await account.create({ title: 'first' })
  const { position } = await told(adapter, undefined)
  for (const ask of [
    () => adapter.changes('visits', position, 10, call),
    async () => (await adapter.readMany!('visits', [id], call))[0],
  ]) {
    await account.fault({ fault: 'swell-body', bytes: 100_000, count: 1 } as HubSpotFault)
    expect(await ask()).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('POST /crm/') })
  }
})

test('HS-11 what the index shows late is told, as long as it comes within the overlap; rows are told as they are', async () => {
  const account = await startAccount({ settings: { searchLagMs: LAG_MS } })
  const adapter = account.adapter({ overlapMs: 10_000 })
  let { position } = await told(adapter, undefined)
  await account.advance(5_000)
  const id = await account.create({ title: 'first' })
  await account.advance(LAG_MS - 200)
  const before = await told(adapter, position)
  expect(before.rows).toEqual([])
  await account.advance(200)
  await account.edit('update', id, { title: 'second' })
  // The index knows the first state alone.
  const after = await told(adapter, before.position)
  expect(after.rows).toMatchObject([{ id, value: { title: 'second' } }])
  await account.advance(20_000)
  position = (await told(adapter, after.position)).position
  expect((await told(adapter, position)).rows, 'at rest').toEqual([])
})

test('HS-11 more rows of one time than a query can be paged through, and others around them, are all told', async () => {
  const account = await startAccount({ settings: { searchLagMs: 0, searchResults: 50 } })
  const adapter = account.adapter({ overlapMs: 0 })
  const { position } = await told(adapter, undefined)
  const start = Date.now() + 1_000
  const titled = (count: number) => Array.from({ length: count }, () => ({ title: 't' }))
  account.hold(start)
  const many = await account.seed(titled(130))
  account.hold(start + 1)
  const few = await account.seed(titled(3))
  account.hold(start + 2)
  const { rows } = await told(adapter, position, 20)
  expect(ids(rows)).toEqual([...many, ...few].sort())
})

test('HS-11 rows that change while they are listed, and rows of one time on every side of a page, are told', async () => {
  const account = await startAccount({ settings: { searchLagMs: 0 } })
  const adapter = account.adapter({ overlapMs: 0 })
  const { position } = await told(adapter, undefined)
  const start = Date.now() + 1_000
  for (const limit of [1, 2, 3, 5]) {
    const made: string[] = []
    for (const [i, count] of [1, 4, 2, 1, 3].entries()) {
      account.hold(start + limit * 100 + i)
      made.push(...(await account.seed(Array.from({ length: count }, () => ({ title: 't' })))))
    }
    const first = await adapter.changes('visits', position, limit, call)
    if (first.kind !== 'page') throw new Error(first.kind)
    account.hold(start + limit * 100 + 50)
    await account.edit('update', made[5]!, { title: 'moved to the end' })
    const { rows } = await told(adapter, first.next, limit)
    const all = [...first.rows, ...rows]
    for (const id of made) expect(all.findLast((row) => row.id === id)).toBeDefined()
    expect(all.findLast(({ id }) => id === made[5])?.value.title).toBe('moved to the end')
  }
})

test('HS-11 contacts have their time in a property of their own', async () => {
  const account = await startAccount({ settings: { searchLagMs: 0 } })
  const types = { contacts: { externalId: 'skerry_id', properties: ['email'] } }
  const adapter = account.adapter({ types })
  const { next } = (await adapter.changes('contacts', undefined, 10, call)) as { next: string }
  const [id] = await account.seed([{ email: 'a@example.com' }], 'contacts')
  expect(await adapter.changes('contacts', next, 10, call)).toMatchObject({ kind: 'page', rows: [{ id }] })
})

test('HS-12 archived rows are told once a listing of them is due, those from before are not', async () => {
  const account = await startAccount({ settings: { searchLagMs: 0 } })
  const adapter = account.adapter({ archivedEveryMs: 600_000, overlapMs: 1_000 })
  const [old = '', young = '', last = ''] = await account.seed([
    { title: 'a', skerry_id: 'o' },
    { title: 'b', skerry_id: 'y' },
    { title: 'c' },
  ])
  await account.edit('archive', old)
  await account.advance(5_000)
  let { position } = await told(adapter, undefined)
  await account.advance(5_000)
  await account.edit('archive', young)
  const soon = await told(adapter, position)
  expect(
    soon.rows.filter(({ deleted }) => deleted),
    'not yet',
  ).toEqual([])
  expect((await account.requests()).filter((one) => one === 'GET /crm/v3/objects/visits')).toHaveLength(1)
  await account.advance(600_000)
  const due = await told(adapter, soon.position)
  expect(due.rows.filter(({ deleted }) => deleted)).toEqual([
    { type: 'visits', id: young, externalId: 'y', version: 'deleted', deleted: true, value: {} },
  ])
  position = due.position
  await account.advance(600_000)
  await account.edit('archive', last)
  expect((await told(adapter, position)).rows).toMatchObject([{ id: last, deleted: true }])
})

test('HS-09 what was merged into a row is told as deleted with it, over as many pages as it takes', async () => {
  const account = await startAccount({ settings: { searchLagMs: 0 } })
  const adapter = account.adapter({ overlapMs: 1_000 })
  const [kept = '', ...gone] = await account.seed(Array.from({ length: 6 }, () => ({ title: 't' })))
  const { position } = await told(adapter, undefined)
  await account.advance(10_000)
  for (const merged of gone) await account.edit('merge', kept, {}, { merged })
  const { rows, position: end } = await told(adapter, position, 2)
  expect(ids(rows.filter(({ deleted }) => deleted))).toEqual(gone)
  expect(rows.find(({ id }) => id === kept)).toMatchObject({ deleted: false })
  await account.advance(10_000)
  const again = await told(adapter, end, 2)
  await account.advance(10_000)
  expect((await told(adapter, again.position, 2)).rows, 'at rest').toEqual([])
})

test('HS-13 a position of another kind, or older than archived rows are kept, is expired', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  const { position } = await told(adapter, undefined)
  for (const other of ['{}', '{"kind":"list","archived":true,"after":""}', '{"kind":"changes","since":-1}'])
    expect(await adapter.changes('visits', other, 10, call)).toEqual({ kind: 'expired' })
  await account.advance(88 * 86_400_000)
  expect((await adapter.changes('visits', position, 10, call)).kind).toBe('page')
  await account.advance(2 * 86_400_000)
  expect(await adapter.changes('visits', position, 10, call)).toEqual({ kind: 'expired' })
  expect(await adapter.list!('visits', position, 10, call)).toEqual({ kind: 'expired' })
})

test('HS-14 a listing leads through archived rows and then through all that live', async () => {
  const account = await startAccount()
  const made = await account.seed(Array.from({ length: 7 }, () => ({ title: 't' })))
  for (const id of made.slice(2, 5)) await account.edit('archive', id)
  const adapter = account.adapter()
  const listed: [string, boolean][] = []
  let at: string | undefined
  for (let complete = false; !complete; ) {
    const answer = await adapter.list!('visits', at, 2, call)
    if (answer.kind !== 'page') throw new Error(answer.kind)
    expect(answer.proves).toBe(true)
    listed.push(...answer.rows.map(({ id, deleted }): [string, boolean] => [id, deleted]))
    at = answer.next
    complete = answer.complete
  }
  expect(listed).toEqual([2, 3, 4, 0, 1, 5, 6].map((i) => [made[i], i >= 2 && i <= 4]))
})
