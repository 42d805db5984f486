import { expect, test } from 'vitest'
import { type Crm, request, startCrm, startReceiver } from './crm.ts'

/** The events of the page's feed, one at a time. */
async function openFeed(crm: Crm) {
  const response = await fetch(`${crm.url}/events`)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    response,
    close: () => reader.cancel(),
    next: async (): Promise<{ event: string; data: unknown }> => {
      for (;;) {
        const found = /event: (\w+)\ndata: (.*)\n\n/.exec(text)
        if (found) {
          text = text.slice(found.index + found[0].length)
          return { event: found[1] ?? '', data: JSON.parse(found[2] ?? '') }
        }
        const { value, done } = await reader.read()
        if (done) throw new Error('the feed ended')
        text += value
      }
    },
  }
}

test('the page and its parts come with a policy that runs nothing from elsewhere or inline', async () => {
  const crm = await startCrm()
  const page = await request('GET', `${crm.url}/`)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self'")
  expect(policy).not.toContain('unsafe')
  expect(page.text).not.toMatch(
    /<script(?! type="module" src="\/office\/)|<style| on\w+=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
  )
  const named = [...page.text.matchAll(/(?:src|href)="(\/office\/[\w.]+)"/g)].map((match) => match[1])
  expect(named).toEqual(['/office/page.css', '/office/page.js'])
  const script = await request('GET', `${crm.url}/office/page.js`)
  const imported = [...script.text.matchAll(/from '\.\/([\w.]+)'/g)].map((match) => `/office/${match[1]}`)
  for (const path of [...named, ...imported]) expect((await request('GET', crm.url + path)).status).toBe(200)
})

test('no part of the page writes markup', async () => {
  const crm = await startCrm()
  for (const part of ['page.js', 'table.js', 'cell.js']) {
    const { text } = await request('GET', `${crm.url}/office/${part}`)
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  }
})

test('the feed tells changes and calls as they happen', async () => {
  const crm = await startCrm()
  const feed = await openFeed(crm)
  expect(feed.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  await crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: { title: '<b>Pump</b>' } })
  expect(await feed.next()).toMatchObject({
    event: 'change',
    data: { type: 'cases', kind: 'created', changed: ['title'], row: { fields: { title: '<b>Pump</b>' } } },
  })
  expect(await feed.next()).toMatchObject({ event: 'call', data: { status: 201, committed: true } })
  await crm.admin('POST', '/seed', { type: 'cases', rows: [] })
  expect(await feed.next()).toEqual({ event: 'reload', data: {} })
  await feed.close()
})

test('a page that lags 500 events behind gets them all, one that lags 600 is cut and has to load again', async () => {
  const crm = await startCrm()
  const sow = (prefix: string, count: number) => {
    const rows = Array.from({ length: count }, (_, index) => ({
      externalId: `${prefix}${index}`,
      fields: {},
    }))
    return crm.admin('POST', '/seed', { type: 'cases', webhooks: true, rows })
  }
  const untilReload = async (feed: Awaited<ReturnType<typeof openFeed>>) => {
    for (let changes = 0; ; changes++) if ((await feed.next()).event === 'reload') return changes
  }
  const feed = await openFeed(crm)
  await sow('a', 500)
  expect(await untilReload(feed)).toBe(500)
  await sow('b', 600)
  await expect(untilReload(feed)).rejects.toThrow('the feed ended')
})

test('64 feeds may be open, the next is refused', async () => {
  const crm = await startCrm()
  const feeds = await Promise.all(Array.from({ length: 64 }, () => openFeed(crm)))
  expect((await request('GET', `${crm.url}/events`)).status).toBe(429)
  for (const feed of feeds) await feed.close()
})

test('the lists are newest first, 60 at most, and searchable', async () => {
  const crm = await startCrm()
  const rows = Array.from({ length: 70 }, (_, index) => ({
    externalId: `s${index}`,
    fields: { city: `City ${index}` },
  }))
  await crm.admin('POST', '/seed', { type: 'accounts', rows })
  await crm.call('PUT', '/v1/accounts/by-external-id/s3', { fields: { notes: "it's 100% _new_" } })
  const list = await request('GET', `${crm.url}/office/rows/accounts`)
  expect(list.body.rows.length).toBe(60)
  expect(list.body.rows[0]).toMatchObject({ externalId: 's3' })
  expect(list.body).toMatchObject({ counts: { rows: 70, deleted: 0 } })
  const found = async (search: string) => {
    const { body } = await request(
      'GET',
      `${crm.url}/office/rows/accounts?search=${encodeURIComponent(search)}`,
    )
    return body.rows.map(({ externalId }) => externalId)
  }
  expect(await found('100% _NEW_')).toEqual(['s3'])
  expect(await found('city 42')).toEqual(['s42'])
  expect(await found('nobody')).toEqual([])
  const { body } = await request('GET', `${crm.url}/office/calls`)
  expect(body).toMatchObject({ calls: [{ method: 'PUT' }, { path: '/oauth/token' }] })
})

test('an inline edit is checked, told to webhooks under the user’s name, and not in the ledger', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  await crm.call('POST', '/v1/webhooks', { url: receiver.url })
  await crm.admin('POST', '/seed', { type: 'cases', rows: [{ externalId: 'c1', fields: { title: 'Pump' } }] })
  const before = await crm.ledger()
  const edit = (fields: unknown, headers = {}) =>
    request('PATCH', `${crm.url}/office/rows/cases/CAS-000001`, { fields, user: 'dana' }, headers)
  expect((await edit({ status: 'open' })).body).toMatchObject({ changed: ['status'], row: { version: 2 } })
  expect((await receiver.next()).event).toMatchObject({ type: 'cases.updated', data: { modifiedBy: 'dana' } })
  expect((await edit({ hours: 'many' })).body).toMatchObject({
    status: 400,
    detail: expect.stringContaining('/fields/hours'),
  })
  expect((await edit({ hours: 1 }, { origin: 'http://evil.example' })).status).toBe(403)
  expect(await crm.ledger()).toEqual(before)
})
