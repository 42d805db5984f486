/** What every profile has: faults, the ledger, tokens that end, metadata, and the way back to the first day. */
import { expect, test } from 'vitest'
import { startService } from './service.ts'

test('commit, then lose the answer: the row is there, and the ledger knows', async () => {
  const { call, fault, rows, ledger } = await startService({ profile: 'plain' })
  await fault({ fault: 'commit-then-lose-answer', match: { externalId: 'x' }, count: 1 })
  await call('POST', '/Visits', { Title: 'other', Reference: 'y' })
  await expect(call('POST', '/Visits', { Title: 'a', Reference: 'x' })).rejects.toThrow('fetch failed')
  const again = await call('POST', '/Visits', { Title: 'a', Reference: 'x' })
  expect([again.status, again.json.error]).toEqual([
    409,
    { code: 'duplicate', message: expect.stringContaining('Reference'), target: 'Reference' },
  ])
  expect(await rows('Visits')).toHaveLength(2)
  const entries = (await ledger()).filter(({ externalId }) => externalId === 'x')
  expect(entries.map(({ committed, fault }) => [committed, fault])).toEqual([
    [true, 'commit-then-lose-answer'],
    [false, null],
  ])
})

test.each(['json', 'multipart'] as const)(
  'a fault is aimed at a batch that writes a record, as %s',
  async (form) => {
    const { call, fault } = await startService({ profile: 'business-central' })
    await fault({ fault: 'status', status: 502, match: { writes: true, externalId: 'x' }, count: 1 })
    const body = { title: 'a', externalId: 'x' }
    const read = { id: '1', method: 'GET', url: 'visits' }
    const multipart = `--b\r\nContent-Type: application/http\r\n\r\nPOST visits HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n--b--\r\n`
    const asked =
      form === 'json' ? { requests: [read, { id: '2', method: 'POST', url: 'visits', body }] } : multipart
    const headers = { 'content-type': form === 'json' ? 'application/json' : 'multipart/mixed; boundary=b' }
    expect((await call('POST', '/$batch', { requests: [read] })).status).toBe(200)
    expect((await call('POST', '/$batch', asked, headers)).status).toBe(502)
    expect((await call('POST', '/$batch', asked, headers)).status).toBe(200)
  },
)

test('a token ends, a lock keeps everybody out, and a stranger was never in', async () => {
  const { call, admin, tokenUrl } = await startService({ profile: 'dataverse' })
  expect((await call('GET', '/')).status).toBe(200)
  await admin('POST', '/sessions/expire')
  const ended = await call('GET', '/')
  expect([ended.status, ended.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
  const form = { grant_type: 'client_credentials', client_id: 'skerry', client_secret: 'wrong' }
  const denied = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
  expect([denied.status, await denied.json()]).toMatchObject([401, { error: 'invalid_client' }])
  await admin('PATCH', '/settings', { lockedOut: true })
  const locked = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ ...form, client_secret: 'skerry-odata-secret' }),
  })
  expect(locked.status).toBe(401)
})

test('metadata tells types, keys, facets and alternate keys; a dropped property is not there, and refused', async () => {
  const { call, admin } = await startService({ profile: 'dataverse' })
  const { text, headers } = await call('GET', '/$metadata')
  expect(headers.get('content-type')).toBe('application/xml')
  expect(text).toContain('<Key><PropertyRef Name="skerry_visitid"/></Key>')
  expect(text).toContain('<Property Name="skerry_cost" Type="Edm.Decimal" Precision="18" Scale="2">')
  expect(text).toContain('Term="Org.OData.Core.V1.AlternateKeys"')
  await admin('POST', '/drop-field', { type: 'skerry_visits', field: 'skerry_note' })
  expect((await call('GET', '/$metadata')).text).not.toContain('skerry_note')
  const refused = await call('POST', '/skerry_visits', { skerry_name: 'a', skerry_note: 'b' })
  expect([refused.status, refused.json.error.message]).toEqual([
    400,
    expect.stringContaining("'skerry_note'"),
  ])
})

test('addresses: sets that are not there, keys that are none, methods that nobody answers', async () => {
  const { call } = await startService({ profile: 'plain' })
  for (const [method, path, status] of [
    ['GET', '/Nothing', 404],
    ['GET', '/Visits/Title', 404],
    ['GET', '/Visits(1)', 400],
    ['GET', "/Visits(Reference='x')", 400],
    ['GET', '/Visits(%)', 400],
    ['PUT', '/Visits(7c9e6679-7425-40de-944b-e07fc1f90ae7)', 405],
    ['PATCH', '/Visits', 405],
    ['GET', '/Visits(7c9e6679-7425-40de-944b-e07fc1f90ae7)', 404],
  ] as const)
    expect([path, (await call(method, path, method === 'GET' ? undefined : {})).status]).toEqual([
      path,
      status,
    ])
  expect((await call('POST', '/Visits', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await call('POST', '/Visits', '{"Title"')).status).toBe(400)
  expect((await call('GET', '/')).json.value).toEqual([{ name: 'Visits', kind: 'EntitySet', url: 'Visits' }])
  await call('POST', '/Visits', { Title: 'a' })
  expect((await call('GET', "/Visits/$count?$filter=Title eq 'a'")).text).toBe('1')
})

test('reset: rows, faults, time, settings and types are those of the first day', async () => {
  const { call, admin, seed, rows, fault } = await startService({ profile: 'plain' })
  await seed('Visits', [{ Title: 'a' }])
  await fault({ fault: 'status', status: 500 })
  await admin('PATCH', '/settings', { pageRowsMax: 1 })
  await admin('POST', '/drop-field', { type: 'Visits', field: 'Note' })
  await admin('POST', '/reset')
  expect(await rows('Visits')).toEqual([])
  const authorization = `Basic ${Buffer.from('skerry:skerry-odata-secret').toString('base64')}`
  const made = await call('POST', '/Visits', { Title: 'a', Note: 'b' }, { authorization })
  expect(made.status).toBe(201)
})
