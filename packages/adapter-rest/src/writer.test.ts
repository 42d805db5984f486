/** Writes as the config shapes them: what goes over the wire, and what a search before a create may and may not do. */
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import type { UpsertRequest } from '@skerry/bridge'
import { describe, expect, test } from 'vitest'
import { call } from '../test/crm.ts'
import { type Asked, serve, type Told } from '../test/server.ts'
import { SEARCH_PAGES_MAX } from './limits.ts'

const row = (more: object = {}) => ({
  id: '7',
  externalId: 'skerry:7',
  version: 3,
  fields: { name: 'a', note: 'n' },
  ...more,
})
const request: UpsertRequest = {
  externalId: 'skerry:7',
  fields: { name: 'b', note: null },
  expectedVersion: null,
  idempotencyKey: 'key-1',
  restore: false,
}
const change: UpsertRequest = { ...request, id: '7', expectedVersion: '3' }

async function adapterOn(
  options: Partial<RestAdapterOptions>,
  answer: (asked: Asked) => Told = () => ({ body: row() }),
) {
  const { baseUrl, asked } = await serve(answer)
  const adapter = restAdapter({ baseUrl, timeoutMs: 2_000, ...options })
  const sent = () =>
    asked.map(({ method, url, body }) => [method, url, ...(body === '' ? [] : [JSON.parse(body) as unknown])])
  return { adapter, asked, sent, upsert: (what: UpsertRequest) => adapter.upsert('accounts', what, call) }
}

describe('a change', () => {
  test.each<[string, Partial<RestAdapterOptions>, unknown[], Record<string, string | undefined>]>([
    [
      'by default',
      {},
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
      { 'if-match': '"v3"', 'idempotency-key': '"key-1"', 'content-type': 'application/merge-patch+json' },
    ],
    [
      'with an entity tag of its own',
      { etag: 'W/"{version}"' },
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
      { 'if-match': 'W/"3"' },
    ],
    [
      'with the version in the body',
      { write: { version: { kind: 'body', at: 'meta.rev', parameter: 'rev' } } },
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: null }, meta: { rev: 3 } }],
      { 'if-match': undefined },
    ],
    [
      'without versions',
      { compareAndSet: false },
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
      { 'if-match': undefined },
    ],
    [
      'by another method',
      { write: { update: { method: 'POST', contentType: 'application/json' } } },
      ['POST', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
      { 'content-type': 'application/json' },
    ],
    [
      'with another key',
      { write: { idempotencyKey: { header: 'X-Request-Id', quoted: false } } },
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
      { 'x-request-id': 'key-1', 'idempotency-key': undefined },
    ],
    [
      'without one',
      { write: { idempotencyKey: null } },
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
      { 'idempotency-key': undefined },
    ],
    [
      'that empties by an empty text',
      { write: { empty: '' } },
      ['PATCH', '/v1/accounts/7', { fields: { name: 'b', note: '' } }],
      {},
    ],
    [
      'of a row that is its own fields',
      { row: { fields: '' } },
      ['PATCH', '/v1/accounts/7', { name: 'b', note: null }],
      {},
    ],
    [
      'of fields deep inside',
      { row: { fields: 'data.attributes' } },
      ['PATCH', '/v1/accounts/7', { data: { attributes: { name: 'b', note: null } } }],
      {},
    ],
  ])('%s', async (_, options, sent, headers) => {
    const { upsert, asked, sent: all } = await adapterOn(options)
    await upsert(change)
    expect(all()[0]).toEqual(sent)
    for (const [name, value] of Object.entries(headers)) expect(asked[0]?.headers[name], name).toBe(value)
  })

  test('of whole rows: the row is read, and sent with what changes', async () => {
    const { upsert, sent } = await adapterOn({ write: { update: { kind: 'replace' } } })
    expect((await upsert(change)).kind).toBe('done')
    expect(sent()).toEqual([
      ['GET', '/v1/accounts/7'],
      ['PUT', '/v1/accounts/7', { fields: { name: 'b', note: null } }],
    ])
  })

  test('of whole rows that somebody else changed: a conflict, and nothing is sent', async () => {
    const { upsert, sent } = await adapterOn({ write: { update: { kind: 'replace' } } }, () => ({
      body: row({ version: 4 }),
    }))
    expect(await upsert(change)).toMatchObject({ kind: 'conflict', row: { version: '4' } })
    expect(sent()).toEqual([['GET', '/v1/accounts/7']])
  })

  test('of whole rows that cannot be read: later, since nothing was sent', async () => {
    const { upsert } = await adapterOn({ write: { update: { kind: 'replace' } } }, () => ({ status: 500 }))
    expect((await upsert(change)).kind).toBe('later')
  })

  test('an empty text is read as empty, where it is how the system empties', async () => {
    const { adapter } = await adapterOn({ write: { empty: '' } }, () => ({
      body: row({ fields: { name: 'a', note: '' } }),
    }))
    expect(await adapter.read('accounts', { id: '7' }, call)).toMatchObject({
      row: { value: { name: 'a', note: null } },
    })
  })
})

describe('restoring', () => {
  const restored: UpsertRequest = { ...change, restore: true, expectedVersion: 'gone' }

  test.each<[string, NonNullable<RestAdapterOptions['write']>, unknown[][]]>([
    [
      'by parameters of the write',
      { restore: { kind: 'query', query: { undelete: 'true' } } },
      [['PATCH', '/v1/accounts/7?undelete=true', { fields: { name: 'b', note: null } }]],
    ],
    [
      'by making the row anew',
      { restore: { kind: 'create' } },
      [['PUT', '/v1/accounts/by-external-id/skerry%3A7', { fields: { name: 'b', note: null } }]],
    ],
  ])('%s', async (_, write, sent) => {
    const { upsert, sent: all } = await adapterOn({ write })
    expect((await upsert(restored)).kind).toBe('done')
    expect(all()).toEqual(sent)
  })

  test('never, where deleted rows stay so', async () => {
    const { upsert, sent } = await adapterOn({ write: { restore: { kind: 'never' } } })
    expect(await upsert(restored)).toMatchObject({
      kind: 'rejected',
      reason: 'a deleted row of accounts cannot live again there',
    })
    expect(sent()).toEqual([])
  })
})

describe('a search before a create', () => {
  const search = (settleMs = 0): Partial<RestAdapterOptions> => ({
    write: {
      create: { kind: 'search', search: '/v1/{type}?ref={externalId}', path: '/v1/{type}', settleMs },
    },
  })
  const found = (...rows: object[]): Told => ({ body: { rows } })

  test('makes a row with its external id when none is found', async () => {
    const { upsert, sent } = await adapterOn(search(), ({ method }) =>
      method === 'GET' ? found() : { status: 201, body: row() },
    )
    expect((await upsert(request)).kind).toBe('done')
    expect(sent()).toEqual([
      ['GET', '/v1/accounts?ref=skerry%3A7'],
      ['POST', '/v1/accounts', { fields: { name: 'b', note: null }, externalId: 'skerry:7' }],
    ])
  })

  test('tells the row that is there, and overlooks what only resembles it', async () => {
    const { upsert, sent } = await adapterOn(search(), () =>
      found(row({ id: '6', externalId: 'skerry:77' }), row()),
    )
    expect(await upsert(request)).toMatchObject({ kind: 'conflict', row: { id: '7' } })
    expect(sent()).toHaveLength(1)
  })

  const paged =
    (count: number, mine: number | undefined) =>
    ({ url }: Asked) => {
      const at = Number(new URL(url, 'http://x').searchParams.get('cursor') ?? 1)
      const one = at === mine ? row() : row({ id: `x${at}`, externalId: `skerry:7${at}` })
      return { body: { rows: [one], next: at < count ? String(at + 1) : null } }
    }

  test('goes on through what only resembles it, to the row or to the end', async () => {
    const late = await adapterOn(search(), paged(3, 3))
    expect(await late.upsert(request)).toMatchObject({ kind: 'conflict', row: { id: '7' } })
    const never = await adapterOn(search(), (asked) =>
      asked.method === 'GET' ? paged(3, undefined)(asked) : { status: 201, body: row() },
    )
    expect((await never.upsert(request)).kind).toBe('done')
    expect(never.sent().map(([method]) => method)).toEqual(['GET', 'GET', 'GET', 'POST'])
  })

  test('ends where it finds everything but the row', async () => {
    const last = await adapterOn(search(), paged(SEARCH_PAGES_MAX, SEARCH_PAGES_MAX))
    expect((await last.upsert(request)).kind).toBe('conflict')
    const beyond = await adapterOn(search(), paged(SEARCH_PAGES_MAX + 1, SEARCH_PAGES_MAX + 1))
    expect(await beyond.upsert(request)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('want one that is exact'),
    })
    expect(beyond.sent()).toHaveLength(SEARCH_PAGES_MAX)
  })

  test.each<[string, Told, string]>([
    ['fails', { status: 500 }, 'later'],
    ['is garbled', { body: '<html>' }, 'later'],
    ['is refused', { status: 400, body: { detail: 'no search here' } }, 'rejected'],
    ['finds two', found(row(), row({ id: '8' })), 'rejected'],
  ])('that %s makes nothing', async (_, told, kind) => {
    const { upsert, sent } = await adapterOn(search(), () => told)
    expect((await upsert(request)).kind).toBe(kind)
    expect(sent()).toHaveLength(1)
  })

  test('whose index lags: a create of unknown fate waits until it would be found', async () => {
    let now = 1_000_000
    const { upsert } = await adapterOn({ ...search(60_000), now: () => now }, ({ method }) =>
      method === 'GET' ? found() : { status: 500 },
    )
    now += 60_000
    expect(await upsert(request)).toMatchObject({ kind: 'unknown', retryAfterMs: 60_000 })
  })

  test('whose index lags: after a start nothing is made until what was made before it would be found', async () => {
    let now = 1_000_000
    const { upsert, sent } = await adapterOn({ ...search(60_000), now: () => now }, ({ method }) =>
      method === 'GET' ? found() : { status: 201, body: row() },
    )
    now += 59_000
    expect(await upsert(request)).toMatchObject({ kind: 'later', retryAfterMs: 1_000 })
    expect(sent().map(([method]) => method)).toEqual(['GET'])
    now += 1_000
    expect((await upsert(request)).kind).toBe('done')
  })
})

test.each<[NonNullable<RestAdapterOptions['write']>, RegExp]>([
  [{ create: { kind: 'search', search: '/v1/{type}' } }, /write\.create\.search: want \{externalId\} in it/],
  [{ create: { kind: 'post' } as never }, /write\.create\.kind/],
  [{ version: { kind: 'body', at: 'rev' } as never }, /write\.version\.parameter/],
  [{ empty: 'none' as never }, /write\.empty/],
  [{ updates: {} } as never, /unknown key 'write\.updates'/],
])('a config that cannot be written by says where: %o', (write, message) => {
  expect(() => restAdapter({ baseUrl: 'http://localhost:8080', write })).toThrow(message)
})

test('a digest is nothing that a system could compare', () => {
  const options = { baseUrl: 'http://localhost:8080', row: { version: { digest: true as const } } }
  expect(() => restAdapter(options)).toThrow(
    /row\.version: a digest is nothing that the system could compare/,
  )
  expect(restAdapter({ ...options, compareAndSet: false }).capabilities.compareAndSet).toBe(false)
})
