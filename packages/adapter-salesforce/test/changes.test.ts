import type { Adapter, ExternalRow } from '@skerry/bridge'
import { expect, test } from 'vitest'
import { call, type Organisation, startOrganisation } from './organisation.ts'

const minute = 60_000

async function told(adapter: Adapter, position: string | undefined, limit = 50) {
  const rows: ExternalRow[] = []
  let at = position
  for (;;) {
    const answer = await adapter.changes('Visit__c', at, limit, call)
    if (answer.kind !== 'page') return { kind: answer.kind, rows, at: at ?? '' }
    expect(answer.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...answer.rows)
    at = answer.next
    if (answer.complete) return { kind: 'page', rows, at }
  }
}

const names = (rows: readonly ExternalRow[]) => rows.map(({ value }) => value.Name)

async function countedRequests({ requests }: Organisation, work: () => Promise<unknown>): Promise<number> {
  const before = (await requests()).length
  await work()
  return (await requests()).length - before
}

test('SF-10 rows of one second are told in the order of their ids, whatever the page, with what was deleted among them', async () => {
  const org = await startOrganisation()
  org.hold(Date.now())
  const ids = await org.seed(Array.from({ length: 7 }, (_, i) => ({ Name: `a${i}` })))
  await org.edit('delete', ids[3]!)
  for (const limit of [1, 2, 3, 7, 8]) {
    const { rows } = await told(org.adapter(), undefined, limit)
    expect(rows.map(({ id }) => id)).toEqual(ids)
    expect(rows.map(({ deleted }) => deleted).indexOf(true)).toBe(3)
  }
})

test('SF-10 a row that is changed to the second of the last page, with a lower id, is told by the next pass', async () => {
  const org = await startOrganisation()
  org.hold(Date.now())
  const [first, second] = await org.seed([{ Name: 'a' }, { Name: 'b' }])
  const adapter = org.adapter()
  const page = await adapter.changes('Visit__c', undefined, 2, call)
  if (page.kind !== 'page') throw new Error(page.kind)
  expect(page).toMatchObject({ complete: false, rows: [{ id: first }, { id: second }] })
  await org.edit('update', first!, { Name: 'a again' })
  const rest = await told(adapter, page.next)
  expect(names(rest.rows)).toEqual([])
  expect(names((await told(adapter, rest.at)).rows)).toContain('a again')
})

test('CDC-2: SF-10 what a long transaction wrote is told although its time is older, and not for ever again', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ overlapMs: 10 * minute })
  const { row } = await org.admin<{ row: { id: string } }>('POST', '/late', {
    type: 'Visit__c',
    fields: { Name: 'late' },
  })
  await org.advance(9 * minute)
  await org.create({ Name: 'meanwhile' })
  const first = await told(adapter, undefined)
  expect(names(first.rows)).toEqual(['meanwhile'])
  await org.admin('POST', '/show', { type: 'Visit__c', id: row.id })
  const second = await told(adapter, first.at)
  expect(names(second.rows)).toContain('late')
  await org.advance(30 * minute)
  const third = await told(adapter, second.at)
  const fourth = await told(adapter, third.at)
  await org.advance(minute)
  expect((await told(adapter, fourth.at)).rows).toEqual([])
})

test('SF-11 what is in the bin no more is told as deleted, in the same request as the rows', async () => {
  const org = await startOrganisation()
  const ids = await org.seed([{ Name: 'a' }, { Name: 'b' }])
  const adapter = org.adapter()
  const { at } = await told(adapter, undefined)
  await org.advance(30 * minute)
  await org.edit('delete', ids[0]!)
  await org.admin('POST', '/bin/empty', { type: 'Visit__c' })
  await org.advance(2 * minute)
  let found: Awaited<ReturnType<typeof told>> | undefined
  const requests = await countedRequests(org, async () => {
    found = await told(adapter, at)
  })
  expect(found?.rows.filter(({ deleted }) => deleted)).toEqual([
    { type: 'Visit__c', id: ids[0], externalId: undefined, version: 'deleted', deleted: true, value: {} },
  ])
  expect(requests).toBe(1)
  await org.advance(30 * minute)
  expect((await told(adapter, found?.at)).rows).toEqual([])
})

test('SF-11 many deletions come page by page, in requests that ask for them once', async () => {
  const org = await startOrganisation()
  const ids = await org.seed(Array.from({ length: 7 }, (_, i) => ({ Name: `a${i}` })))
  const adapter = org.adapter()
  const { at } = await told(adapter, undefined)
  await org.advance(30 * minute)
  for (const id of ids) await org.edit('delete', id)
  await org.admin('POST', '/bin/empty', { type: 'Visit__c' })
  await org.create({ Name: 'kept' })
  await org.advance(2 * minute)
  let found: ExternalRow[] = []
  const requests = await countedRequests(org, async () => {
    found = (await told(adapter, at, 3)).rows
  })
  expect(found.filter(({ deleted }) => deleted).map(({ id }) => id)).toEqual(ids)
  expect(names(found.filter(({ deleted }) => !deleted))).toEqual(['kept'])
  expect(requests).toBe(1)
  const another = await told(org.adapter(), at, 3)
  expect(another.rows.filter(({ deleted }) => deleted).map(({ id }) => id)).toEqual(ids)
})

test('SF-11 within the minute nobody asks for deletions: it is one query', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const { at } = await told(adapter, undefined)
  await told(adapter, at)
  expect((await org.requests()).map(({ method }) => method)).toEqual(['GET', 'GET'])
  await org.advance(2 * minute)
  await told(adapter, at)
  expect((await org.requests()).at(-1)?.path).toMatch(/composite$/)
})

test('SF-12 a position from before what is known of deletions is expired, also one that is too old to be asked for', async () => {
  const org = await startOrganisation({ settings: { sessionSeconds: 90 * 86_400 } })
  await org.create({ Name: 'a' })
  const adapter = org.adapter()
  const { at } = await told(adapter, undefined)
  await org.advance(29 * 86_400_000)
  expect((await told(adapter, at)).kind, 'nothing was deleted, so nothing is forgotten').toBe('page')
  await org.advance(2 * 86_400_000)
  expect((await told(adapter, at)).kind).toBe('expired')
  const fresh = await told(adapter, undefined)
  const id = await org.create({ Name: 'b' })
  await org.edit('delete', id)
  await org.advance(16 * 86_400_000)
  expect((await told(adapter, fresh.at)).kind, 'the deletion is older than what is kept').toBe('expired')
})

test('SF-13 every row is listed by id, rows made and edited meanwhile do not move it, and it proves', async () => {
  const org = await startOrganisation()
  const ids = await org.seed(Array.from({ length: 5 }, (_, i) => ({ Name: `a${i}` })))
  const adapter = org.adapter()
  const first = await adapter.list!('Visit__c', undefined, 2, call)
  if (first.kind !== 'page') throw new Error(first.kind)
  await org.edit('update', ids[4]!, { Name: 'edited' })
  await org.edit('delete', ids[2]!)
  const second = await adapter.list!('Visit__c', first.next, 2, call)
  if (second.kind !== 'page') throw new Error(second.kind)
  const third = await adapter.list!('Visit__c', second.next, 2, call)
  expect([first, second].flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(ids.slice(0, 4))
  expect(second.rows[0]).toMatchObject({ deleted: true, version: 'deleted' })
  expect(third).toMatchObject({
    complete: true,
    proves: true,
    rows: [{ id: ids[4], row: { value: { Name: 'edited' } } }],
  })
  expect(await adapter.list!('Visit__c', 'nonsense', 2, call)).toEqual({ kind: 'expired' })
})

test('SF-10 the clock of this machine may be wrong by hours: what time it is there is told by answers', async () => {
  const org = await startOrganisation()
  const wrong = () => Date.now() - 5 * 3_600_000
  const adapter = org.adapter({ now: wrong, overlapMs: 0 })
  const { since } = JSON.parse((await told(adapter, undefined)).at)
  expect(since).toBeGreaterThan(Date.now() - 10_000)
  expect(since).toBeLessThanOrEqual(Date.now())
})
