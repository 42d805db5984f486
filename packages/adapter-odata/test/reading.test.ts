import { odataAdapter } from '@skerry/adapter-odata'
import { answerOf, change, create, onRequest, rowIn } from '@skerry/bridge/testing'
import type { ProfileName } from '@skerry/sandbox/odata'
import { expect, test, vi } from 'vitest'
import { call, startService } from './service.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

function plain(more: object = {}, type: object = {}) {
  const visits = { key: 'Id', externalId: 'Reference', modified: 'ModifiedAt', fields: ['Title'], ...type }
  return odataAdapter({ serviceUrl: 'https://erp.example/odata', types: { Visits: visits }, ...more })
}

/** Paths asked for, decoded; each is answered with this. */
function asked(answer: Parameters<typeof answerOf>[0], status = 200) {
  const paths: string[] = []
  onRequest(async (_send, _url, { path }) => {
    paths.push(decodeURIComponent(path))
    return answerOf(answer, status)
  })
  return paths
}

const odd = `o'Neill's "50%" (a/b)?c#d&e=f+g,h \\ é 名 $x' or 1 eq 1`

test.each(['sap', 'dataverse', 'business-central', 'plain'] as const)(
  'OD-07 on %s an external id is text, whatever stands in it',
  async (profile) => {
    const service = await startService(profile)
    const adapter = service.adapter()
    const made = rowIn(await adapter.upsert(service.set, create(odd, { [service.title]: odd }), call))
    expect(made).toMatchObject({ externalId: odd, value: { [service.title]: odd } })
    await adapter.upsert(service.set, create('another', { [service.title]: 'b' }), call)
    expect(rowIn(await adapter.read(service.set, { externalId: odd }, call))).toEqual(made)
    const again = await adapter.upsert(service.set, create(odd, { [service.title]: 'again' }), call)
    expect(again).toEqual({ kind: 'conflict', row: made })
    for (const other of [odd.slice(0, -1), `${odd}'`, odd.toUpperCase(), ''])
      expect(await adapter.read(service.set, { externalId: other }, call)).toEqual({ kind: 'absent' })
    expect(await service.rows()).toHaveLength(2)
  },
)

test('OD-05 where the database folds case, an id that differs in nothing else is another one, and cannot be made', async () => {
  const service = await startService('dataverse')
  const adapter = service.adapter()
  await adapter.upsert(service.set, create('skerry:Aa', { [service.title]: 'a' }), call)
  expect(await adapter.read(service.set, { externalId: 'skerry:aA' }, call)).toEqual({ kind: 'absent' })
  const other = await adapter.upsert(service.set, create('skerry:aA', { [service.title]: 'b' }), call)
  expect(other).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(
      /is in the way; its external id, skerry:Aa, is the same to the service as skerry:aA/,
    ),
  })
  expect(await service.rows()).toHaveLength(1)
})

test('OD-05 several rows of one external id are told with their keys, and nobody picks one', async () => {
  const row = { Reference: 'x', Title: 'a', ModifiedAt: '2026-01-01T00:00:00Z', '@odata.etag': '"1"' }
  const other = id.replace('7c', '8d')
  asked({
    value: [
      { ...row, Id: id },
      { ...row, Id: other },
      { ...row, Id: id, Reference: 'X' },
    ],
  })
  expect(await plain().read('Visits', { externalId: 'x' }, call)).toEqual({
    kind: 'rejected',
    reason: `several rows of Visits have the external id x: ${id}, ${other}; a person must merge them`,
  })
})

test('OD-06 a key that no row can have is absent without a request, and so is an external id of no length', async () => {
  const paths = asked({})
  for (const odd of ['', 'x', '1', `${id})`, `${id}/Title`, '..', "'"])
    expect(await plain().read('Visits', { id: odd }, call)).toEqual({ kind: 'absent' })
  expect(await plain({}, { keyType: 'integer' }).read('Visits', { id: '1 or 1' }, call)).toEqual({
    kind: 'absent',
  })
  const long = 'x'.repeat(513)
  expect(await plain({}, { keyType: 'text' }).read('Visits', { id: long }, call)).toEqual({ kind: 'absent' })
  expect(await plain().read('Visits', { externalId: long }, call)).toEqual({ kind: 'absent' })
  expect(paths).toEqual([])
})

test.each([
  ['text', "a'b/..", "/Visits('a''b/..')?$select=Id,Reference,ModifiedAt,Title"],
  ['text', '..', "/Visits('..')?$select=Id,Reference,ModifiedAt,Title"],
  ['integer', '-12', '/Visits(-12)?$select=Id,Reference,ModifiedAt,Title'],
  ['guid', id, `/Visits(${id})?$select=Id,Reference,ModifiedAt,Title`],
])('OD-07, OD-08 a key of %s, %s, is asked for as %s', async (keyType, key, path) => {
  const paths = asked({ error: { code: 'x', message: 'no' } }, 404)
  expect(await plain({}, { keyType }).read('Visits', { id: key }, call)).toEqual({ kind: 'absent' })
  expect(paths).toEqual([path])
})

test('OD-07 every sign that means something in an address is encoded', async () => {
  const paths: string[] = []
  onRequest(async (_send, _url, { path }) => {
    paths.push(path.split('?')[0] ?? '')
    return answerOf({}, 404)
  })
  await plain({}, { keyType: 'text' }).read('Visits', { id: "a/b?c#d(e)f'g%h" }, call)
  await plain({}, { create: 'alternate-key' }).read('Visits', { externalId: ')(' }, call)
  expect(paths).toEqual(["/Visits('a%2Fb%3Fc%23d%28e%29f''g%25h')", "/Visits(Reference='%29%28')"])
})

test.each(['sap', 'dataverse', 'business-central', 'plain'] as const)(
  'OD-09 on %s money keeps its digits both ways, and times come in UTC',
  async (profile: ProfileName) => {
    const service = await startService(profile)
    const adapter = service.adapter()
    const { set, title, cost, startsAt } = service
    const fields = { [title]: 'a', [cost]: '1234567890123456.7', [startsAt]: '2026-03-01T10:00:00.25+02:00' }
    const row = rowIn(await adapter.upsert(set, create('x', fields), call))
    expect(row.value).toMatchObject({ [cost]: '1234567890123456.70', [startsAt]: '2026-03-01T08:00:00.25Z' })
    const changed = rowIn(await adapter.upsert(set, change(row, { [cost]: '-0.05' }), call))
    expect(changed.value[cost]).toBe('-0.05')
    expect(rowIn(await adapter.read(set, { id: row.id }, call))).toEqual(changed)
    const told = await adapter.changes(set, undefined, 10, call)
    expect(told).toMatchObject({ rows: [changed] })
  },
)

test('OD-09 a service that tells decimals as numbers all the same, and times with zones', async () => {
  const decimals = ['Cost', 'Tax'].map((name) => ({ name, kind: 'decimal' }))
  const fields = ['Title', ...decimals, { name: 'At', kind: 'time' }]
  const numbers = '"Cost":12345678901234567890.123456789,"Tax":12.5,"At":"2026-01-01T00:30:00.1234567+01:00"'
  const text = `{"Id":"${id}","Title":"2026-01-01T00:30:00+01:00","@odata.etag":"W/\\"1\\"",${numbers}}`
  onRequest(async () => ({
    kind: 'answer',
    status: 200,
    headers: new Headers(),
    body: text,
    json: JSON.parse(text),
  }))
  const { value } = rowIn(await plain({}, { fields }).read('Visits', { id }, call))
  expect(value).toEqual({
    Title: '2026-01-01T00:30:00+01:00',
    Cost: '12345678901234567890.123456789',
    Tax: '12.5',
    At: '2025-12-31T23:30:00.1234567Z',
  })
})

test.each([
  [{ Id: id, Title: 'a' }, /has no entity tag; set versions: 'digest'/],
  [{ Id: id, Title: 'a', '@odata.etag': 'W/"a\r\nx: y"' }, /has no entity tag/],
  [{ Title: 'a', '@odata.etag': '"1"' }, /has no Id/],
  [{ value: [] }, /has no Id/],
  [[], /has no Id/],
  ['text', /has no Id/],
])('OD-10 an answer like %j is no row, and says why', async (body, why) => {
  asked(body)
  expect(await plain().read('Visits', { id }, call)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringMatching(why),
  })
})

test('OD-10 by digest, equal states have equal versions and others another one', async () => {
  const service = await startService('plain', { settings: { etags: false } })
  const adapter = service.adapter({ versions: 'digest' })
  const key = await service.create({ Title: 'a' })
  const version = async () => rowIn(await adapter.read('Visits', { id: key }, call)).version
  const first = await version()
  expect(await version()).toBe(first)
  await service.edit('update', key, { Title: 'b' })
  expect(await version()).not.toBe(first)
  expect(first).toMatch(/^[0-9a-f]{32}$/)
})

test('OD-01 a set that is not configured is asked for by nobody', async () => {
  const paths = asked({})
  const failure = { kind: 'rejected', reason: 'Payments is not among the configured types (Visits)' }
  const adapter = plain({ batch: 'json' })
  expect(await adapter.read('Payments', { id }, call)).toEqual(failure)
  expect(await adapter.changes('__proto__', undefined, 5, call)).toMatchObject({ kind: 'rejected' })
  expect(await adapter.list!('Payments', undefined, 5, call)).toEqual(failure)
  expect(await adapter.upsert('Payments', create('x', {}), call)).toEqual(failure)
  expect(await adapter.readMany!('Payments', [id], call)).toEqual([failure])
  expect(await adapter.writeMany!('Payments', [{ action: 'upsert', ...create('x', {}) }], call)).toEqual([
    failure,
  ])
  expect(paths).toEqual([])
})
