import { inspect } from 'node:util'
import {
  type ODataAdapterOptions,
  ODataConfigError,
  odataAdapter,
  odataConfigSchema,
} from '@skerry/adapter-odata'
import type { Allowance } from '@skerry/bridge'
import { answerOf, change, create, onRequest, rowIn } from '@skerry/bridge/testing'
import { expect, test, vi } from 'vitest'
import { cookiesIn } from '../src/csrf.ts'
import { call, startService } from './service.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const visits = { key: 'Id', externalId: 'Reference', modified: 'ModifiedAt', fields: ['Title'] }
const good: ODataAdapterOptions = { serviceUrl: 'https://erp.example/odata', types: { Visits: visits } }
const types = (more: object) => ({ types: { Visits: { ...visits, ...more } } })

test.each([
  [{ serviceUrl: 'ftp://erp.example' }, /serviceUrl: Invalid URL/],
  [{ serviceUrl: 'http://169.254.169.254/odata' }, /serviceUrl: a link-local address/],
  [{ serviceUrl: 'https://erp.example/odata?sap-client=100' }, /serviceUrl: want an address without query/],
  [{ serviceUrl: 'http://erp.example/odata' }, /serviceUrl: http without TLS/],
  [
    { auth: { clientId: 'a', clientSecret: 'b', tokenUrl: 'http://login.example/token' } },
    /auth\.tokenUrl: http without TLS/,
  ],
  [{ types: {} }, /types: wants at least one type/],
  [{ types: { 'Visits(1)': visits } }, /types\.Visits\(1\): .*Invalid key/],
  [types({ fields: [] }), /types\.Visits\.fields: Too small/],
  [types({ fields: ['Title', { name: 'Title', kind: 'time' }] }), /fields: one of them stands there twice/],
  [types({ fields: ['Title,Secret'] }), /types\.Visits\.fields\.0: want a name, or/],
  [types({ modified: undefined }), /types\.Visits\.modified: changes are found by the time of the last one/],
  [types({ create: 'known-id', keyType: 'text' }), /types\.Visits\.create: a key that follows/],
  [
    { changes: 'delta', ...types({ filter: 'Done eq false' }) },
    /types\.Visits\.filter: a service that tracks changes/,
  ],
  [{ profile: 'oracle' }, /profile: Invalid option/],
  [{ auth: { kind: 'basic', user: 'ana' } }, /auth\.password/],
  [{ retries: 3 }, /unknown key 'retries'/],
])('OD-01 a config with %j is refused and says where', (wrong, message) => {
  const make = () => odataAdapter({ ...good, ...wrong } as ODataAdapterOptions)
  expect(make).toThrow(ODataConfigError)
  expect(make).toThrow(message)
})

test('OD-01 as many names as fit in an address, and one letter more', () => {
  const names = Array.from({ length: 50 }, (_, i) => `F${String(i).padStart(2, '0')}${'x'.repeat(76)}`)
  const most = [...names.slice(0, 49), 'y'.repeat(4_000 - 49 * 80)]
  expect(most.join(',')).toHaveLength(4_000)
  const make = (fields: string[]) => odataAdapter({ ...good, ...types({ fields }) })
  expect(make(most).name).toBe('odata')
  expect(() => make([...most.slice(0, -1), `${most.at(-1)}y`])).toThrow(/more than 4000 characters/)
})

test('OD-01 a secret shows itself in no inspection, and not in the reason of a service that says it back', async () => {
  const auth = { kind: 'basic', user: 'ana', password: 'very-secret-word' } as const
  const config = odataConfigSchema.parse({ ...good, auth })
  expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('very-secret-word')
  const error = { code: 'x', message: 'you sent very-secret-word' }
  onRequest(async () => answerOf({ error }, 400))
  const answer = await odataAdapter({ ...good, auth }).read('Visits', { externalId: 'x' }, call)
  expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('you sent (secret)') })
})

test('OD-02 calls that meet the end of a token together ask for one new one', async () => {
  const service = await startService('dataverse')
  const adapter = service.adapter()
  await adapter.check(call)
  await service.admin('POST', '/sessions/expire')
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => adapter.changes(service.set, undefined, 10, call)),
  )
  expect(answers.map(({ kind }) => kind)).toEqual(Array(5).fill('page'))
  const tokens = (await service.requests()).filter(({ path }) => path === '/oauth2/token')
  expect(tokens).toHaveLength(2)
})

test('OD-03 what a call spends is counted, and what is left of the window is told', async () => {
  const service = await startService('dataverse', {
    settings: { rateLimit: { calls: 50, windowMs: 300_000 } },
  })
  const adapter = service.adapter()
  const allowances: Allowance[] = []
  let spent = 0
  const counted = {
    ...call,
    spend: (units = 1) => {
      spent += units
    },
    allowance: (one: Allowance) => void allowances.push(one),
  }
  await adapter.changes(service.set, undefined, 10, counted)
  await adapter.upsert(service.set, create('x', { [service.title]: 'a' }), counted)
  expect(spent).toBe((await service.requests()).length)
  expect(allowances).toEqual([
    { limit: 'burst', remaining: 49 },
    { limit: 'burst', remaining: 48 },
  ])
})

test('OD-41 the window of requests used up: later, with the wait that the service tells', async () => {
  const settings = { rateLimit: { calls: 1, windowMs: 300_000 } }
  const service = await startService('dataverse', { settings })
  service.hold(Date.now())
  const adapter = service.adapter()
  expect((await adapter.changes(service.set, undefined, 10, call)).kind).toBe('page')
  const answer = await adapter.upsert(service.set, create('x', { [service.title]: 'a' }), call)
  expect(answer).toMatchObject({
    kind: 'later',
    retryAfterMs: 300_000,
    reason: expect.stringContaining('0x80072322: Number of requests exceeded'),
  })
  expect(await service.rows()).toEqual([])
})

test('OD-04 one token for many changes, none for reading, and a new one when the session has ended', async () => {
  const service = await startService('sap')
  const adapter = service.adapter()
  const tokens: (string | null)[] = []
  onRequest(async (send, _, { method, headers }) => {
    tokens.push(`${method} ${new Headers(headers).get('x-csrf-token')?.length ?? 'none'}`)
    return send()
  })
  const row = rowIn(await adapter.upsert('Visits', create('x', { Title: 'a' }), call))
  expect((await adapter.read('Visits', { id: row.id }, call)).kind).toBe('row')
  await adapter.upsert('Visits', create('y', { Title: 'b' }), call)
  expect(tokens).toEqual(['GET 5', 'POST 24', 'GET none', 'POST 24'])
  tokens.length = 0
  await service.admin('POST', '/sessions/expire')
  expect((await adapter.upsert('Visits', change(row, { Title: 'c' }), call)).kind).toBe('done')
  expect(tokens).toEqual(['PATCH 24', 'GET 5', 'PATCH 24'])
})

test('OD-04 changes at the same time share one token; a service that refuses each of them does not let us in', async () => {
  const service = await startService('sap')
  const adapter = service.adapter()
  const writes = Array.from({ length: 5 }, (_, i) =>
    adapter.upsert('Visits', create(`x${i}`, { Title: 'a' }), call),
  )
  expect(new Set((await Promise.all(writes)).map(({ kind }) => kind))).toEqual(new Set(['done']))
  const fetched = (await service.requests()).filter(({ method }) => method === 'GET')
  expect(fetched).toHaveLength(1)
  let asked = 0
  onRequest(async (send, _, { method }) => {
    asked++
    if (method === 'GET') return send()
    return answerOf({ error: { code: 'x', message: 'CSRF' } }, 403, { 'x-csrf-token': 'Required' })
  })
  const refused = await adapter.upsert('Visits', create('z', { Title: 'a' }), call)
  expect(refused).toMatchObject({ kind: 'unauthorized', reason: expect.stringContaining('CSRF') })
  expect(asked).toBeLessThanOrEqual(5)
})

test.each([
  ['no answer at all', () => ({ kind: 'unanswered', reason: 'cut' }) as const, 'later'],
  ['a server error', () => answerOf({}, 500), 'later'],
  ['no token in it', () => answerOf({ value: [] }), 'later'],
  ['somebody else let in', () => answerOf({}, 401), 'unauthorized'],
])('OD-04 without a token nothing is sent: %s', async (_, answer, kind) => {
  const sent: string[] = []
  onRequest(async (_send, _url, { method }) => {
    sent.push(method)
    return answer()
  })
  const adapter = odataAdapter({ ...good, csrf: true })
  expect((await adapter.upsert('Visits', create('x', { Title: 'a' }), call)).kind).toBe(kind)
  expect(new Set(sent)).toEqual(new Set(['GET']))
})

test.each([
  ['', ''],
  ['a=1; path=/', 'a=1'],
  ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly, b=x=2; Secure', 'a=1; b=x=2'],
  ['flag', ''],
])('OD-04 the cookies in %j are %j', (header, expected) => {
  expect(cookiesIn(header)).toBe(expected)
})
