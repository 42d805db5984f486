import type { Adapter } from '@skerry/bridge'
import { expect, test } from 'vitest'
import { type Answer, between, type Passing } from './between.ts'
import { call, type Organisation, startOrganisation, visit } from './organisation.ts'
import { change, create, removal, rowIn } from './requests.ts'

/** An adapter whose next write finds that somebody else has just acted. */
async function overtaken(org: Organisation, work: () => Promise<unknown>): Promise<Adapter> {
  let isDue = true
  const before = async ({ path, body }: Passing) => {
    if (isDue && path.endsWith('/composite') && /"(PATCH|POST|DELETE)"/.test(body)) {
      isDue = false
      await work()
    }
    return undefined
  }
  return org.adapter({ loginUrl: await between(org.url, { before }) })
}

async function spent({ requests }: Organisation, work: () => Promise<unknown>): Promise<number> {
  const before = (await requests()).length
  await work()
  return (await requests()).length - before
}

test('SF-20 a create is one request, carries its external id, and meets a row of it as a conflict', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ bulk: false })
  const requests = await spent(org, async () => {
    expect(await adapter.upsert('Visit__c', create('x', { Name: 'a' }), call)).toMatchObject({
      kind: 'done',
      row: { externalId: 'x', value: { Name: 'a' } },
    })
  })
  expect(requests).toBe(1)
  const again = await adapter.upsert('Visit__c', create('x', { Name: 'b' }), call)
  expect(again).toMatchObject({ kind: 'conflict', row: { externalId: 'x', value: { Name: 'a' } } })
  expect(await org.rows()).toHaveLength(1)
})

test('SF-20 a duplicate of another field is rejected, and so is an external id that differs by case alone', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  await adapter.upsert('Visit__c', create('x', { Name: 'a', Code__c: 'taken' }), call)
  const other = await adapter.upsert('Visit__c', create('y', { Name: 'b', Code__c: 'TAKEN' }), call)
  expect(other).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/DUPLICATE_VALUE: duplicate value found: Code__c/),
  })
  const byCase = await adapter.upsert('Visit__c', create('X', { Name: 'b' }), call)
  expect(byCase).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/DUPLICATE_VALUE: .*Skerry_Id__c/),
  })
})

test('SF-21 a version that was read after its second is written at once: one request', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  await org.advance(5_000)
  const adapter = org.adapter({ bulk: false })
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  const requests = await spent(org, async () => {
    expect(await adapter.upsert('Visit__c', change(row, { Note__c: 'n' }), call)).toMatchObject({
      kind: 'done',
      row: { value: { Name: 'a', Note__c: 'n' } },
    })
  })
  expect(requests).toBe(1)
})

test('SF-21 what somebody changes between two seconds of ours is met, in the request that was to write', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  await org.advance(5_000)
  const adapter = await overtaken(org, () => org.edit('update', id, { Name: 'theirs' }))
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  const answer = await adapter.upsert('Visit__c', change(row, { Name: 'ours' }), call)
  expect(answer).toMatchObject({ kind: 'conflict', row: { value: { Name: 'theirs' } } })
  expect((await org.rows())[0]?.fields.Name).toBe('theirs')
})

test('SF-21 a row that was changed this very second is waited for, so that nothing within the second is written over', async () => {
  const org = await startOrganisation()
  const second = Math.floor(Date.now() / 1_000) * 1_000
  org.hold(second + 100)
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  let looks = 0
  const before = async ({ path }: Passing) => {
    // After the first look, and in the same second, somebody changes the row; then the second ends.
    if (path.includes('/queryAll') && ++looks === 3) {
      org.hold(second + 900)
      await org.edit('update', id, { Name: 'theirs' })
      org.hold(second + 2_100)
    }
    return undefined
  }
  const adapter = org.adapter({ now: () => Date.now(), loginUrl: await between(org.url, { before }) })
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  const answer = await adapter.upsert('Visit__c', change(row, { Name: 'ours' }), call)
  expect(answer).toMatchObject({ kind: 'conflict', row: { value: { Name: 'theirs' } } })
  expect(looks, 'one to read the row, two before the write').toBe(3)
  expect((await org.rows())[0]?.fields.Name).toBe('theirs')
})

test('SF-21 a second that does not end makes the write later, and aborting ends the wait', async () => {
  const org = await startOrganisation()
  org.hold(Date.now())
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  const adapter = org.adapter()
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  const answer = await adapter.upsert('Visit__c', change(row, { Name: 'ours' }), call)
  expect(answer).toMatchObject({
    kind: 'later',
    retryAfterMs: 1_000,
    reason: expect.stringContaining('this very second'),
  })
  const abort = new AbortController()
  const ended = adapter.upsert('Visit__c', change(row, { Name: 'ours' }), { signal: abort.signal })
  abort.abort()
  expect((await ended).kind).toBe('later')
  expect((await org.rows())[0]?.fields.Name).toBe('a')
})

test('SF-22 a row that somebody changes just before a delete stays, and the delete is a conflict', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  await org.advance(5_000)
  const adapter = await overtaken(org, () => org.edit('update', id, { Name: 'theirs' }))
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  expect(await adapter.delete('Visit__c', removal(row), call)).toMatchObject({
    kind: 'conflict',
    row: { value: { Name: 'theirs' } },
  })
  expect((await org.rows())[0]).toMatchObject({
    deleted: false,
    fields: { Name: 'theirs', Skerry_Id__c: 'x' },
  })
})

test('SF-22 a delete is one request that leaves the row as it was, and undone as a whole when it cannot be', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a' })
  await org.advance(5_000)
  const adapter = org.adapter({ bulk: false })
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  await org.fault({ fault: 'lock-row', match: { method: 'delete' }, count: 1 })
  expect(await adapter.delete('Visit__c', removal(row), call)).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('UNABLE_TO_LOCK_ROW'),
  })
  expect(rowIn(await adapter.read('Visit__c', { id }, call)).version).toBe(row.version)
  const requests = await spent(org, async () => {
    expect(await adapter.delete('Visit__c', removal(row), call)).toMatchObject({
      kind: 'done',
      row: { deleted: true },
    })
  })
  expect(requests).toBe(1)
  expect((await org.rows())[0]).toMatchObject({ deleted: true, fields: { Name: 'a', Skerry_Id__c: null } })
})

test('SF-22 a row that breaks a rule made later can be deleted, though not updated', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  await org.advance(5_000)
  const refusal = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No', fields: ['Name'] }]
  const halted = [{ errorCode: 'PROCESSING_HALTED', message: 'halted' }]
  const compositeResponse = [
    { referenceId: 'unchanged', httpStatusCode: 400, body: refusal },
    { referenceId: 'deleted', httpStatusCode: 400, body: halted },
  ]
  const before = ({ path }: Passing) =>
    path.endsWith('/composite') ? { status: 200, body: { compositeResponse } } : undefined
  const adapter = org.adapter({ loginUrl: await between(org.url, { before }) })
  const row = rowIn(await adapter.read('Visit__c', { id }, call))
  expect(await adapter.delete('Visit__c', removal(row), call)).toMatchObject({ kind: 'done' })
  expect((await org.rows())[0]?.deleted).toBe(true)
})

test('SF-23 a write whose row cannot be read after it is unknown, and the repeat meets it', async () => {
  const org = await startOrganisation()
  const after = ({ path }: Passing, answer: Answer) => {
    if (!path.endsWith('/composite')) return answer
    const { compositeResponse } = answer.body as { compositeResponse: { referenceId: string }[] }
    const failed = { httpStatusCode: 500, body: [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'oops' }] }
    const parts = compositeResponse.map((part) =>
      part.referenceId === 'row' ? { ...part, ...failed } : part,
    )
    return { ...answer, body: { compositeResponse: parts } }
  }
  const adapter = org.adapter({ loginUrl: await between(org.url, { after }) })
  const request = create('x', { Name: 'a' })
  expect(await adapter.upsert('Visit__c', request, call)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('oops'),
  })
  expect(await adapter.upsert('Visit__c', request, call)).toMatchObject({
    kind: 'conflict',
    row: { value: { Name: 'a' } },
  })
})

test('SF-24 a write to a deleted row tells it, a purged one is told to a person, a restore makes it anew', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const row = rowIn(await adapter.upsert('Visit__c', create('x', { Name: 'a', Note__c: 'n' }), call))
  await org.edit('delete', row.id)
  await org.advance(5_000)
  expect(await adapter.upsert('Visit__c', change(row, { Name: 'b' }), call)).toMatchObject({
    kind: 'conflict',
    row: { id: row.id, deleted: true },
  })
  const anew = await adapter.upsert('Visit__c', { ...change(row, { Name: 'b' }), restore: true }, call)
  expect(anew).toMatchObject({
    kind: 'done',
    row: { externalId: 'x', deleted: false, value: { Name: 'b', Note__c: null } },
  })
  expect(rowIn(anew).id).not.toBe(row.id)
  expect(
    await adapter.upsert('Visit__c', { ...change(row, { Name: 'c' }), restore: true }, call),
  ).toMatchObject({
    kind: 'conflict',
    row: { id: rowIn(anew).id },
  })
  await org.admin('POST', '/bin/empty', { type: 'Visit__c' })
  expect(await adapter.upsert('Visit__c', change(row, { Name: 'b' }), call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('nowhere, not even in the recycle bin'),
  })
  expect(await adapter.delete('Visit__c', removal(row), call)).toMatchObject({ kind: 'done' })
  expect(await adapter.upsert('Visit__c', { ...change(row, {}), id: '../../x' }, call)).toMatchObject({
    kind: 'rejected',
  })
})

test('SF-25 null empties a field', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const row = rowIn(
    await adapter.upsert('Visit__c', create('x', { Name: 'a', Note__c: 'n', Cost__c: '12.50' }), call),
  )
  await org.advance(5_000)
  const emptied = await adapter.upsert('Visit__c', change(row, { Note__c: null, Cost__c: null }), call)
  expect(rowIn(emptied).value).toMatchObject({ Name: 'a', Note__c: null, Cost__c: null })
})

test('SF-40 without an expected version whatever is there is written; several rows of one external id are refused', async () => {
  const org = await startOrganisation()
  const unmarked = { ...(await import('./organisation.ts')).visit }
  const fields = {
    ...unmarked.fields,
    Skerry_Id__c: { type: 'string', length: 128, externalId: true } as const,
  }
  const loose = await startOrganisation({ objectTypes: [{ ...visit, fields }] })
  const whatever = (adapter: ReturnType<Organisation['adapter']>, Name: string) =>
    adapter.upsert('Visit__c', create('x', { Name }, { expectedVersion: undefined }), call)
  expect(await whatever(org.adapter(), 'a')).toMatchObject({
    kind: 'done',
    row: { externalId: 'x', value: { Name: 'a' } },
  })
  expect(await whatever(org.adapter(), 'b')).toMatchObject({ kind: 'done', row: { value: { Name: 'b' } } })
  expect(await org.rows()).toHaveLength(1)
  await loose.seed([
    { Name: 'a', Skerry_Id__c: 'x' },
    { Name: 'b', Skerry_Id__c: 'x' },
  ])
  expect(await whatever(loose.adapter(), 'c')).toMatchObject({ kind: 'rejected' })
  expect(await loose.adapter().read('Visit__c', { externalId: 'x' }, call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/several rows of Visit__c have the external id x/),
  })
  const outside = create('..', { Name: 'a' }, { expectedVersion: undefined })
  expect(await org.adapter().upsert('Visit__c', outside, call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('another address'),
  })
})

test.each([
  [
    403,
    [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
    { kind: 'later', retryAfterMs: 900_000 },
  ],
  [
    403,
    [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests Limit exceeded.' }],
    { kind: 'later' },
  ],
  [503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'busy' }], { kind: 'later' }],
  [503, '<html>busy</html>', { kind: 'unknown' }],
  [500, [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'oops' }], { kind: 'unknown' }],
  [502, '', { kind: 'unknown' }],
  [429, '', { kind: 'later' }],
  [
    400,
    [{ errorCode: 'STRING_TOO_LONG', message: 'too long', fields: ['Name'] }],
    { kind: 'rejected', fields: ['Name'] },
  ],
  [
    403,
    [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'no' }],
    { kind: 'rejected', reason: expect.stringContaining('INSUFFICIENT_ACCESS: no') },
  ],
  [404, '<html>a proxy</html>', { kind: 'rejected' }],
])('SF-40, SF-41, SF-42 %i %j is %j', async (status, body, meaning) => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  await adapter.check(call)
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  await org.fault({ fault: 'status', status, body: text, match: { writes: true } } as never)
  const answer = await adapter.upsert('Visit__c', create('x', { Name: 'a' }), call)
  expect(answer).toMatchObject(meaning)
  if (!('retryAfterMs' in meaning)) expect(answer).not.toHaveProperty('retryAfterMs')
})
