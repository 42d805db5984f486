/** Batches as a template describes them, and answers to them that are not what they should be. */
import { restAdapter } from '@skerry/adapter-rest'
import type { Write } from '@skerry/bridge'
import { describe, expect, test } from 'vitest'
import { call } from '../test/crm.ts'
import { batch } from '../test/sandbox-subject.ts'
import { serve, type Told } from '../test/server.ts'

const row = { id: '7', externalId: 'e', version: 3, fields: { name: 'a' } }
const key = { idempotencyKey: 'k', restore: false }
const writes: Write[] = [
  { action: 'upsert', externalId: 'e1', fields: { name: 'new' }, expectedVersion: null, ...key },
  { action: 'upsert', externalId: 'e2', id: '2', fields: { name: null }, expectedVersion: '5', ...key },
  { action: 'upsert', externalId: 'e3', id: '3', fields: { name: 'back' }, ...key, restore: true },
  { action: 'delete', externalId: 'e4', id: '4', expectedVersion: '6', idempotencyKey: 'k' },
]

async function written(told: Told, some: readonly Write[] = writes, options: object = {}) {
  const { baseUrl, asked } = await serve(() => told)
  const adapter = restAdapter({ baseUrl, batch: { ...batch!, writesMax: 4 }, ...options })
  return {
    answers: await adapter.writeMany!('accounts', some, call),
    sent: JSON.parse(asked[0]?.body ?? 'null') as unknown,
  }
}

test('a deleted row that shall live again, where deleted rows stay so, is rejected', async () => {
  const told = {
    status: 207,
    body: { results: [{ status: 410, problem: { row: { ...row, deleted: true } } }] },
  }
  const { answers } = await written(told, [writes[2]!], { write: { restore: { kind: 'never' } } })
  expect(answers).toMatchObject([
    { kind: 'rejected', reason: 'a deleted row of accounts cannot live again there' },
  ])
})

const one = (item: unknown, write: Write = writes[1]!) =>
  written({ status: 207, body: { results: [item] } }, [write])

test('each write is its template filled in; what has no value is left out', async () => {
  const { sent } = await written({ status: 207, body: { results: [] } })
  expect(sent).toEqual({
    operations: [
      { method: 'PUT', type: 'accounts', externalId: 'e1', fields: { name: 'new' }, ifNoneMatch: '*' },
      { method: 'PATCH', type: 'accounts', id: '2', fields: { name: null }, ifMatch: '"v5"' },
      { method: 'PATCH', type: 'accounts', id: '3', fields: { name: 'back' }, undelete: true },
      { method: 'DELETE', type: 'accounts', id: '4', ifMatch: '"v6"' },
    ],
  })
})

test('templates may be deep, and words stand as whole values only', async () => {
  const deep = {
    ...batch!,
    writesMax: 4,
    update: { op: 'set {id}', body: { at: '{version}', data: '{fields}', list: ['{id}'] } },
  }
  const { sent } = await written({ status: 207, body: { results: [] } }, [writes[1]!], { batch: deep })
  expect(sent).toEqual({
    operations: [{ op: 'set {id}', body: { at: '5', data: { name: null }, list: ['{id}'] } }],
  })
})

describe('one of its answers', () => {
  test.each<[string, unknown, object]>([
    ['done', { status: 200, body: { row } }, { kind: 'done', row: { version: '3' } }],
    ['done without its row', { status: 200 }, { kind: 'unknown' }],
    [
      'a conflict with the row',
      { status: 412, problem: { row } },
      { kind: 'conflict', row: { version: '3' } },
    ],
    ['a conflict without it', { status: 412 }, { kind: 'later' }],
    [
      'a refusal',
      { status: 400, problem: { detail: 'no', errors: [{ path: '/fields/name', message: 'no' }] } },
      { kind: 'rejected', fields: ['name'] },
    ],
    ['later', { status: 429 }, { kind: 'later' }],
    ['a server error', { status: 500 }, { kind: 'unknown' }],
    ['200 with an error inside', { status: 200, body: { error: 'no' } }, { kind: 'unknown' }],
    ['without a status', { body: { row } }, { kind: 'unknown' }],
    ['nothing at all', null, { kind: 'unknown' }],
  ])('%s', async (_, item, answer) => {
    expect((await one(item)).answers).toMatchObject([answer])
  })

  test.each<[string, unknown, object]>([
    ['done', { status: 204 }, { kind: 'done', row: { id: '4', deleted: true } }],
    ['gone already', { status: 404 }, { kind: 'done', row: { deleted: true } }],
    [
      'a tombstone',
      { status: 410, problem: { row: { ...row, deleted: true } } },
      { kind: 'done', row: { deleted: true } },
    ],
    ['a conflict', { status: 412, problem: { row } }, { kind: 'conflict', row: { deleted: false } }],
  ])('to a delete: %s', async (_, item, answer) => {
    expect((await one(item, writes[3]!)).answers).toMatchObject([answer])
  })
})

test.each<[string, Told, string]>([
  ['too few answers', { body: { results: [{ status: 200, body: { row } }] } }, 'unknown'],
  ['no list', { body: { results: {} } }, 'unknown'],
  ['an HTML page', { body: '<html>' }, 'unknown'],
  ['a server error', { status: 502 }, 'unknown'],
  ['a used up quota', { status: 429, headers: { 'retry-after': '5' } }, 'later'],
  ['a refusal of the whole', { status: 413 }, 'rejected'],
])('%s for a batch is the answer to each of its writes', async (_, told, kind) => {
  expect((await written(told)).answers.map((answer) => answer.kind)).toEqual(writes.map(() => kind))
})

test('as many as fit go at once; one more is a bug of the caller, and nothing is sent', async () => {
  const five = [...writes, writes[0]!]
  expect((await written({ body: { results: writes.map(() => ({ status: 429 })) } })).answers).toHaveLength(4)
  await expect(written({}, five)).rejects.toThrow(new RangeError('5 writes in one batch; 4 fit'))
})

test.each([
  { create: { kind: 'search', search: '/x?{externalId}' } },
  { update: { kind: 'replace' } },
] as const)('where a row must be looked at before it is written, there are no batches: %o', (write) => {
  expect(() => restAdapter({ baseUrl: 'http://localhost:8080', batch, write })).toThrow(
    /batch: nothing is searched or read before/,
  )
})
