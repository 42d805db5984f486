/** What HubSpot's client has no method for: limits, the lag of the index, merges, faults, and that nothing is conditional. */
import { expect, test } from 'vitest'
import { newYear, startAccount } from './account.ts'

const visits = '/crm/v3/objects/visits'

test('nothing is conditional: the last writer wins, and no answer has an entity tag', async () => {
  const { url, call, seed, rows } = await startAccount()
  const [id] = await seed('visits', [{ title: 'a' }])
  expect((await call('GET', `${visits}/${id}`)).headers.get('etag')).toBeNull()
  const response = await fetch(`${url}${visits}/${id}`, {
    method: 'PATCH',
    headers: {
      authorization: 'Bearer pat-skerry-hubspot-token',
      'content-type': 'application/json',
      'if-match': '"x"',
    },
    body: JSON.stringify({ properties: { title: 'b' } }),
  })
  expect(response.status).toBe(200)
  expect((await rows('visits'))[0]?.properties.title).toBe('b')
})

test('a write that changes nothing leaves the time as it was', async () => {
  let now = newYear
  const { call, seed, rows } = await startAccount({ now: () => now })
  const [id] = await seed('visits', [{ title: 'a' }])
  now += 1_000
  await call('PATCH', `${visits}/${id}`, { properties: { title: 'a' } })
  expect((await rows('visits'))[0]?.modifiedAt).toBe(new Date(newYear).toISOString())
})

test('a search knows of changes late, shows the older state until then, and forgets archived rows late', async () => {
  let now = newYear
  const { call, seed, edit, admin } = await startAccount({ now: () => now, settings: { searchLagMs: 3_000 } })
  const titles = async () => {
    const { json } = await call('POST', `${visits}/search`, { properties: ['title'] })
    return json.results.map((row: { properties: { title: string } }) => row.properties.title)
  }
  const [id = ''] = await seed('visits', [{ title: 'first' }])
  expect(await titles()).toEqual([])
  now += 3_000
  expect(await titles()).toEqual(['first'])
  await edit('visits', 'update', id, { title: 'second' })
  expect(await titles()).toEqual(['first'])
  now += 3_000
  expect(await titles()).toEqual(['second'])
  await edit('visits', 'archive', id)
  expect(await titles()).toEqual(['second'])
  now += 3_000
  expect(await titles()).toEqual([])
  const { row } = await admin<{ row: { id: string } }>('POST', '/late', {
    type: 'visits',
    properties: { title: 'late' },
  })
  now += 60_000
  expect(await titles()).toEqual([])
  await admin('POST', '/show', { type: 'visits', id: row.id })
  expect(await titles()).toEqual(['late'])
})

test('a query leads to 10,000 results at most, 200 a page', async () => {
  const { call, seed } = await startAccount()
  await seed('visits', [{ title: 'a' }])
  const search = async (body: object) => (await call('POST', `${visits}/search`, body)).status
  expect([await search({ limit: 200 }), await search({ limit: 201 })]).toEqual([200, 400])
  expect([await search({ limit: 1, after: '9999' }), await search({ limit: 2, after: '9999' })]).toEqual([
    200, 400,
  ])
})

test('rows of one time come in no order of their ids', async () => {
  const { call, seed } = await startAccount({ now: () => newYear })
  await seed(
    'visits',
    Array.from({ length: 9 }, () => ({ title: 'same' })),
  )
  const { json } = await call('POST', `${visits}/search`, { sorts: ['hs_lastmodifieddate'] })
  const ids = json.results.map(({ id }: { id: string }) => Number(id))
  expect([...ids].sort((a, b) => a - b)).not.toEqual(ids)
})

test('limits: ten seconds, searches, the day; each 429 names its policy and no wait', async () => {
  let now = newYear
  const settings = { burstCalls: 3, searchCalls: 1, dailyCalls: 6 }
  const { call } = await startAccount({ now: () => now, settings })
  const list = () => call('GET', visits)
  const search = () => call('POST', `${visits}/search`, {})
  const { headers } = await list()
  expect(Object.fromEntries([...headers].filter(([name]) => name.includes('ratelimit')))).toEqual({
    'x-hubspot-ratelimit-daily': '6',
    'x-hubspot-ratelimit-daily-remaining': '5',
    'x-hubspot-ratelimit-interval-milliseconds': '10000',
    'x-hubspot-ratelimit-max': '3',
    'x-hubspot-ratelimit-remaining': '2',
  })
  const searched = await search()
  expect(searched.headers.get('x-hubspot-ratelimit-remaining')).toBeNull()
  const told = async (answer: ReturnType<typeof list>) => {
    const { status, json, headers } = await answer
    return [status, json.policyName, headers.get('retry-after')]
  }
  expect(await told(search())).toEqual([429, 'SECONDLY', null])
  expect(await told(list())).toEqual([429, 'TEN_SECONDLY_ROLLING', null])
  now += 10_000
  for (let i = 0; i < 3; i++) expect((await list()).status).toBe(200)
  now += 10_000
  expect((await list()).status).toBe(200)
  expect(await told(list())).toEqual([429, 'DAILY', null])
  now += 86_400_000
  expect((await list()).status).toBe(200)
})

test('a merged row leads to the one it became a part of, and is nowhere among the archived', async () => {
  const { call, seed, edit } = await startAccount()
  const [kept = '', gone = ''] = await seed('visits', [
    { title: 'kept', skerry_id: '1' },
    { title: 'gone', note: 'taken over', skerry_id: '2' },
  ])
  await edit('visits', 'merge', kept, {}, { merged: gone })
  const { json } = await call('GET', `${visits}/${gone}?properties=title,note,skerry_id,hs_merged_object_ids`)
  expect(json).toMatchObject({
    id: kept,
    properties: { title: 'kept', note: 'taken over', skerry_id: '1', hs_merged_object_ids: gone },
  })
  await call('PATCH', `${visits}/${gone}`, { properties: { title: 'by its old number' } })
  expect((await call('GET', `${visits}/${kept}`)).json.properties.title).toBe('by its old number')
  expect((await call('GET', `${visits}?archived=true`)).json.results).toEqual([])
  expect((await call('GET', visits)).json.results).toHaveLength(1)
  const { json: found } = await call('POST', `${visits}/search`, {})
  expect(found.results.map(({ id }: { id: string }) => id)).toEqual([kept])
  const [third = ''] = await seed('visits', [{ title: 'third' }])
  await call('POST', `${visits}/merge`, { primaryObjectId: third, objectIdToMerge: kept })
  const { json: merged } = await call('GET', `${visits}/${gone}?properties=hs_merged_object_ids`)
  expect([merged.id, merged.properties.hs_merged_object_ids]).toEqual([third, `${gone};${kept}`])
})

test('archived rows are kept for ninety days, and a person can restore them', async () => {
  const { call, seed, edit, admin } = await startAccount()
  const [id = ''] = await seed('visits', [{ title: 'a' }])
  await edit('visits', 'archive', id)
  await edit('visits', 'restore', id)
  expect((await call('GET', `${visits}/${id}`)).status).toBe(200)
  await edit('visits', 'archive', id)
  await admin('POST', '/clock', { advanceMs: 91 * 86_400_000 })
  expect((await call('GET', `${visits}/${id}?archived=true`)).status).toBe(404)
  expect((await call('GET', `${visits}?archived=true`)).json.results).toEqual([])
})

test('commit, then lose the answer: an upsert finds what the lost one did, and the ledger tells of both', async () => {
  const { call, fault, ledger, rows } = await startAccount()
  await fault({ fault: 'commit-then-lose-answer', match: { writes: true, externalId: 'v-1' }, count: 1 })
  const input = { id: 'v-1', idProperty: 'skerry_id', properties: { title: 'a' } }
  const upsert = () => call('POST', `${visits}/batch/upsert`, { inputs: [input] })
  await expect(upsert()).rejects.toThrow()
  expect((await upsert()).json.results).toMatchObject([{ new: false }])
  expect(await rows('visits')).toHaveLength(1)
  const told = (await ledger()).map(({ fault, committed, created, externalId }) => [
    fault,
    committed,
    created,
    externalId,
  ])
  expect(told).toEqual([
    ['commit-then-lose-answer', true, true, 'v-1'],
    [null, false, false, 'v-1'],
  ])
})

test('what is asked wrongly is told: address, method, body, type', async () => {
  const { call } = await startAccount()
  const told = async (method: string, path: string, body?: unknown) => {
    const { status, json } = await call(method, path, body)
    return [status, json.category]
  }
  expect(await told('GET', '/crm/v3/nothing')).toEqual([404, 'OBJECT_NOT_FOUND'])
  expect(await told('PUT', visits, {})).toEqual([405, 'METHOD_NOT_ALLOWED'])
  expect(await told('GET', '/crm/v3/objects/unknown')).toEqual([400, 'VALIDATION_ERROR'])
  expect(await told('POST', `${visits}/search`, { limit: 'x' })).toEqual([400, 'VALIDATION_ERROR'])
  expect(await told('GET', `${visits}?limit=101`)).toEqual([400, 'VALIDATION_ERROR'])
  expect(await told('GET', `${visits}/a?idProperty=title`)).toEqual([400, 'VALIDATION_ERROR'])
  const search = (filter: object) =>
    told('POST', `${visits}/search`, { filterGroups: [{ filters: [filter] }] })
  expect(await search({ propertyName: 'nothing', operator: 'EQ', value: '1' })).toEqual([
    400,
    'VALIDATION_ERROR',
  ])
  expect(await search({ propertyName: 'title', operator: 'EQ' })).toEqual([400, 'VALIDATION_ERROR'])
})
