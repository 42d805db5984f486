import { odataAdapter } from '@skerry/adapter-odata'
import type { Adapter, ExternalRow } from '@skerry/bridge'
import { answerOf, onRequest } from '@skerry/bridge/testing'
import { expect, test, vi } from 'vitest'
import { call, startService } from './service.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const minute = 60_000
const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

/** From a position to the end, or to what is no page. */
async function told(adapter: Adapter, set: string, position: string | undefined, limit = 50) {
  const rows: ExternalRow[] = []
  let at = position
  for (let pages = 1; pages < 100; pages++) {
    const answer = await adapter.changes(set, at, limit, call)
    if (answer.kind !== 'page') return { answer, rows, pages, at: at ?? '' }
    expect(answer.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...answer.rows)
    at = answer.next
    if (answer.complete) return { answer, rows, pages, at }
  }
  throw new Error('the listing did not end')
}

const titlesOf = (title: string, rows: readonly ExternalRow[]) => rows.map(({ value }) => value[title])

test('OD-11 rows of one moment are told in the order of their keys, whatever the page, by times of seven digits', async () => {
  const service = await startService('sap')
  service.hold(Date.now())
  const ids = await service.seed(Array.from({ length: 7 }, (_, i) => ({ Title: `a${i}` })))
  for (const limit of [1, 2, 3, 7, 8]) {
    const { rows, pages } = await told(service.adapter(), 'Visits', undefined, limit)
    expect(rows.map((row) => row.id)).toEqual([...ids].sort())
    expect(pages).toBe(Math.ceil((7 + (7 % limit === 0 ? 1 : 0)) / limit))
  }
})

test('OD-11 a service whose page is smaller than what was asked for is asked on, and its relative links are not needed', async () => {
  const service = await startService('sap', { settings: { pageRowsMax: 2 } })
  const ids = await service.seed(Array.from({ length: 5 }, (_, i) => ({ Title: `a${i}` })))
  const adapter = service.adapter()
  const { rows, pages } = await told(adapter, 'Visits', undefined)
  expect([rows.map((row) => row.id).sort(), pages]).toEqual([[...ids].sort(), 3])
  const listed: string[] = []
  for (let at: string | undefined, complete = false; !complete; ) {
    const page = await adapter.list!('Visits', at, 50, call)
    if (page.kind !== 'page') throw new Error(page.kind)
    listed.push(...page.rows.map((row) => row.id))
    at = page.next
    complete = page.complete
  }
  expect(listed).toEqual([...ids].sort())
})

test('CDC-2: OD-12 what a long transaction wrote is told although its time is older, and not for ever again', async () => {
  const service = await startService('sap')
  const adapter = service.adapter({ overlapMs: 10 * minute })
  const { row } = await service.admin<{ row: { id: string } }>('POST', '/late', {
    type: 'Visits',
    fields: { Title: 'late' },
  })
  await service.advance(9 * minute)
  await service.create({ Title: 'meanwhile' })
  const first = await told(adapter, 'Visits', undefined)
  expect(titlesOf('Title', first.rows)).toEqual(['meanwhile'])
  await service.admin('POST', '/show', { type: 'Visits', id: row.id })
  const second = await told(adapter, 'Visits', first.at)
  expect(titlesOf('Title', second.rows)).toContain('late')
  await service.advance(30 * minute)
  const third = await told(adapter, 'Visits', second.at)
  await service.advance(minute)
  expect((await told(adapter, 'Visits', third.at)).rows).toEqual([])
})

test('OD-12 the clock of this machine may be wrong by hours: what time it is there is told by answers', async () => {
  const service = await startService('sap')
  for (const wrongMs of [-5, 5].map((hours) => hours * 3_600_000)) {
    const adapter = service.adapter({ now: () => Date.now() + wrongMs, overlapMs: 0 })
    const { since } = JSON.parse((await told(adapter, 'Visits', undefined)).at)
    expect(since).toBeGreaterThan(Date.now() - 10_000)
    expect(since).toBeLessThanOrEqual(Date.now())
  }
})

test('OD-16 a filter holds for changes and listings, and such a listing proves nothing', async () => {
  const service = await startService('plain')
  const type = {
    ...service.type,
    filter: "IsOpen eq true or Title eq 'always'".replace('IsOpen eq true', 'Done eq false'),
  }
  const adapter = service.adapter({ types: { Visits: type } })
  const ids = await service.seed([
    { Title: 'open', Done: false },
    { Title: 'done', Done: true },
    { Title: 'always', Done: true },
  ])
  const first = await told(adapter, 'Visits', undefined, 1)
  expect(titlesOf('Title', first.rows).sort()).toEqual(['always', 'open'])
  expect(await adapter.list!('Visits', undefined, 10, call)).toMatchObject({
    proves: false,
    rows: [ids[0], ids[2]].sort().map((key) => ({ id: key })),
  })
  expect((await adapter.read('Visits', { id: ids[1]! }, call)).kind, 'read wherever it is').toBe('row')
})

test.each(['dataverse', 'business-central'] as const)(
  'OD-13 on %s everything once, then what was changed, made and deleted, page by page',
  async (profile) => {
    const service = await startService(profile)
    const { set, title } = service
    const ids = await service.seed(Array.from({ length: 5 }, (_, i) => ({ [title]: `a${i}` })))
    const adapter = service.adapter()
    const first = await told(adapter, set, undefined, 2)
    expect(titlesOf(title, first.rows).sort()).toEqual(['a0', 'a1', 'a2', 'a3', 'a4'])
    await service.edit('update', ids[0]!, { [title]: 'changed' })
    await service.edit('delete', ids[1]!)
    await service.create({ [title]: 'made' })
    const second = await told(service.adapter(), set, first.at, 2)
    expect(second.rows.map((row) => [row.id, row.deleted, row.value[title]])).toEqual([
      [ids[0], false, 'changed'],
      [ids[1], true, undefined],
      [expect.any(String), false, 'made'],
    ])
    expect(second.rows[1]).toEqual({
      type: set,
      id: ids[1],
      externalId: undefined,
      version: 'deleted',
      deleted: true,
      value: {},
    })
    expect((await told(adapter, set, second.at, 2)).rows).toEqual([])
  },
)

test.each([
  ['dataverse', '400 with its code'],
  ['business-central', '410'],
] as const)(
  'OD-14 on %s a link that has ended (%s) is expired, and beginning anew works',
  async (profile, _how) => {
    const service = await startService(profile, { settings: { tokenSeconds: 31_536_000 } })
    await service.create({ [service.title]: 'a' })
    const adapter = service.adapter()
    const { at } = await told(adapter, service.set, undefined)
    await service.advance(7 * 86_400_000)
    expect(await adapter.changes(service.set, at, 10, call)).toEqual({ kind: 'expired' })
    expect((await told(adapter, service.set, undefined)).rows).toHaveLength(1)
  },
)

function tracked(...answers: Parameters<typeof answerOf>[]) {
  const paths: string[] = []
  onRequest(async (_send, _url, { path }) => {
    paths.push(path)
    return answerOf(...(answers[Math.min(paths.length, answers.length) - 1] ?? [{}]))
  })
  const visits = { key: 'Id', externalId: 'Reference', fields: ['Title'] }
  const serviceUrl = 'https://erp.example/odata'
  return { adapter: odataAdapter({ serviceUrl, changes: 'delta', types: { Visits: visits } }), paths }
}

const row = (key: string) => ({ Id: key, Title: 'a', '@odata.etag': '"1"' })

test.each([
  [410, {}],
  [404, { error: { code: 'x', message: 'no such token' } }],
  [400, { error: { code: 'syncStateNotFound', message: 'The sync state generation is not found.' } }],
  [400, { error: { code: 'resyncRequired', message: 'Resync required.' } }],
])('OD-14 %i with %j ends a link, and never the first request', async (status, body) => {
  const { adapter } = tracked([body, status])
  const position = JSON.stringify({ kind: 'delta', link: '/Visits?$deltatoken=1' })
  expect(await adapter.changes('Visits', position, 10, call)).toEqual({ kind: 'expired' })
  expect(await adapter.changes('Visits', undefined, 10, call)).toMatchObject({ kind: 'rejected' })
})

test.each([
  { '@odata.deltaLink': 'https://evil.example/odata/Visits?$deltatoken=1' },
  { '@odata.nextLink': 'https://erp.example/other/Visits?$skiptoken=1' },
  { '@odata.nextLink': 'http://erp.example/odata/Visits?$skiptoken=1' },
  { '@odata.nextLink': 'https://user:word@erp.example/odata/Visits' },
  { '@odata.nextLink': '../../etc?$skiptoken=1' },
])('OD-15 a link that leads elsewhere is not followed: %j', async (link) => {
  const { adapter, paths } = tracked([{ value: [row(id)], ...link }])
  expect(await adapter.changes('Visits', undefined, 10, call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('leads to another system, and is not followed'),
  })
  expect(paths).toHaveLength(1)
})

test.each([
  'https://erp.example/odata/Visits?$deltatoken=1',
  '/odata/Visits?$deltatoken=1',
  'Visits?$deltatoken=1',
])('OD-15 a link below the service is followed: %s', async (link) => {
  const { adapter, paths } = tracked([{ value: [], '@odata.deltaLink': link }])
  const { at } = await told(adapter, 'Visits', undefined)
  await told(adapter, 'Visits', at)
  expect(paths[1]).toBe('/Visits?$deltatoken=1')
})

test('OD-15 a service that ignores the page size is asked for the same page until all of it is told', async () => {
  const keys = Array.from({ length: 5 }, (_, i) => id.replace(/^7/, String(i)))
  const { adapter, paths } = tracked([{ value: keys.map(row), '@odata.deltaLink': 'Visits?$deltatoken=1' }])
  const { rows, pages } = await told(adapter, 'Visits', undefined, 2)
  expect([rows.map((one) => one.id), pages]).toEqual([keys, 3])
  expect(new Set(paths).size).toBe(1)
})

test('OD-13 entries of 4.0 and 4.01, and those that left for another reason and live', async () => {
  const other = id.replace('7c', '8d')
  const { adapter } = tracked([
    {
      value: [
        { '@removed': { reason: 'deleted' }, '@id': `https://erp.example/odata/Visits(${id})` },
        {
          '@odata.context': '$metadata#Visits/$deletedEntity',
          id: `Visits(Id=${other.toUpperCase()})`,
          reason: 'deleted',
        },
        { '@odata.context': '$metadata#Visits/$deletedEntity', id, reason: 'changed' },
        { '@removed': { reason: 'changed' }, Id: other },
      ],
      '@deltaLink': 'Visits?$deltatoken=1',
    },
  ])
  const { rows } = await told(adapter, 'Visits', undefined)
  expect(rows.map((one) => [one.id, one.deleted])).toEqual([
    [id, true],
    [other, true],
  ])
  const nameless = tracked([{ value: [{ '@removed': { reason: 'deleted' } }], '@odata.deltaLink': 'Visits' }])
  expect(await nameless.adapter.changes('Visits', undefined, 5, call)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('does not say which'),
  })
})

test('OD-13 a service that tracks no changes is told so, and what to do', async () => {
  const { adapter } = tracked([{ value: [row(id)] }])
  expect(await adapter.changes('Visits', undefined, 10, call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(
      /tracks no changes of Visits; switch that on there, or set changes: 'modified'/,
    ),
  })
})

test('OD-11, OD-15 positions of another kind, of another make, or with a word of a query in them are expired', async () => {
  const delta = tracked([{ value: [] }])
  const service = await startService('plain')
  const position = (at: object) =>
    JSON.stringify({ kind: 'modified', since: 0, at: { time: '2026-01-01T00:00:00Z', id, ...at } })
  for (const text of [
    position({ id: "x' or Title ne '" }),
    position({ time: '2026-01-01T00:00:00Z or 1 eq 1' }),
    position({ time: 'now()' }),
    '{"kind":"modified","since":-1}',
    '{"kind":"delta","link":"/Visits"}',
    '{"kind":"list"}',
  ])
    expect([text, await service.adapter().changes('Visits', text, 5, call)]).toEqual([
      text,
      { kind: 'expired' },
    ])
  for (const text of ['{"kind":"delta","link":"https://evil.example"}', '{"kind":"modified","since":0}'])
    expect(await delta.adapter.changes('Visits', text, 5, call)).toEqual({ kind: 'expired' })
  expect(await service.adapter().list!('Visits', '{"kind":"list","after":"1 or 1"}', 5, call)).toEqual({
    kind: 'expired',
  })
  expect(delta.paths).toEqual([])
})

test('OD-15 a link that climbs out of the service is not asked for, wherever it came from', async () => {
  const { adapter, paths } = tracked([{ value: [] }])
  const position = JSON.stringify({ kind: 'delta', link: '/../admin' })
  expect(await adapter.changes('Visits', position, 5, call)).toMatchObject({ kind: 'rejected' })
  expect(paths).toEqual([])
})
