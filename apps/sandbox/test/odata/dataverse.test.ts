/** The Dataverse profile, with query strings of `odata-query`, which nobody here wrote: upserts, alternate keys, pages, change tracking, the window of requests, change sets. */

import { expect, test } from 'vitest'
import { buildQuery } from './build-query.ts'
import { newYear, type Service, startService } from './service.ts'

const set = 'skerry_visits'
const tracked = { prefer: 'odata.track-changes, odata.maxpagesize=3' }
const titles = (rows: Record<string, unknown>[]) => rows.map((row) => row.skerry_name)
const open = (more: object = {}) => startService({ profile: 'dataverse', ...more })

/** Every page from an address on, and the delta link of the last. */
async function walk({ call }: Service, path: string, headers: Record<string, string> = {}) {
  const rows: Record<string, unknown>[] = []
  const pages: number[] = []
  for (let at = path; ; ) {
    const { status, json } = await call('GET', at, undefined, headers)
    expect(status, JSON.stringify(json)).toBe(200)
    rows.push(...json.value)
    pages.push(json.value.length)
    if (json['@odata.nextLink'] === undefined) return { rows, pages, deltaLink: json['@odata.deltaLink'] }
    at = json['@odata.nextLink']
  }
}

test('an alternate key makes a row, finds it whatever the case, and changes it', async () => {
  const { call, rows, ledger } = await open()
  const at = `/${set}(skerry_externalid='o''Neill%201')`
  const made = await call('PATCH', at, { skerry_name: 'a' }, { 'if-none-match': '*' })
  expect(made.status).toBe(204)
  expect(made.headers.get('odata-entityid')).toMatch(/\/api\/data\/v9\.2\/skerry_visits\([0-9a-f-]{36}\)$/)
  const again = await call('PATCH', at, { skerry_name: 'b' }, { 'if-none-match': '*' })
  expect([again.status, again.json.error.message]).toEqual([
    412,
    'A record with matching key values already exists.',
  ])
  const wanted = { prefer: 'return=representation' }
  const changed = await call('PATCH', `${at}?$select=skerry_name`, { skerry_note: 'n' }, wanted)
  expect(changed.status).toBe(200)
  expect(changed.headers.get('preference-applied')).toBe('return=representation')
  expect(Object.keys(changed.json)).toEqual([
    '@odata.context',
    '@odata.etag',
    'skerry_name',
    'skerry_visitid',
  ])
  expect((await call('GET', `/${set}(skerry_externalid='O''neill%201')`)).json.skerry_name).toBe('a')
  for (const sign of '<>*%&:/\\?+') {
    const refused = await call('PATCH', `/${set}(skerry_externalid='a${encodeURIComponent(sign)}b')`, {})
    expect([sign, refused.status, refused.json.error.message]).toEqual([sign, 400, 'Error in query syntax.'])
  }
  expect((await rows(set)).map(({ fields }) => fields)).toEqual([
    { skerry_externalid: "o'Neill 1", skerry_name: 'a', skerry_note: 'n' },
  ])
  const entries = (await ledger()).filter(({ method, status }) => method === 'PATCH' && status !== 400)
  expect(
    entries.map(({ externalId, committed, created, status }) => [externalId, committed, created, status]),
  ).toEqual([
    ["o'Neill 1", true, true, 204],
    ["o'Neill 1", false, false, 412],
    ["o'Neill 1", true, false, 200],
  ])
})

test('PATCH to a key upserts, If-Match: * forbids that, a stale tag is 412, and 304 is for whoever knows the row', async () => {
  const { call } = await open()
  const at = `/${set}(7c9e6679-7425-40de-944b-e07fc1f90ae7)`
  const forbidden = await call('PATCH', at, { skerry_name: 'a' }, { 'if-match': '*' })
  expect([forbidden.status, forbidden.json.error.code]).toEqual([404, '0x80040217'])
  expect((await call('PATCH', at, { skerry_name: 'a' })).status).toBe(204)
  const { json, headers } = await call('GET', at)
  const etag = json['@odata.etag']
  expect(headers.get('etag')).toBe(etag)
  expect((await call('GET', at, undefined, { 'if-none-match': etag })).status).toBe(304)
  expect((await call('PATCH', at, { skerry_name: 'b' }, { 'if-match': etag })).status).toBe(204)
  const stale = await call('DELETE', at, undefined, { 'if-match': etag })
  expect([stale.status, stale.json.error.message]).toEqual([
    412,
    "The version of the existing record doesn't match the RowVersion property provided.",
  ])
  expect((await call('DELETE', at)).status).toBe(204)
  expect((await call('DELETE', at)).status).toBe(404)
})

test('values: decimals as text where that is asked for, times in UTC, and refusals that name the property', async () => {
  const { call } = await open()
  const exact = {
    accept: 'application/json;IEEE754Compatible=true',
    'content-type': 'application/json;IEEE754Compatible=true',
    prefer: 'return=representation',
  }
  const fields = {
    skerry_name: 'a',
    skerry_cost: '1234567890123456.70',
    skerry_startsat: '2026-03-01T10:00:00+02:00',
  }
  const made = await call('POST', `/${set}`, fields, exact)
  expect(made.json).toMatchObject({
    skerry_cost: '1234567890123456.70',
    skerry_startsat: '2026-03-01T08:00:00Z',
    skerry_note: null,
  })
  const plain = await call('GET', `/${set}`)
  expect(plain.text).toContain('"skerry_cost":1234567890123456.70')
  for (const [wrong, message] of [
    [{ skerry_cost: 'x' }, /Cannot convert the literal 'x'/],
    [{ skerry_name: 'a', colour: 'red' }, /property 'colour' does not exist/],
    [{ skerry_note: 'no name' }, /'skerry_name' is mandatory/],
    [{ skerry_name: 'poison' }, /Nothing poisonous/],
    [{ skerry_name: 'a', skerry_status: 'Odd' }, /'Odd' is none of Open/],
    [{ skerry_name: 'a'.repeat(81) }, /exceeded its maximum of 80/],
    [{ skerry_name: 'a', skerry_hours: 1.5 }, /expected type 'Edm.Int32'/],
    [{ skerry_name: 'a', modifiedon: '2026-01-01T00:00:00Z' }, /read-only/],
  ] as const) {
    const { status, json } = await call('POST', `/${set}`, wrong)
    expect([status, json.error.message]).toEqual([400, expect.stringMatching(message)])
  }
})

test.each([
  [{ filter: { skerry_name: 'visit 3' } }, ['visit 3']],
  [{ filter: { or: [{ skerry_hours: { lt: 1 } }, { skerry_hours: { ge: 6 } }] } }, ['visit 0', 'visit 6']],
  [{ filter: { not: { skerry_hours: { gt: 1 } } } }, ['visit 0', 'visit 1']],
  [{ filter: { skerry_note: { contains: "O'N" } } }, ['visit 1', 'visit 4']],
  [{ filter: { skerry_note: null } }, ['visit 0', 'visit 2', 'visit 3', 'visit 5', 'visit 6']],
  [
    { filter: { skerry_status: { eq: { type: 'raw', value: "Microsoft.Dynamics.CRM.status'Open'" } } } },
    ['visit 2'],
  ],
  [{ filter: { skerry_cost: { in: [0.5, 5.5] } } }, ['visit 0', 'visit 5']],
  [{ orderBy: ['skerry_note desc', 'skerry_name'], top: 3, skip: 1 }, ['visit 4', 'visit 0', 'visit 2']],
] as const)('a query of odata-query, %j', async (query, expected) => {
  const service = await open()
  const rows = Array.from({ length: 7 }, (_, i) => ({
    skerry_name: `visit ${i}`,
    skerry_hours: i,
    skerry_cost: `${i}.5`,
    ...(i % 3 === 1 && { skerry_note: "mrs o'Neill" }),
    ...(i === 2 && { skerry_status: 'Open' }),
  }))
  await service.seed(set, rows)
  const sorted = { orderBy: 'skerry_name', ...query }
  const found = await walk(service, `/${set}${buildQuery(sorted as never)}`)
  expect(titles(found.rows)).toEqual(expected)
})

test('what a query does not know is refused, and never read as something else', async () => {
  const { call } = await open()
  for (const query of [
    '$filter=skerry_name eq',
    "$filter=skerry_name eq 'a",
    "$filter=colour eq 'a'",
    "$filter=skerry_hours eq 'a'",
    "$filter=tolower(skerry_name) eq 'a'",
    '$select=colour',
    '$orderby=skerry_name sideways',
    '$top=-1',
    '$nonsense=1',
    '$skiptoken=abc',
    '$deltatoken=abc',
  ])
    expect([query, (await call('GET', `/${set}?${query}`)).status]).toEqual([query, 400])
  expect((await call('GET', `/${set}?$expand=owner`)).status).toBe(501)
  expect((await call('GET', `/${set}?other=fine`)).status).toBe(200)
})

test('pages of the size asked for; rows that come, go and change meanwhile move no other row', async () => {
  const service = await open()
  const ids = await service.seed(
    set,
    Array.from({ length: 8 }, (_, i) => ({ skerry_name: `visit ${i}` })),
  )
  const first = await service.call('GET', `/${set}?$orderby=skerry_name&$count=true`, undefined, {
    prefer: 'odata.maxpagesize=3',
  })
  expect(first.json['@odata.count']).toBe(8)
  await service.edit(set, 'delete', ids[1]!)
  await service.edit(set, 'create', '', { skerry_name: 'visit 00' })
  const rest = await walk(service, first.json['@odata.nextLink'], { prefer: 'odata.maxpagesize=3' })
  expect(titles(rest.rows)).toEqual([3, 4, 5, 6, 7].map((i) => `visit ${i}`))
  expect(rest.pages).toEqual([3, 2])
})

test('change tracking: everything once, then what was changed, made and deleted, from any page on', async () => {
  const service = await open()
  const ids = await service.seed(
    set,
    Array.from({ length: 5 }, (_, i) => ({ skerry_name: `visit ${i}` })),
  )
  const first = await service.call('GET', `/${set}?$select=skerry_name`, undefined, tracked)
  expect(first.headers.get('preference-applied')).toBe('odata.maxpagesize=3,odata.track-changes')
  await service.edit(set, 'update', ids[0]!, { skerry_name: 'changed meanwhile' })
  const rest = await walk(service, first.json['@odata.nextLink'], tracked)
  expect([first.json.value.length, rest.rows.length]).toEqual([3, 2])
  await service.edit(set, 'delete', ids[1]!)
  const late = await service.admin<{ row: { id: string } }>('POST', '/late', {
    type: set,
    fields: { skerry_name: 'late' },
  })
  const delta = await walk(service, rest.deltaLink, tracked)
  expect(delta.rows).toEqual([
    expect.objectContaining({ skerry_visitid: ids[0], skerry_name: 'changed meanwhile' }),
    { '@odata.context': expect.stringMatching(/\$deletedEntity$/), id: ids[1], reason: 'deleted' },
  ])
  await service.admin('POST', '/show', { type: set, id: late.row.id })
  expect(titles((await walk(service, delta.deltaLink)).rows)).toEqual(['late'])
  expect((await walk(service, delta.deltaLink)).rows, 'a link tells the same again').toHaveLength(1)
  for (const query of ['$filter=skerry_hours eq 1', '$orderby=skerry_name', '$top=3'])
    expect((await service.call('GET', `/${set}?${query}`, undefined, tracked)).status).toBe(400)
})

test('a delta link ends after seven days, and when an administrator says so', async () => {
  const service = await open({ settings: { tokenSeconds: 31_536_000 } })
  const { deltaLink } = await walk(service, `/${set}`, tracked)
  await service.admin('POST', '/clock', { advanceMs: 7 * 86_400_000 - 60_000 })
  const { deltaLink: fresh } = await walk(service, deltaLink)
  await service.admin('POST', '/clock', { advanceMs: 60_000 })
  const ended = await service.call('GET', deltaLink)
  expect([ended.status, ended.json.error.code]).toEqual([400, '0x80044352'])
  expect((await service.call('GET', fresh)).status).toBe(200)
  await service.admin('POST', '/deltas/forget')
  expect((await service.call('GET', fresh)).status).toBe(400)
})

test('the window of requests: 429 with a wait that is enough, and that grows for whoever does not wait', async () => {
  let now = newYear
  const settings = { rateLimit: { calls: 3, windowMs: 300_000 } }
  const { call } = await open({ settings, now: () => now })
  const left: (string | null)[] = []
  for (let i = 0; i < 3; i++) {
    const { headers } = await call('GET', `/${set}`)
    left.push(headers.get('x-ms-ratelimit-burst-remaining-xrm-requests'))
  }
  expect(left).toEqual(['2', '1', '0'])
  now += 100_000
  const waits: number[] = []
  for (let i = 0; i < 3; i++) {
    const { status, headers, json } = await call('GET', `/${set}`)
    expect([status, json.error.code]).toEqual([429, '0x80072322'])
    waits.push(Number(headers.get('retry-after')))
  }
  expect(waits).toEqual([200, 205, 210])
  now += 200_000
  expect((await call('GET', `/${set}`)).status).toBe(200)
})

test('a batch as multipart: change sets whole or not at all, the others go on where that is preferred', async () => {
  const { call, rows } = await open()
  const part = (method: string, url: string, body: object | undefined, id: string) =>
    [
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${id}`,
      '',
      `${method} ${url} HTTP/1.1`,
      'Content-Type: application/json',
      '',
      body ? JSON.stringify(body) : '',
    ].join('\r\n')
  const changeSet = (name: string, ...parts: string[]) =>
    [
      `Content-Type: multipart/mixed; boundary=${name}`,
      '',
      ...parts.flatMap((one) => [`--${name}`, one]),
      `--${name}--`,
    ].join('\r\n')
  const send = (items: string[], prefer?: string) => {
    const body = [...items.flatMap((one) => ['--b', one]), '--b--', ''].join('\r\n')
    return call('POST', '/$batch', body, {
      'content-type': 'multipart/mixed; boundary=b',
      ...(prefer && { prefer }),
    })
  }
  const items = [
    changeSet(
      'c1',
      part('POST', `/api/data/v9.2/${set}`, { skerry_name: 'one' }, '1'),
      part('PATCH', '$1', { skerry_note: 'of one' }, '2'),
    ),
    changeSet(
      'c2',
      part('POST', `${set}`, { skerry_name: 'two' }, '3'),
      part('POST', `${set}`, { skerry_name: 'poison' }, '4'),
    ),
    part('POST', `/${set}`, { skerry_name: 'three' }, '5'),
  ]
  const stopped = await send(items)
  expect(stopped.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 204', 'HTTP/1.1 400'])
  expect((await rows(set)).map(({ fields }) => fields)).toEqual([
    { skerry_name: 'one', skerry_note: 'of one' },
  ])
  const whole = await send(items.slice(1), 'odata.continue-on-error')
  expect(whole.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 204'])
  expect((await rows(set)).map(({ fields }) => fields.skerry_name)).toEqual(['one', 'three'])
  expect(
    (await call('POST', '/$batch', '--b', { 'content-type': 'multipart/mixed; boundary=b' })).status,
  ).toBe(400)
  expect((await call('POST', '/$batch', { requests: [] })).status, 'no JSON here').toBe(415)
})
