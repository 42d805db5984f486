/** What an answer means: the defaults, and a config's own table. */
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import { describe, expect, test } from 'vitest'
import { call } from '../test/crm.ts'
import { serve, type Told } from '../test/server.ts'

const row = {
  id: '7',
  version: 3,
  externalId: 'skerry:7',
  modifiedAt: 5,
  deleted: false,
  fields: { name: 'a' },
}
const request = {
  externalId: 'skerry:7',
  id: '7',
  fields: { name: 'b' },
  expectedVersion: '2',
  idempotencyKey: 'k',
  restore: false,
}
const asked = { type: 'accounts', id: '7', externalId: 'skerry:7' }

async function adapterOn(told: Told, options: Partial<RestAdapterOptions> = {}) {
  const { baseUrl } = await serve(() => told)
  return restAdapter({ baseUrl, timeoutMs: 2_000, now: () => Date.UTC(2026, 10, 29, 12), ...options })
}

const written = async (told: Told, options?: Partial<RestAdapterOptions>) =>
  (await adapterOn(told, options)).upsert('accounts', request, call)
const read = async (told: Told, options?: Partial<RestAdapterOptions>) =>
  (await adapterOn(told, options)).read('accounts', { id: '7' }, call)

describe('a write', () => {
  test.each<[string, Told, object]>([
    ['200 with the row', { body: row }, { kind: 'done', row: { version: '3' } }],
    ['201 with the row', { status: 201, body: row }, { kind: 'done' }],
    ['412 with the row', { status: 412, body: { row } }, { kind: 'conflict', row: { version: '3' } }],
    ['428 with the row', { status: 428, body: { row } }, { kind: 'conflict' }],
    [
      '410 with the tombstone',
      { status: 410, body: { row: { ...row, deleted: true } } },
      { kind: 'conflict', row: { deleted: true } },
    ],
    ['401', { status: 401 }, { kind: 'unauthorized' }],
    ['403', { status: 403, body: { detail: 'not yours' } }, { kind: 'rejected', reason: '403: not yours' }],
    [
      '403 that says when to come again',
      { status: 403, headers: { 'retry-after': '9' } },
      { kind: 'later', retryAfterMs: 9_000 },
    ],
    ['404', { status: 404 }, { kind: 'rejected' }],
    ['405', { status: 405 }, { kind: 'rejected' }],
    ['408', { status: 408 }, { kind: 'unknown' }],
    ['409', { status: 409 }, { kind: 'rejected' }],
    ['409 of a repeat that still runs', { status: 409, headers: { 'retry-after': '1' } }, { kind: 'later' }],
    ['413', { status: 413 }, { kind: 'rejected' }],
    ['422', { status: 422 }, { kind: 'rejected' }],
    ['423', { status: 423 }, { kind: 'later' }],
    ['425', { status: 425 }, { kind: 'later' }],
    [
      '429 with a date',
      { status: 429, headers: { 'retry-after': 'Sun, 29 Nov 2026 12:00:30 GMT' } },
      { kind: 'later', retryAfterMs: 30_000 },
    ],
    [
      '429 with RateLimit',
      { status: 429, headers: { ratelimit: '"burst";r=0;t=4' } },
      { kind: 'later', retryAfterMs: 4_000 },
    ],
    [
      '429 with both, of which Retry-After counts',
      { status: 429, headers: { ratelimit: '"b";r=0;t=4', 'retry-after': '60' } },
      { kind: 'later', retryAfterMs: 60_000 },
    ],
    ['429 that says nothing', { status: 429 }, { kind: 'later', retryAfterMs: undefined }],
    ['500', { status: 500 }, { kind: 'unknown' }],
    ['501', { status: 501 }, { kind: 'rejected' }],
    [
      '503 with a wait',
      { status: 503, headers: { 'retry-after': '3' } },
      { kind: 'unknown', retryAfterMs: 3_000 },
    ],
    ['504', { status: 504 }, { kind: 'unknown' }],
    [
      '302',
      { status: 302, headers: { location: 'http://10.0.0.5/x' } },
      {
        kind: 'rejected',
        reason: expect.stringContaining('it leads to http://10.0.0.5/x; redirects are not followed'),
      },
    ],
  ])('%s', async (_, told, answer) => {
    expect(await written(told)).toMatchObject(answer)
  })

  test('a row that has a field of that name is no error', async () => {
    const itself = { ...row, error: 'E7 in the press', errors: ['two'] }
    expect(await written({ body: itself }, { row: { fields: '' } })).toMatchObject({
      kind: 'done',
      row: { value: { error: 'E7 in the press' } },
    })
    expect(
      await written({ body: { data: row, errors: ['not saved'] } }, { row: { at: 'data' } }),
    ).toMatchObject({ kind: 'unknown' })
  })

  test('API-9: what one type is refused is refused for that type, and others are written', async () => {
    const { baseUrl } = await serve(({ url }) =>
      url.includes('/salaries/') ? { status: 403, body: { detail: 'no right to salaries' } } : { body: row },
    )
    const adapter = restAdapter({ baseUrl })
    expect(await adapter.upsert('salaries', request, call)).toMatchObject({
      kind: 'rejected',
      reason: '403: no right to salaries',
    })
    expect(await adapter.upsert('accounts', request, call)).toMatchObject({ kind: 'done' })
  })
})

describe('the words of a refusal', () => {
  test.each<[string, unknown, string, string[]]>([
    [
      'RFC 9457',
      {
        title: 'Invalid',
        detail: 'name is too long',
        code: 'too-long',
        errors: [{ path: '/fields/name', message: 'too long' }],
      },
      '422 too-long: name is too long; /fields/name too long',
      ['name'],
    ],
    [
      'a field with a slash in it',
      { detail: 'no', errors: [{ path: '/fields/a~1b', message: 'no' }] },
      '422: no; /fields/a~1b no',
      ['a/b'],
    ],
    [
      'JSON:API',
      { errors: [{ detail: 'is taken', source: { pointer: '/data/attributes/name' } }] },
      '422: /data/attributes/name is taken',
      ['name'],
    ],
    [
      'lists by field',
      { errors: { name: ['is taken', 'is short'] } },
      '422: name is taken, is short',
      ['name'],
    ],
    ['texts', { errors: ['name is taken'] }, '422: name is taken', []],
    [
      'OAuth',
      { error: 'invalid_request', error_description: 'no such grant' },
      '422 invalid_request: no such grant',
      [],
    ],
    ['an object', { error: { code: 'E1', message: 'no such field' } }, '422 E1: no such field', []],
    ['its own text', 'Bad luck', '422: Bad luck', []],
    ['nothing', '', '422: no reason given', []],
    [
      'members of the wrong kind',
      { title: 5, detail: ['x'], message: 'at least this', errors: 7 },
      '422: at least this',
      [],
    ],
  ])('%s', async (_, body, reason, fields) => {
    expect(await written({ status: 422, body })).toEqual({ kind: 'rejected', reason, fields })
  })
})

describe('a table in the config', () => {
  const answers: RestAdapterOptions['answers'] = [
    { status: 400, body: { code: 'LOCKED' }, is: 'later', waitMs: 5_000 },
    { status: 400, body: { message: { matches: '(?i:quota)' } }, is: 'later' },
    { status: [500, 599], to: 'read', is: 'later' },
    { status: 503, header: { 'x-maintenance': '.' }, is: 'later' },
    { body: { 'error.code': 'GONE' }, is: 'gone' },
    { status: 200, body: { fault: { there: true } }, is: 'rejected' },
    { status: 404, to: 'write', body: { id: { there: false } }, is: 'unknown' },
  ]

  test.each<[string, Told, object]>([
    [
      'a value in the body',
      { status: 400, body: { code: 'LOCKED' } },
      { kind: 'later', retryAfterMs: 5_000 },
    ],
    [
      'what the answer says of waiting counts more',
      { status: 400, body: { code: 'LOCKED' }, headers: { 'retry-after': '9' } },
      { kind: 'later', retryAfterMs: 9_000 },
    ],
    ['an expression', { status: 400, body: { message: 'Quota exceeded' } }, { kind: 'later' }],
    ['neither', { status: 400, body: { code: 'OTHER' } }, { kind: 'rejected' }],
    ['a header', { status: 503, headers: { 'x-maintenance': '1' } }, { kind: 'later' }],
    ['not that header', { status: 503 }, { kind: 'unknown' }],
    [
      'a place, whatever the status',
      { status: 200, body: { error: { code: 'GONE' }, row: { ...row, deleted: true } } },
      { kind: 'conflict', row: { deleted: true } },
    ],
    ['that something is there', { status: 200, body: { fault: 'no' } }, { kind: 'rejected' }],
    ['that something is not', { status: 404, body: {} }, { kind: 'unknown' }],
    ['of reading only', { status: 500 }, { kind: 'unknown' }],
  ])('%s', async (_, told, answer) => {
    expect(await written(told, { answers })).toMatchObject(answer)
  })

  test('what is said of reading', async () => {
    expect(await read({ status: 500 }, { answers })).toMatchObject({ kind: 'later' })
    expect(await read({ status: 404, body: {} }, { answers })).toEqual({ kind: 'absent' })
  })

  test.each([
    [{ status: 400 }, /answers\.0\.is/],
    [{ is: 'broken' }, /answers\.0\.is/],
    [{ is: 'later', body: { code: { matches: '(' } } }, /answers\.0\.body\.code/],
    [{ is: 'later', header: { x: '[' } }, /answers\.0\.header\.x: is no regular expression/],
    [{ is: 'later', code: 5 }, /unknown key 'answers\.0\.code'/],
  ])('a line that says nothing sound is an error: %o', (rule, message) => {
    expect(() => restAdapter({ baseUrl: 'http://localhost:8080', answers: [rule as never] })).toThrow(message)
  })
})

describe('a delete', () => {
  const deleted = async (told: Told, options?: Partial<RestAdapterOptions>) =>
    (await adapterOn(told, options)).delete(
      asked.type,
      { ...asked, idempotencyKey: 'k', expectedVersion: '3' },
      call,
    )

  test.each<[string, Told, object]>([
    ['204', { status: 204 }, { kind: 'done', row: { id: '7', deleted: true, version: 'gone' } }],
    [
      '200 with the tombstone',
      { body: { ...row, version: 4, deleted: true } },
      { kind: 'done', row: { version: '4', deleted: true } },
    ],
    ['200 with the row as it was', { body: row }, { kind: 'done', row: { deleted: true } }],
    ['404', { status: 404 }, { kind: 'done', row: { deleted: true } }],
    ['410 with the tombstone', { status: 410, body: { row: { ...row, deleted: true } } }, { kind: 'done' }],
    ['412', { status: 412, body: { row } }, { kind: 'conflict', row: { deleted: false } }],
    ['500', { status: 500 }, { kind: 'unknown' }],
  ])('%s', async (_, told, answer) => {
    expect(await deleted(told)).toMatchObject(answer)
  })
})

describe('a row that is not found when it is written', () => {
  test('is no deletion where deletions are told', async () => {
    expect(await written({ status: 404, body: { detail: 'no such row' } })).toMatchObject({
      kind: 'rejected',
      reason: '404: no such row',
    })
  })

  test('is one where the system deletes for good', async () => {
    expect(await written({ status: 404 }, { deletions: 'unseen' })).toEqual({
      kind: 'conflict',
      row: { ...asked, version: 'gone', deleted: true, value: {} },
    })
  })
})
