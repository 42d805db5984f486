/** The table of answers, and what is no answer of HubSpot's at all. */
import { change, create, removal } from '@skerry/bridge/testing'
import { expect, test } from 'vitest'
import { call } from './account.ts'
import { startCanned, told } from './canned.ts'

const row = { type: 'visits', id: '7', version: 'v', deleted: false, value: {} }
const error = (category: string, more: object = {}) => ({
  status: 'error',
  message: 'so it is',
  category,
  ...more,
})

test.each([
  ['a page of a proxy', { body: '<html>blocked</html>' }],
  ['a body that was cut', { body: '{"id":"7","prop' }],
  ['an empty body', { body: '' }],
  ['something else in JSON', { body: { hello: 'world' } }],
  ['a redirect', { status: 302, headers: { location: '/login' } }],
  ['a redirect that says something', { status: 307, body: { message: 'moved' } }],
  ['a server’s failure', { status: 500, body: error('INTERNAL_ERROR') }],
  ['a gateway’s failure', { status: 502, body: '<html>bad gateway</html>' }],
  ['a timeout in between', { status: 504 }],
  ['a caller who left', { status: 499 }],
])('HS-40 %s is unknown for a write, and never a row or a page', async (_, answer) => {
  const { adapter } = await startCanned([answer])
  for (const write of [
    await adapter.upsert('visits', create('x', { title: 'a' }), call),
    await adapter.upsert('visits', change(row, { title: 'a' }), call),
    ...(await adapter.writeMany!('visits', [{ action: 'upsert', ...create('x', { title: 'a' }) }], call)),
  ])
    expect(write.kind).toBe('unknown')
  for (const read of [
    await adapter.read('visits', { id: '7' }, call),
    await adapter.read('visits', { externalId: 'x' }, call),
    await adapter.changes('visits', undefined, 10, call),
    await adapter.list!('visits', undefined, 10, call),
    ...(await adapter.readMany!('visits', ['7'], call)),
  ])
    expect(read.kind).toBe('unknown')
})

test('HS-40 a delete that is answered with a page of a proxy is not done', async () => {
  const { adapter } = await startCanned([{ body: '<html>blocked</html>' }])
  expect((await adapter.delete('visits', removal(row), call)).kind).toBe('unknown')
})

test.each([
  [{ status: 429, body: error('RATE_LIMITS', { policyName: 'TEN_SECONDLY_ROLLING' }) }, 10_000],
  [{ status: 429, body: error('RATE_LIMITS', { policyName: 'SECONDLY' }) }, 1_000],
  [{ status: 429, body: error('RATE_LIMITS', { policyName: 'DAILY' }) }, 900_000],
  [{ status: 429, body: { policyName: 'DAILY', message: 'every member may be absent' } }, 900_000],
  [
    { status: 429, body: error('RATE_LIMITS', { policyName: 'DAILY' }), headers: { 'retry-after': '7' } },
    7_000,
  ],
  [{ status: 429, body: 'slowly' }, undefined],
  [{ status: 423, body: error('LOCKED') }, 2_000],
  [{ status: 477, headers: { 'retry-after': '60' } }, 60_000],
])('HS-41 %o is later, in %s ms', async (answer, retryAfterMs) => {
  const { adapter } = await startCanned([answer])
  const told = await adapter.upsert('visits', change(row, { title: 'a' }), call)
  expect(told).toMatchObject({ kind: 'later' })
  expect('retryAfterMs' in told ? told.retryAfterMs : undefined).toBe(retryAfterMs)
})

test('HS-42 a refusal is told in HubSpot’s words with its properties, in the older form too', async () => {
  const newer = error('VALIDATION_ERROR', {
    errors: [{ message: 'much too long', code: 'INVALID_LENGTH', context: { propertyName: ['title'] } }],
  })
  const older = error('VALIDATION_ERROR', {
    message:
      'Property values were not valid: [{"isValid":false,"message":"much too long","error":"INVALID_LENGTH","name":"title"}]',
  })
  for (const body of [newer, older]) {
    const { adapter } = await startCanned([{ status: 400, body }])
    expect(await adapter.upsert('visits', change(row, { title: 'a' }), call)).toEqual({
      kind: 'rejected',
      reason: 'PATCH /crm/v3/objects/visits/7: 400: INVALID_LENGTH: much too long',
      fields: ['title'],
    })
  }
  const { adapter } = await startCanned([{ status: 403, body: error('MISSING_SCOPES') }])
  expect(await adapter.read('visits', { id: '7' }, call)).toMatchObject({
    kind: 'unauthorized',
    reason: expect.stringMatching(/403: MISSING_SCOPES: so it is/),
  })
})

test('HS-23 a write whose row cannot be read afterwards is unknown', async () => {
  const done = { body: told('7', { title: 'a' }) }
  for (const after of [{ status: 500 }, { status: 404, body: error('OBJECT_NOT_FOUND') }]) {
    const { adapter } = await startCanned([done, after])
    expect(await adapter.upsert('visits', change(row, { title: 'a' }), call)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringMatching(/^visits 7 was written, and cannot be read: /),
    })
  }
})

test('HS-30, HS-31 a batch that answers without some of its inputs has those go alone; one that was merged is unknown', async () => {
  const one = told('7', { title: 'a' }, { objectWriteTraceId: '0' })
  const partial = {
    status: 207,
    body: { status: 'COMPLETE', results: [one], numErrors: 1, errors: [error('X')] },
  }
  const rows = { body: { results: [told('7', { title: 'a' })] } }
  const { adapter, asked } = await startCanned([
    partial,
    rows,
    { status: 400, body: error('VALIDATION_ERROR') },
  ])
  const writes = [row, { ...row, id: '8' }].map((of) => ({
    action: 'upsert' as const,
    ...change(of, { title: 'a' }),
  }))
  const answers = await adapter.writeMany!('visits', writes, call)
  expect(answers.map(({ kind }) => kind)).toEqual(['done', 'rejected'])
  expect(asked).toEqual([
    'POST /crm/v3/objects/visits/batch/update',
    'POST /crm/v3/objects/visits/batch/read',
    'PATCH /crm/v3/objects/visits/8',
  ])
  const other = { body: { status: 'COMPLETE', results: [told('99', {}, { objectWriteTraceId: '0' })] } }
  const merged = await startCanned([other, { body: { results: [told('99', { title: 'a' })] } }])
  const [answer] = await merged.adapter.writeMany!('visits', [writes[0]!], call)
  expect(answer).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/merged into 99/) })
})

test('HS-07 a property that is not told is no empty one: nothing is read as if it were', async () => {
  const without = { body: { id: '7', properties: { skerry_id: null }, updatedAt: '2026-01-01T00:00:00Z' } }
  const { adapter } = await startCanned([without])
  expect(await adapter.read('visits', { id: '7' }, call)).toEqual({
    kind: 'rejected',
    reason: 'visits has no property title',
    fields: ['title'],
  })
})
