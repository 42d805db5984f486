/**
 * An API that answers badly (issue 4, "Bad input"): one record meets the bad answer, others are written meanwhile, what went wrong stands in log and receipt, and once it is over both sides
 * are equal.
 */
import { restAdapter } from '@skerry/adapter-rest'
import { type BridgeEvent, startBridge } from '@skerry/bridge'
import { quickHost } from '@skerry/bridge/testing'
import { collection, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { JsonApi } from './json-api.ts'
import { configFor } from './json-api-subject.ts'
import { type Asked, serve, type Told } from './server.ts'

beforeAll(startEngine)

const things = collection('things', z.object({ name: z.string(), note: z.string().optional() }))

/** A bridge on an API behind a proxy, which answers in its place as the test says. */
async function bridged(instead: (asked: Asked) => Told | undefined) {
  const api = await new JsonApi({}).open()
  onTestFinished(() => api.close())
  const { baseUrl, asked } = await serve(async (one) => instead(one) ?? (await passedOn(api, one)))
  const host = quickHost()
  const replica = await openReplica({ host, store: memoryStore(), collections: { things } })
  const events: BridgeEvent[] = []
  const config = configFor({ write: { restore: { kind: 'query', query: { back: 'yes' } } } })
  const bridge = await startBridge({
    replica,
    host,
    adapter: restAdapter({ ...config, baseUrl, responseBytesMax: 50_000 }),
    mappings: [{ collection: 'things', type: 'items', fields: { name: 'name', note: 'note' } }],
    pollIntervalMs: 0,
    concurrency: 1,
    events: (event) => events.push(event),
  })
  onTestFinished(async () => {
    await bridge.close()
    await replica.close()
  })
  const written = () => [...api.rows.values()].map(({ attributes }) => String(attributes.name)).sort()
  return { api, asked, bridge, host, replica, events, written }
}

async function passedOn(api: JsonApi, { method, url, headers, body }: Asked): Promise<Told> {
  const kept = Object.entries(headers).filter(([name]) => /^(content-type|if-)/.test(name)) as [
    string,
    string,
  ][]
  const answer = await fetch(api.url + url, { method, headers: kept, ...(body !== '' && { body }) })
  return { status: answer.status, body: await answer.text() }
}

const isWriteOf = (word: string) => (asked: Asked) => asked.method !== 'GET' && asked.body.includes(word)

describe('answers from which nobody knows what was done', () => {
  test.each<[string, Told, RegExp]>([
    [
      'an HTML page with status 200',
      { headers: { 'content-type': 'text/html' }, body: '<html>Please sign in</html>' },
      /<html>Please sign in/,
    ],
    [
      'a body larger than any row',
      { body: 'x'.repeat(60_000) },
      /more than 50000 bytes; raise responseBytesMax/,
    ],
    ['truncated JSON', { body: '{"data":{"key":12,"ref":"ske' }, /an answer that is none: 200: \{"data"/],
    [
      '200 with an error inside',
      { body: { error: { code: 'E7', message: 'the cache is cold' } } },
      /200 E7: the cache is cold/,
    ],
  ])('%s: the write is repeated until it is known, and is made once', async (_, told, reason) => {
    let times = 3
    const isBad = isWriteOf('unlucky')
    const { replica, bridge, events, written } = await bridged((asked) =>
      isBad(asked) && times-- > 0 ? told : undefined,
    )
    await replica.things.create({ name: 'unlucky' })
    await replica.things.create({ name: 'lucky' })
    await bridge.idle()
    expect(written()).toEqual(['lucky', 'unlucky'])
    expect(events.filter(({ message }) => reason.test(message)).length).toBeGreaterThanOrEqual(1)
    expect(bridge.stats()).toMatchObject({ open: 0, dead: 0 })
  })
})

describe('fault I4: answers that a repeat does not change', () => {
  test.each<[string, Told, RegExp]>([
    [
      'a redirect to a private address',
      { status: 302, headers: { location: 'http://169.254.169.254/latest' } },
      /it leads to http:\/\/169\.254\.169\.254\/latest; redirects are not followed/,
    ],
    [
      'a refusal for ever',
      { status: 422, body: { errors: { name: ['is not nice'] } } },
      /422: name is not nice/,
    ],
  ])(
    '%s: a dead letter and a receipt, the rest is written, and a retry is made when it is over',
    async (_, told, reason) => {
      let isOver = false
      const isBad = isWriteOf('unlucky')
      const { replica, bridge, asked, written } = await bridged((one) =>
        isBad(one) && !isOver ? told : undefined,
      )
      const { id } = await replica.things.create({ name: 'unlucky' })
      await replica.things.create({ name: 'lucky' })
      await bridge.idle()
      expect(written()).toEqual(['lucky'])
      expect(asked.filter(isBad)).toHaveLength(1)
      expect(await bridge.deadLetters()).toMatchObject([{ reason: expect.stringMatching(reason) }])
      const [receipt] = await replica.things.receipts(id)
      expect(receipt).toMatchObject({
        place: 'erp',
        outcome: 'refused',
        reason: expect.stringMatching(reason),
      })
      isOver = true
      await bridge.retry(`things/${id}`)
      await bridge.idle()
      expect(written()).toEqual(['lucky', 'unlucky'])
    },
  )
})

test('fault I1: a quota that is used up: everything waits as long as it was told, and nothing is lost', async () => {
  let times = 4
  const { asked, host, replica, bridge, events, written } = await bridged(({ method }) =>
    method !== 'GET' && times-- > 0
      ? { status: 429, headers: { 'retry-after': '60' }, body: { error: 'slowly' } }
      : undefined,
  )
  const before = host.now()
  for (const name of ['a', 'b', 'c']) await replica.things.create({ name })
  await bridge.idle()
  expect(written()).toEqual(['a', 'b', 'c'])
  // Each refusal is a minute for all three: nobody else was sent meanwhile.
  expect(host.now() - before).toBeGreaterThanOrEqual(4 * 60_000)
  expect(asked.filter(({ method }) => method !== 'GET')).toHaveLength(4 + 3)
  expect(events.filter(({ message }) => /429.*slowly/.test(message)).length).toBeGreaterThanOrEqual(1)
  expect(bridge.stats()).toMatchObject({ open: 0, dead: 0 })
})

test('an external id used twice: the record is a dead letter that names both rows, until somebody has merged them there', async () => {
  const { api, replica, bridge, written } = await bridged(() => undefined)
  // Nobody has listed them yet.
  await bridge.idle()
  const ref = 'skerry:twice'
  const [first, second] = [api.store({ ref }, { name: 'one' }), api.store({ ref }, { name: 'other' })]
  await replica.things.create({ name: 'ours' }, { id: 'twice' })
  await replica.things.create({ name: 'lucky' })
  await bridge.idle()
  expect(written()).toEqual(['lucky', 'one', 'other'])
  expect(await bridge.deadLetters()).toMatchObject([
    {
      reason: expect.stringContaining(
        `2 rows of items have the external id ${ref}: ${first.key}, ${second.key}`,
      ),
    },
  ])
  api.rows.delete(second.key)
  await bridge.retry('things/twice')
  await bridge.idle()
  expect(await replica.things.get('twice')).toBeDefined()
  expect([...api.rows.values()].filter((row) => row.ref === ref)).toHaveLength(1)
})

describe('a listing', () => {
  test.each<[string, Told, string]>([
    ['an HTML page', { body: '<html>' }, 'unknown'],
    ['truncated JSON', { body: '{"items":[{"key"' }, 'unknown'],
    ['an error inside', { body: { error: 'no' } }, 'unknown'],
    ['no list', { body: { items: {} } }, 'unknown'],
    ['something in it that is no row', { body: { items: [{ key: 1 }, 7], links: {} } }, 'unknown'],
    ['an empty answer', { body: '' }, 'unknown'],
    [
      'a way on that is neither text nor number',
      { body: { items: [], links: { next: { at: 5 } } } },
      'rejected',
    ],
    ['a redirect', { status: 301, headers: { location: 'http://10.0.0.5/' } }, 'rejected'],
  ])('that is %s is not taken for the end of all rows', async (_, told, kind) => {
    const { baseUrl } = await serve(() => told)
    const adapter = restAdapter({ ...configFor({}), baseUrl })
    const call = { signal: new AbortController().signal }
    expect(await adapter.changes('items', undefined, 10, call)).toMatchObject({ kind })
    expect(await adapter.list!('items', undefined, 10, call)).toMatchObject({ kind })
  })

  test.each(['next-link', 'link-header'] as const)(
    '%s that leads to another system is not followed',
    async (paging) => {
      const elsewhere = await serve(() => ({ body: { items: [], links: {} } }))
      const next = `${elsewhere.baseUrl}/items?at=2`
      const { baseUrl } = await serve(() => ({
        headers: { link: `<${next}>; rel="next"` },
        body: { items: [], links: { next } },
      }))
      const adapter = restAdapter({ ...configFor({ list: { paging } }), baseUrl })
      expect(
        await adapter.changes('items', undefined, 10, { signal: new AbortController().signal }),
      ).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('which is not below'),
      })
      expect(elsewhere.asked).toEqual([])
    },
  )
})
