/** Lists page by page: how each kind of paging ends, what it asks for, and what it never believes. That nothing is lost on the way the contract shows (test/contract.test.ts). */
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import { describe, expect, test } from 'vitest'
import { call } from '../test/crm.ts'
import { configFor } from '../test/json-api-subject.ts'
import { type Asked, serve, type Told } from '../test/server.ts'
import { WALKS_MAX } from './limits.ts'

const row = (key: number, seconds = key) => ({
  key,
  meta: { rev: 1, changed: new Date(seconds * 1000).toISOString() },
  attributes: {},
})

type List = RestAdapterOptions['list']

async function listing(list: List, answer: (query: URLSearchParams, asked: Asked) => Told) {
  const server = await serve((asked) => answer(new URL(asked.url, 'http://x').searchParams, asked))
  const adapter = restAdapter({ ...configFor({ list }), baseUrl: server.baseUrl })
  const queries = () => server.asked.map(({ url }) => url.replace(/^\/items\??/, ''))
  /** The keys of every row, to the end, and the position then. */
  const whole = async (limit: number, from?: string) => {
    const ids: string[] = []
    for (let at = from; ; ) {
      const page = await adapter.changes('items', at, limit, call)
      if (page.kind !== 'page') throw new Error(JSON.stringify(page))
      ids.push(...page.rows.map(({ id }) => id))
      at = page.next
      if (page.complete) return { ids, position: at }
    }
  }
  return { adapter, queries, whole }
}

const rows = (count: number) => Array.from({ length: count }, (_, i) => row(i + 1))
const page = (all: readonly object[], from: number, count: number, more: object = {}): Told => ({
  body: { items: all.slice(from, from + count), ...more },
})

describe('numbered pages end', () => {
  const all = rows(4)
  const numbered = (query: URLSearchParams, more: object = {}) =>
    page(all, (Number(query.get('at') ?? 1) - 1) * 2, 2, more)
  const offset = (query: URLSearchParams, more: object = {}) =>
    page(all, Number(query.get('at') ?? 0), 2, more)

  test.each<[string, List, (query: URLSearchParams) => Told, (string | null)[]]>([
    [
      'with an empty page, where nothing is said',
      { paging: 'page' },
      (query) => numbered(query),
      [null, '2', '3'],
    ],
    [
      'with the number of pages',
      { paging: 'page', total: 'pages' },
      (query) => numbered(query, { pages: 2 }),
      [null, '2'],
    ],
    [
      'when there are no more',
      { paging: 'page', more: 'more' },
      (query) => numbered(query, { more: query.get('at') !== '2' }),
      [null, '2'],
    ],
    ['with an empty page of offsets', { paging: 'offset' }, (query) => offset(query), [null, '2', '4']],
    [
      'with the number of rows',
      { paging: 'offset', total: 'count' },
      (query) => offset(query, { count: 4 }),
      [null, '2'],
    ],
    [
      'at a total that is none, with an empty page',
      { paging: 'offset', total: 'count' },
      (query) => offset(query, { count: 'many' }),
      [null, '2', '4'],
    ],
  ])('%s', async (_, list, answer, asked) => {
    const { whole, queries } = await listing(list, answer)
    expect((await whole(2)).ids).toEqual(['1', '2', '3', '4'])
    expect(queries().map((query) => new URLSearchParams(query).get('at'))).toEqual(asked)
  })

  test('with a short page, where it is known how many rows a page has at most', async () => {
    const five = rows(5)
    const { whole, queries } = await listing({ paging: 'offset', pageRowsMax: 2 }, (query) =>
      page(five, Number(query.get('at') ?? 0), 2),
    )
    expect((await whole(200)).ids).toEqual(['1', '2', '3', '4', '5'])
    expect(queries().map((query) => new URLSearchParams(query).get('limit'))).toEqual(['2', '2', '2'])
  })

  test('never with a page that is short because the system gives fewer than it was asked for', async () => {
    const { whole } = await listing({ paging: 'page' }, (query) => numbered(query))
    expect((await whole(200)).ids).toEqual(['1', '2', '3', '4'])
  })

  test('and begin where the system begins to count', async () => {
    const { whole, queries } = await listing({ paging: 'page', firstPage: 0, total: 'pages' }, (query) =>
      page(all, Number(query.get('at') ?? 0) * 2, 2, { pages: 2 }),
    )
    expect((await whole(2)).ids).toEqual(['1', '2', '3', '4'])
    expect(queries()).toHaveLength(2)
  })
})

test('where rows go for good, numbered pages are walked until two walks saw the same, and no more often than five times', async () => {
  let gone = 0
  const server = await serve(({ url }) => {
    const at = Number(new URL(url, 'http://x').searchParams.get('at') ?? 0)
    // In each walk the first row that is left goes while the second page is asked for.
    if (at > 0) gone += 1
    return page(rows(40).slice(gone), at, 20)
  })
  const list: List = { paging: 'offset', pageRowsMax: 20 }
  const adapter = restAdapter({ ...configFor({ list, deletions: 'unseen' }), baseUrl: server.baseUrl })
  let position: string | undefined
  let pages = 0
  for (let complete = false; !complete; pages++) {
    const answer = await adapter.changes('items', position, 20, call)
    if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
    position = answer.next
    complete = answer.complete
  }
  expect(pages).toBe(2 * WALKS_MAX)
})

describe('links', () => {
  test.each([
    '<items?at=2>; rel="next"',
    '</items?at=2>; rel=next',
    '</items?at=1>; rel="first", </items?at=2>; title="on, and on"; rel="last next"',
    '</items?at=1>;rel=prev,</items?at=2>;REL=next;x=y',
  ])('a header like %s leads on', async (link) => {
    const { whole } = await listing({ paging: 'link-header' }, (query) =>
      query.get('at') === '2' ? page(rows(2), 1, 1) : { ...page(rows(1), 0, 1), headers: { link } },
    )
    expect((await whole(1)).ids).toEqual(['1', '2'])
  })

  test.each(['</items?at=2>; rel="nextish"', '</items?at=2>; rel="prev"', '</items?at=2>', 'next'])(
    'a header like %s does not',
    async (link) => {
      const { whole, queries } = await listing({ paging: 'link-header' }, () => ({
        ...page(rows(1), 0, 1),
        headers: { link },
      }))
      expect((await whole(1)).ids).toEqual(['1'])
      expect(queries()).toHaveLength(1)
    },
  )

  test.each(['', null, undefined])('%j in the body is the end', async (next) => {
    const { whole } = await listing({ paging: 'next-link' }, () => page(rows(1), 0, 1, { links: { next } }))
    expect((await whole(1)).ids).toEqual(['1'])
  })
})

describe('CDC-2: since', () => {
  test.each<[List, string]>([
    [{ sinceFormat: 'ms' }, '7000'],
    [{ sinceFormat: 's' }, '7'],
    [{ sinceFormat: 'iso' }, '1970-01-01T00:00:07.000Z'],
    [{ sinceFormat: 'ms', sinceIsExclusive: true }, '6999'],
    [{ sinceFormat: 's', sinceIsExclusive: true }, '6'],
    [{ sinceFormat: 's', overlapMs: 2_500 }, '4'],
  ])('is asked for as %o says: %s', async (list, since) => {
    const { whole, queries } = await listing({ overlapMs: 0, ...list }, () => page([row(1, 7)], 0, 1))
    const { position } = await whole(5)
    await whole(5, position)
    expect(queries().map((query) => new URLSearchParams(query).get('since'))).toEqual([null, since])
  })
})

describe('a whole listing', () => {
  test('has an address and parameters of its own', async () => {
    const { adapter, queries } = await listing(
      {
        always: { archived: 'no' },
        whole: { path: '/{type}/all', always: { archived: 'yes' }, proves: true },
      },
      () => page(rows(1), 0, 1),
    )
    expect(await adapter.list!('items', undefined, 7, call)).toMatchObject({
      kind: 'page',
      complete: true,
      proves: true,
      rows: [{ id: '1', version: '1', deleted: false }],
    })
    expect(queries()).toEqual(['/all?archived=yes&limit=7'])
  })

  test('proves nothing unless the config says that it is whole', async () => {
    const { adapter } = await listing({}, () => page(rows(1), 0, 1))
    expect(await adapter.list!('items', undefined, 7, call)).toMatchObject({ proves: false })
  })

  test('REC-1: by numbered pages proves only what two walks saw alike', async () => {
    const all = rows(4)
    let walks = 0
    const list: List = { paging: 'offset', total: 'count', order: 'other', whole: { proves: true } }
    const { adapter } = await listing(list, (query) => {
      const at = Number(query.get('at') ?? 0)
      // In the first walk a row goes that was seen already, and draws the third past the reader.
      if (at === 0) walks += 1
      const now = walks === 1 && at === 0 ? all : all.slice(1)
      return page(now, at, 2, { count: now.length })
    })
    const ends: object[] = []
    let at: string | undefined
    for (let pages = 0; pages < 4; pages++) {
      const answer = await adapter.list!('items', at, 2, call)
      if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
      ends.push([answer.rows.map(({ id }) => id), answer.complete, answer.proves])
      at = answer.next
    }
    expect(ends).toEqual([
      [['1', '2'], false, true],
      [['4'], false, true],
      [['2', '3'], false, true],
      [['4'], true, false],
    ])
  })

  test('begins anew when what led on is of no use, or of another making', async () => {
    const { adapter } = await listing({}, (query) =>
      query.has('at') ? { status: 400 } : page(rows(1), 0, 1),
    )
    for (const position of ['{"cursor":"old"}', 'nonsense', '{"where":1}'])
      expect(await adapter.list!('items', position, 7, call), position).toEqual({ kind: 'expired' })
  })
})
