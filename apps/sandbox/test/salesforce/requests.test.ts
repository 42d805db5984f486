/** What jsforce has no method for: conditions, Composite, the daily limit, faults, late commits, exact numbers. */
import { expect, test } from 'vitest'
import { scratchFile } from '../scratch.ts'
import { base, newYear, startOrganisation } from './organisation.ts'

const errorCode = ({ json }: { json: { errorCode: string }[] }) => json[0]?.errorCode

test('entity tags on accounts only: If-Match lets one of two writers through', async () => {
  const { call, seed, rows } = await startOrganisation({ now: () => newYear })
  const [account] = await seed('Account', [{ Name: 'a' }])
  const [visit] = await seed('Visit__c', [{ Name: 'a' }])
  const { headers } = await call('GET', `/sobjects/Account/${account}`)
  const etag = headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[^"]+-gzip"$/)
  const write = (Phone: string) =>
    call('PATCH', `/sobjects/Account/${account}`, { Phone }, { 'if-match': etag })
  expect([(await write('1')).status, (await write('2')).status]).toEqual([204, 412])
  expect((await rows('Account'))[0]?.fields.Phone).toBe('1')
  expect((await call('GET', `/sobjects/Visit__c/${visit}`)).headers.get('etag')).toBeNull()
  expect(
    (await call('PATCH', `/sobjects/Visit__c/${visit}`, { Name: 'b' }, { 'if-match': '"x"' })).status,
  ).toBe(204)
  expect(
    (await call('GET', `/sobjects/Account/${account}`, undefined, { 'if-none-match': etag })).status,
  ).toBe(200)
  const known = (await call('GET', `/sobjects/Account/${account}`)).headers.get('etag') ?? ''
  expect(
    (await call('GET', `/sobjects/Account/${account}`, undefined, { 'if-none-match': known })).status,
  ).toBe(304)
})

test('If-Unmodified-Since goes by whole seconds: a change within the second passes unseen', async () => {
  let now = newYear + 100
  const { call, seed, edit } = await startOrganisation({ now: () => now })
  const [id] = await seed('Visit__c', [{ Name: 'a' }])
  const since = { 'if-unmodified-since': new Date(newYear).toUTCString() }
  const write = () => call('PATCH', `/sobjects/Visit__c/${id}`, { Note__c: 'ours' }, since)
  now = newYear + 900
  await edit('Visit__c', 'update', id!, { Note__c: 'theirs' })
  expect((await write()).status).toBe(204)
  now = newYear + 1_000
  await edit('Visit__c', 'update', id!, { Note__c: 'theirs' })
  expect((await write()).status).toBe(412)
  const broken = { 'if-unmodified-since': 'yesterday' }
  expect((await call('PATCH', `/sobjects/Visit__c/${id}`, { Note__c: 'ours' }, broken)).status).toBe(400)
  const after = { 'if-modified-since': new Date(newYear + 1_000).toUTCString() }
  expect((await call('GET', `/sobjects/Visit__c/${id}`, undefined, after)).status).toBe(304)
})

test('DELETE knows no conditions', async () => {
  const { call, seed } = await startOrganisation()
  const [id] = await seed('Account', [{ Name: 'a' }])
  expect((await call('DELETE', `/sobjects/Account/${id}`, undefined, { 'if-match': '"x"' })).status).toBe(204)
})

test('Composite: results of earlier parts in later ones, conditions in a part, and one request on the bill', async () => {
  let now = newYear
  const { call, seed, edit, ledger } = await startOrganisation({ now: () => now })
  const [visit] = await seed('Visit__c', [{ Name: 'a' }])
  now += 5_000
  await edit('Visit__c', 'update', visit!, { Name: 'b' })
  const since = new Date(newYear).toUTCString()
  const { json, status } = await call('POST', '/composite', {
    compositeRequest: [
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'made', body: { Name: 'Kraken' } },
      {
        method: 'PATCH',
        url: `${base}/sobjects/Visit__c/${visit}`,
        referenceId: 'late',
        httpHeaders: { 'If-Unmodified-Since': since },
        body: { Note__c: 'x' },
      },
      {
        method: 'POST',
        url: `${base}/sobjects/Contact`,
        referenceId: 'child',
        body: { LastName: 'K', AccountId: '@{made.id}' },
      },
      {
        method: 'GET',
        url: `${base}/query?q=SELECT+Id,+AccountId+FROM+Contact+WHERE+AccountId+=+'@{made.id}'`,
        referenceId: 'found',
      },
      { method: 'GET', url: `${base}/sobjects/Account/@{late.id}`, referenceId: 'never' },
    ],
  })
  expect(status).toBe(200)
  const parts = json.compositeResponse.map((part: { httpStatusCode: number }) => part.httpStatusCode)
  expect(parts).toEqual([201, 412, 201, 200, 400])
  expect(json.compositeResponse[3].body.records).toMatchObject([
    { AccountId: json.compositeResponse[0].body.id },
  ])
  expect(json.compositeResponse[4].body[0].errorCode).toBe('PROCESSING_HALTED')
  expect((await ledger()).map(({ path }) => path)).toEqual(['/services/oauth2/token', `${base}/composite`])
})

test('Composite, all or none: one failure takes everything back, in collections too', async () => {
  const { call, rows } = await startOrganisation()
  const { json } = await call('POST', '/composite', {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'one', body: { Name: 'a' } },
      {
        method: 'POST',
        url: `${base}/composite/sobjects`,
        referenceId: 'two',
        body: {
          records: [{ attributes: { type: 'Account' }, Name: 'b' }, { attributes: { type: 'Account' } }],
        },
      },
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'three', body: {} },
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'four', body: { Name: 'd' } },
    ],
  })
  const told = json.compositeResponse.map(
    (part: { httpStatusCode: number; body: { errorCode: string }[] }) => [
      part.httpStatusCode,
      part.body[0]?.errorCode,
    ],
  )
  expect(told).toEqual([
    [400, 'PROCESSING_HALTED'],
    [400, 'PROCESSING_HALTED'],
    [400, 'REQUIRED_FIELD_MISSING'],
    [400, 'PROCESSING_HALTED'],
  ])
  expect(await rows('Account')).toEqual([])
})

test.each([
  [26, 'sobjects', 400],
  [25, 'sobjects', 200],
  [6, 'query?q=SELECT+Id+FROM+Account', 400],
  [5, 'query?q=SELECT+Id+FROM+Account', 200],
])('%i parts of /%s in one Composite: %i', async (count, path, status) => {
  const { call } = await startOrganisation()
  const compositeRequest = Array.from({ length: count }, (_, i) => ({
    method: 'GET',
    url: `${base}/${path}`,
    referenceId: `r${i}`,
  }))
  expect((await call('POST', '/composite', { compositeRequest })).status).toBe(status)
})

test('the daily limit: 403 without a word of when, told behind the times, free again as the day rolls', async () => {
  let now = newYear
  const { call, url } = await startOrganisation({
    now: () => now,
    settings: { dailyRequests: 3, sessionSeconds: 2 * 86_400 },
  })
  const told = async () => {
    const { status, headers } = await call('GET', '/sobjects')
    return [status, headers.get('sforce-limit-info'), headers.get('retry-after')]
  }
  expect(await told()).toEqual([200, 'api-usage=1/3', null])
  now += 3_600_000
  expect(await told()).toEqual([200, 'api-usage=2/3', null])
  expect(await told()).toEqual([200, 'api-usage=2/3', null])
  const over = await call('GET', '/sobjects')
  expect([over.status, over.json, over.headers.get('retry-after')]).toEqual([
    403,
    [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    null,
  ])
  expect((await fetch(`${url}/services/data/`)).status).toBe(200)
  now += 23 * 3_600_000
  expect((await told())[0]).toBe(200)
})

test('faults: a lost answer, a locked row among others, an answer cut in the middle', async () => {
  const { call, fault, rows, ledger } = await startOrganisation()
  await fault({ fault: 'commit-then-lose-answer', match: { type: 'Account', externalId: 'x' }, count: 1 })
  await expect(call('PATCH', '/sobjects/Account/Skerry_Id__c/x', { Name: 'a' })).rejects.toThrow(
    'fetch failed',
  )
  expect((await rows('Account'))[0]?.fields.Name).toBe('a')
  await fault({ fault: 'lock-row', match: { externalId: 'y' }, count: 1 })
  const records = ['x', 'y', 'z'].map((key) => ({
    attributes: { type: 'Account' },
    Name: key,
    Skerry_Id__c: key,
  }))
  const { json } = await call('PATCH', '/composite/sobjects/Account/Skerry_Id__c', { records })
  expect(json.map(({ success }: { success: boolean }) => success)).toEqual([true, false, true])
  expect(json[1].errors).toEqual([
    {
      statusCode: 'UNABLE_TO_LOCK_ROW',
      message: 'unable to obtain exclusive access to this record',
      fields: [],
    },
  ])
  await fault({ fault: 'truncate-body', count: 1 })
  await expect(call('GET', '/sobjects')).rejects.toThrow('terminated')
  const effects = (await ledger()).flatMap(({ operations }) =>
    operations.map((one) => [one.externalId, one.status, one.committed]),
  )
  expect(effects).toEqual([
    ['x', 201, true],
    ['x', 200, true],
    ['y', 400, false],
    ['z', 201, true],
  ])
})

test('a fault is aimed at a type or a record, wherever it stands in the call', async () => {
  const { call, fault, seed } = await startOrganisation()
  const [id] = await seed('Account', [{ Name: 'a', Skerry_Id__c: 'aimed' }])
  await fault({ fault: 'status', status: 503, match: { externalId: 'aimed' } })
  const part = {
    method: 'PATCH',
    url: `${base}/sobjects/Account/${id}`,
    referenceId: 'r',
    body: { Name: 'b' },
  }
  const tries = [
    call('PATCH', `/sobjects/Account/${id}`, { Name: 'b' }),
    call('PATCH', '/sobjects/Account/Skerry_Id__c/aimed', { Name: 'b' }),
    call('POST', '/composite', { compositeRequest: [part] }),
    call('PATCH', '/composite/sobjects', { records: [{ attributes: { type: 'Account' }, id, Name: 'b' }] }),
  ]
  expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([503, 503, 503, 503])
  expect((await call('GET', '/sobjects/Account/describe')).status).toBe(200)
})

test('a transaction that takes long: nobody sees its row, and what is covered ends before it', async () => {
  let now = newYear
  const { call, admin } = await startOrganisation({ now: () => now })
  const { row } = await admin<{ row: { id: string } }>('POST', '/late', {
    type: 'Account',
    fields: { Name: 'late' },
  })
  now += 300_000
  const span = `start=${encodeURIComponent('2025-12-31T00:00:00Z')}&end=${encodeURIComponent('2026-01-01T00:05:00Z')}`
  const covered = async () => (await call('GET', `/sobjects/Account/updated/?${span}`)).json
  expect(await covered()).toEqual({ ids: [], latestDateCovered: '2026-01-01T00:00:00.000+0000' })
  expect((await call('GET', `/sobjects/Account/${row.id}`)).status).toBe(404)
  await admin('POST', '/show', { type: 'Account', id: row.id })
  expect(await covered()).toEqual({ ids: [row.id], latestDateCovered: '2026-01-01T00:05:00.000+0000' })
})

test('deletions are known for 15 days; the bin may be emptied, and the log forgotten, before', async () => {
  let now = newYear
  const settings = { sessionSeconds: 20 * 86_400 }
  const { call, admin, seed, edit } = await startOrganisation({ now: () => now, settings })
  const ids = await seed('Account', [{ Name: 'a' }, { Name: 'b' }])
  await edit('Account', 'delete', ids[0]!)
  now += 120_000
  const ask = async (start: string) => {
    const span = `start=${encodeURIComponent(start)}&end=${encodeURIComponent(new Date(now).toISOString())}`
    return (await call('GET', `/sobjects/Account/deleted/?${span}`)).json
  }
  await admin('POST', '/bin/empty', { type: 'Account' })
  expect((await ask('2025-12-31T00:00:00Z')).deletedRecords).toMatchObject([{ id: ids[0] }])
  expect(errorCode({ json: await ask('2025-11-01T00:00:00Z') })).toBe('INVALID_REPLICATION_DATE')
  await admin('POST', '/deletions/forget', { type: 'Account' })
  expect(await ask('2025-12-31T00:00:00Z')).toMatchObject({
    deletedRecords: [],
    earliestDateAvailable: '2026-01-01T00:02:00.000+0000',
  })
  await edit('Account', 'delete', ids[1]!)
  now += 15 * 86_400_000 + 60_000
  expect((await ask('2026-01-01T00:02:00Z')).deletedRecords).toEqual([])
  expect((await call('GET', '/queryAll?q=SELECT+Id+FROM+Account')).json.records).toEqual([])
})

test('a currency keeps its eighteen digits', async () => {
  const { url, token } = await startOrganisation()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = '{"Name":"rich","AnnualRevenue":1234567890123456.78}'
  const made = await (await fetch(`${url}${base}/sobjects/Account`, { method: 'POST', headers, body })).json()
  const text = await (
    await fetch(`${url}${base}/sobjects/Account/${(made as { id: string }).id}?fields=AnnualRevenue`, {
      headers,
    })
  ).text()
  expect(text).toContain('"AnnualRevenue":1234567890123456.78')
})

test.each([
  ['GET', '/sobjects/Nothing', 404, 'NOT_FOUND'],
  ['GET', '/nothing', 404, 'NOT_FOUND'],
  ['PUT', '/sobjects/Account', 405, 'METHOD_NOT_ALLOWED'],
  ['POST', '/sobjects/Account', 400, 'JSON_PARSER_ERROR'],
  ['GET', '/sobjects/Account/%ff', 404, 'NOT_FOUND'],
])('%s %s is %i %s', async (method, path, status, code) => {
  const { call } = await startOrganisation()
  const answer = await call(method, path, method === 'POST' ? '{' : undefined)
  expect([answer.status, errorCode(answer)]).toEqual([status, code])
})

test('a killed organisation comes back with its rows, and goes on with the bulk job that it had begun', async () => {
  const file = scratchFile('organisation.db')
  const first = await startOrganisation({ file, settings: { bulkPauseMs: 60_000 } })
  await first.seed('Account', [{ Name: 'a' }])
  const { json: job } = await first.call('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })
  await first.call('PUT', `/jobs/ingest/${job.id}/batches`, 'Name\nb\n', { 'content-type': 'text/csv' })
  await first.call('PATCH', `/jobs/ingest/${job.id}`, { state: 'UploadComplete' })
  await first.close()
  const second = await startOrganisation({ file })
  const state = async () => (await second.call('GET', `/jobs/ingest/${job.id}`)).json.state
  while ((await state()) !== 'JobComplete') await new Promise((resolve) => setImmediate(resolve))
  expect((await second.rows('Account')).map(({ fields }) => fields.Name)).toEqual(['a', 'b'])
})
