import { odataAdapter } from '@skerry/adapter-odata'
import type { Adapter } from '@skerry/bridge'
import { answerOf, change, create, onRequest, removal, rowIn } from '@skerry/bridge/testing'
import type { ProfileName } from '@skerry/sandbox/odata'
import { expect, test, vi } from 'vitest'
import { call, type Service, startService } from './service.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const profiles = ['sap', 'dataverse', 'business-central', 'plain'] as const

/** Requests of the adapter from here on: method, path without query, and the condition. */
function watched(): string[] {
  const sent: string[] = []
  onRequest(async (send, _, { method, path, headers }) => {
    const given = new Headers(headers)
    const condition = ['if-match', 'if-none-match'].flatMap((name) => {
      const value = given.get(name)
      return value === null ? [] : [`${name}: ${value}`]
    })
    sent.push([method, decodeURIComponent(path.split('?')[0] ?? ''), ...condition].join(' '))
    return send()
  })
  return sent
}

async function opened(profile: ProfileName) {
  const service = await startService(profile)
  const adapter = service.adapter()
  const { set, title } = service
  const made = async (externalId = 'x') => {
    const row = rowIn(await adapter.upsert(set, create(externalId, { [title]: 'a' }), call))
    return { row, sent: watched() }
  }
  return { service, adapter, set, title, made }
}

test.each([
  [
    'sap',
    ['GET /', 'POST /Visits'],
    {
      VisitUUID: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
    },
  ],
  ['dataverse', ["PATCH /skerry_visits(skerry_externalid='x') if-none-match: *"], {}],
  ['business-central', ['POST /visits'], {}],
  ['plain', ['POST /Visits'], {}],
] as const)(
  'OD-20 on %s a create is %j, and the repeat of a lost one finds its row',
  async (profile, requests, known) => {
    const { service, adapter, set, title } = await opened(profile)
    const sent = watched()
    await service.fault({ fault: 'commit-then-lose-answer', match: { writes: true }, count: 1 } as never)
    const request = create('x', { [title]: 'a' })
    expect((await adapter.upsert(set, request, call)).kind).toBe('unknown')
    expect(sent.filter((one) => !one.includes('oauth2'))).toEqual(requests)
    const again = await adapter.upsert(set, request, call)
    expect(again).toMatchObject({ kind: 'conflict', row: { externalId: 'x', value: { [title]: 'a' } } })
    const rows = await service.rows()
    expect(rows).toHaveLength(1)
    expect(rowIn(again)).toMatchObject({ id: rows[0]?.id })
    expect({ [service.key]: rows[0]?.id }).toMatchObject(known)
  },
)

test('OD-20 on Dataverse an external id with a sign that no address may have is made by POST, and found by a search', async () => {
  const { service, adapter, set, title } = await opened('dataverse')
  const sent = watched()
  const request = create('skerry:visits/1', { [title]: 'a' })
  await service.fault({ fault: 'commit-then-lose-answer', match: { writes: true }, count: 1 } as never)
  expect((await adapter.upsert(set, request, call)).kind).toBe('unknown')
  const again = await adapter.upsert(set, request, call)
  expect(again).toMatchObject({ kind: 'conflict', row: { externalId: 'skerry:visits/1' } })
  expect(sent).toEqual([`POST /${set}`, `POST /${set}`, `GET /${set}`])
  const { expectedVersion: _, ...whatever } = create('skerry:visits/1', { [title]: 'b' })
  expect(rowIn(await adapter.upsert(set, whatever, call)).value[title]).toBe('b')
  expect(await service.rows()).toHaveLength(1)
})

test('OD-20 the key that follows from an external id is the same at every node, and another one in every set', async () => {
  const ids = async () => {
    const { service, made } = await opened('sap')
    const { row } = await made('skerry:visits/1')
    expect((await service.rows())[0]?.id).toBe(row.id)
    return row.id
  }
  expect(await ids()).toBe(await ids())
})

test.each(profiles)(
  'OD-20 on %s somebody else’s row of that external id is met, and not written over',
  async (profile) => {
    const { service, adapter, set, title } = await opened(profile)
    const theirs = await service.create({ [title]: 'theirs', [service.externalId]: 'x' })
    const answer = await adapter.upsert(set, create('x', { [title]: 'ours' }), call)
    if (profile === 'sap') {
      // Their row has another key: the service refuses ours, and no row of our key is there to be met.
      expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('ExternalReference') })
    } else
      expect(answer).toMatchObject({ kind: 'conflict', row: { id: theirs, value: { [title]: 'theirs' } } })
    expect((await service.rows()).map(({ fields }) => fields[title])).toEqual(['theirs'])
  },
)

test.each(profiles)(
  'OD-21, OD-24 on %s a change goes under its tag, and a stale one is met with one look',
  async (profile) => {
    const { service, adapter, set, title, made } = await opened(profile)
    const { row, sent } = await made()
    const changed = rowIn(await adapter.upsert(set, change(row, { [title]: 'b' }), call))
    expect(sent[0]).toBe(`PATCH /${set}(${row.id}) if-match: ${row.version}`)
    await service.edit('update', row.id, { [title]: 'theirs' })
    sent.length = 0
    const met = await adapter.upsert(set, change(changed, { [title]: 'ours' }), call)
    expect(met).toMatchObject({ kind: 'conflict', row: { value: { [title]: 'theirs' } } })
    expect(sent).toEqual([`PATCH /${set}(${row.id}) if-match: ${changed.version}`, `GET /${set}(${row.id})`])
    sent.length = 0
    const kept = await adapter.delete(set, removal(changed), call)
    expect(kept).toEqual(met)
    expect(sent[0]).toBe(`DELETE /${set}(${row.id}) if-match: ${changed.version}`)
    expect((await adapter.delete(set, removal(rowIn(met)), call)).kind).toBe('done')
  },
)

test.each(profiles)(
  'OD-21 on %s without an expected version something must be there, or is made',
  async (profile) => {
    const { service, adapter, set, title, made } = await opened(profile)
    const { row, sent } = await made()
    await service.edit('update', row.id, { [title]: 'theirs' })
    const { expectedVersion: _, ...whatever } = change(row, { [title]: 'b' })
    expect((await adapter.upsert(set, whatever, call)).kind).toBe('done')
    expect(sent).toEqual([`PATCH /${set}(${row.id}) if-match: *`])
    const byExternalId = { ...whatever, id: undefined }
    expect((await adapter.upsert(set, { ...byExternalId, fields: { [title]: 'c' } }, call)).kind).toBe('done')
    const fresh = { ...byExternalId, externalId: 'y' }
    expect(rowIn(await adapter.upsert(set, fresh, call))).toMatchObject({ externalId: 'y' })
    expect((await service.rows()).map(({ fields }) => fields[title]).sort()).toEqual(['b', 'c'])
    const { expectedVersion: __, ...anyhow } = removal(row)
    expect((await adapter.delete(set, anyhow, call)).kind).toBe('done')
  },
)

test.each(profiles)(
  'OD-22, OD-25 on %s a row that is gone: a delete is done, a change is told, and nothing is made',
  async (profile) => {
    const { service, adapter, set, title, made } = await opened(profile)
    const { row } = await made()
    await service.edit('delete', row.id)
    const gone = { type: set, id: row.id, externalId: 'x', version: 'deleted', deleted: true, value: {} }
    expect(await adapter.delete(set, removal(row), call)).toEqual({ kind: 'done', row: gone })
    const { expectedVersion: _, ...whatever } = change(row, { [title]: 'b' })
    for (const request of [change(row, { [title]: 'b' }), whatever])
      expect(await adapter.upsert(set, request, call)).toEqual({ kind: 'conflict', row: gone })
    expect((await service.rows()).filter(({ deleted }) => !deleted)).toEqual([])
    const request = { ...change(row, { [title]: 'again' }), expectedVersion: 'deleted', restore: true }
    const back = rowIn(await adapter.upsert(set, request, call))
    expect(back).toMatchObject({ externalId: 'x', deleted: false, value: { [title]: 'again' } })
  },
)

test('OD-25 "not found" from a wrong address is concluded nothing from', async () => {
  const { service, made } = await opened('dataverse')
  const { row } = await made()
  const serviceUrl = service.serviceUrl.replace('/v9.2', '/v9.9')
  const { set, title } = service
  const lost: Adapter = service.adapter({ serviceUrl })
  for (const answer of [
    await lost.upsert(set, change(row, { [title]: 'b' }), call),
    await lost.delete(set, removal(row), call),
    ...(await lost.writeMany!(
      set,
      [
        { action: 'upsert', ...change(row, { [title]: 'b' }) },
        { action: 'delete', ...removal(row) },
      ],
      call,
    )),
  ])
    expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('404') })
  expect(await service.rows()).toMatchObject([{ deleted: false }])
})

test('OD-27 an expected version that is no entity tag is none of now: nothing is sent but a look', async () => {
  const { service, adapter, set, title, made } = await opened('plain')
  const { row, sent } = await made()
  for (const version of ['digest-of-another-config', '"1"\r\nx-evil: 1', 'W/"', ''])
    expect(
      await adapter.upsert(set, { ...change(row, { [title]: 'b' }), expectedVersion: version }, call),
    ).toEqual({
      kind: 'conflict',
      row,
    })
  expect(await adapter.delete(set, { ...removal(row), expectedVersion: 'odd' }, call)).toEqual({
    kind: 'conflict',
    row,
  })
  expect(new Set(sent)).toEqual(new Set([`GET /${set}(${row.id})`]))
  expect((await service.rows())[0]?.fields[title]).toBe('a')
})

const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const etag = '"1"'
const visits = { key: 'Id', externalId: 'Reference', modified: 'ModifiedAt', fields: ['Title'] }
const known = { type: 'Visits', id, externalId: 'x', version: etag, deleted: false, value: { Title: 'a' } }
const row = { Id: id, Reference: 'x', Title: 'b', '@odata.etag': '"2"' }

/** Answers in the order of the requests. */
function scripted(...answers: Parameters<typeof answerOf>[]) {
  const sent: string[] = []
  onRequest(async (_send, _url, { method, path }) => {
    sent.push(`${method} ${path.split('?')[0]}`)
    return answerOf(...(answers[sent.length - 1] ?? [{ error: { code: 'x', message: 'not expected' } }, 500]))
  })
  return {
    adapter: odataAdapter({ serviceUrl: 'https://erp.example/odata', types: { Visits: visits } }),
    sent,
  }
}

const bodyless = (status: number, headers: Record<string, string> = {}) =>
  ({ kind: 'answer', status, headers: new Headers(headers), body: '', json: undefined }) as const

test('OD-23 a service that answers 204: the row is read, and what cannot be read after it is unknown', async () => {
  const answers = [bodyless(204, { etag: '"2"' }), answerOf(row)]
  onRequest(async () => answers.shift() ?? answerOf({}, 500))
  const adapter = odataAdapter({ serviceUrl: 'https://erp.example/odata', types: { Visits: visits } })
  expect(await adapter.upsert('Visits', change(known, { Title: 'b' }), call)).toMatchObject({
    kind: 'done',
    row: { version: '"2"', value: { Title: 'b' } },
  })
  for (const second of [
    answerOf({ error: { code: 'x', message: 'oh' } }, 500),
    answerOf({ error: { code: 'x', message: 'slowly' } }, 429),
    answerOf({ error: { code: 'x', message: 'gone' } }, 404),
    { kind: 'unsent', reason: 'nobody there' } as const,
  ]) {
    answers.push(bodyless(204), second as never)
    expect(await adapter.upsert('Visits', change(known, { Title: 'b' }), call)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('was carried out, and the row cannot be read'),
    })
  }
})

test('OD-23 a tag that stands in the header alone is the version', async () => {
  const { '@odata.etag': _, ...bare } = row
  const { adapter } = scripted([bare, 200, { etag: 'W/"3"' }])
  expect(rowIn(await adapter.upsert('Visits', change(known, { Title: 'b' }), call)).version).toBe('W/"3"')
})

test.each([
  ['a look that fails', [500, {}], 'later'],
  ['a look that is throttled', [429, {}], 'later'],
  ['a look that finds nothing', [404, { error: { code: 'x', message: 'no' } }], 'conflict'],
] as const)('OD-24 nothing was written: after a refused condition, %s', async (_, [status, body], kind) => {
  const { adapter, sent } = scripted([{ error: { code: 'x', message: 'stale' } }, 412], [body, status])
  const answer = await adapter.upsert('Visits', change(known, { Title: 'b' }), call)
  expect(answer.kind).toBe(kind)
  if (answer.kind === 'conflict') expect(answer.row.deleted).toBe(true)
  expect(sent).toHaveLength(2)
})

test.each([
  [409, { error: { code: 'Request_EntityChanged', message: 'Another user' } }, 'conflict'],
  [409, { error: { code: 'odd', message: 'no' } }, 'rejected'],
  [400, { error: { code: '0x80060892', message: 'dup' } }, 'rejected'],
])('OD-24, OD-43 a change answered %i %j is %s', async (status, body, kind) => {
  const { adapter } = scripted([body, status], [row])
  expect((await adapter.upsert('Visits', change(known, { Title: 'b' }), call)).kind).toBe(kind)
})

test.each([
  ['no row', [404, {}], 'rejected'],
  ['a row of that external id', [200, { value: [row] }], 'conflict'],
  ['a failure', [503, {}], 'later'],
] as const)('OD-20 a create that is refused, and a look that finds %s', async (_, [status, body], kind) => {
  const refusal = {
    error: { code: 'x', message: 'a number is wanted', target: 'Title', details: [{ target: 'Cost' }] },
  }
  const { adapter } = scripted(
    [refusal, 400],
    [status === 404 ? { value: [] } : body, status === 404 ? 200 : status],
  )
  const answer = await adapter.upsert('Visits', create('x', { Title: 'b' }), call)
  expect(answer.kind).toBe(kind)
  if (kind === 'rejected')
    expect(answer).toEqual({
      kind,
      reason: 'POST /Visits: 400 x: a number is wanted',
      fields: ['Title', 'Cost'],
    })
})

test.each([
  ['<html>login</html>', 'text/html', 'unknown'],
  ['{"half', 'application/json', 'unknown'],
  ['{"error":{"code":"x","message":"no"}}', 'application/json', 'unknown'],
  ['<html/>', 'application/xhtml+xml', 'unknown'],
  ['{}', 'application/json', 'done'],
  ['', 'text/plain', 'done'],
])('OD-42 a delete answered 200 with %j as %s is %s', async (body, type, kind) => {
  onRequest(async () => ({
    kind: 'answer',
    status: 200,
    headers: new Headers({ 'content-type': type }),
    body,
    json: undefined,
  }))
  const adapter = odataAdapter({ serviceUrl: 'https://erp.example/odata', types: { Visits: visits } })
  expect((await adapter.delete('Visits', removal(known), call)).kind).toBe(kind)
})

test('OD-20 an external id as long as fits in an address, and one letter more', async () => {
  const { adapter, set, title } = await opened('dataverse')
  const most = 'x'.repeat(128)
  expect((await adapter.upsert(set, create(most, { [title]: 'a' }), call)).kind).toBe('done')
  for (const externalId of ['', 'x'.repeat(513)])
    expect(await adapter.upsert(set, create(externalId, { [title]: 'a' }), call)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('512 fit'),
    })
})

async function spent({ requests }: Service, work: () => Promise<unknown>): Promise<number> {
  const before = (await requests()).length
  await work()
  return (await requests()).length - before
}

test.each(profiles)('API-8: on %s a create, a change and a delete are one request each', async (profile) => {
  const { service, adapter, set, title, made } = await opened(profile)
  const { row } = await made('first')
  for (const work of [
    () => adapter.upsert(set, create('y', { [title]: 'b' }), call),
    () => adapter.upsert(set, change(row, { [title]: 'c' }), call),
    async () => adapter.delete(set, removal(rowIn(await adapter.read(set, { id: row.id }, call))), call),
  ])
    expect(await spent(service, work)).toBeLessThanOrEqual(2)
  expect(await spent(service, () => adapter.upsert(set, create('z', { [title]: 'd' }), call))).toBe(1)
})
