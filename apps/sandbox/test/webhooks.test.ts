import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { type Crm, newYear, startCrm, startReceiver, until } from './crm.ts'
import { scratchFile } from './scratch.ts'

async function register(crm: Crm, url: string, secret?: string) {
  return crm.call('POST', '/v1/webhooks', { url, ...(secret === undefined ? {} : { secret }) })
}

const put = (crm: Crm, externalId: string, fields: unknown) =>
  crm.call('PUT', `/v1/cases/by-external-id/${externalId}`, { fields })

test('an API write is told, signed as Standard Webhooks says, and names the client', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  const { status, body } = await register(crm, receiver.url)
  expect([status, body.secret]).toEqual([201, expect.stringMatching(/^whsec_/)])
  const made = await put(crm, 'c1', { title: 'Pump', status: 'open' })
  const { headers, text, event } = await receiver.next()
  expect(new Webhook(body.secret).verify(text, headers)).toEqual(event)
  expect(() => new Webhook(body.secret).verify(text.replace('Pump', 'Pamp'), headers)).toThrow(
    'No matching signature',
  )
  const { created: _, ...row } = made.body
  expect(event).toEqual({
    type: 'cases.created',
    timestamp: new Date(row.modifiedAt).toISOString(),
    data: {
      id: 'CAS-000001',
      externalId: 'c1',
      version: 1,
      modifiedAt: row.modifiedAt,
      modifiedBy: 'skerry',
      changed: ['title', 'status'],
      row,
    },
  })
})

test('an update tells the changed fields alone; delete and undelete have their own types', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  await register(crm, receiver.url)
  await crm.admin('POST', '/seed', {
    type: 'cases',
    rows: [{ externalId: 'c1', fields: { title: 'Pump', hours: 1 } }],
  })
  await put(crm, 'c1', { title: 'Pump', hours: 2 })
  expect((await receiver.next()).event).toMatchObject({
    type: 'cases.updated',
    data: { changed: ['hours'], version: 2 },
  })
  await crm.call('DELETE', '/v1/cases/CAS-000001')
  expect((await receiver.next()).event).toMatchObject({
    type: 'cases.deleted',
    data: { row: { deleted: true } },
  })
  await crm.call('PUT', '/v1/cases/by-external-id/c1?undelete=true', { fields: {} })
  expect((await receiver.next()).event).toMatchObject({ type: 'cases.undeleted', data: { version: 4 } })
})

test('an office edit is told under the name of the office user', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  await register(crm, receiver.url)
  await crm.admin('POST', '/office-edit', {
    type: 'accounts',
    action: 'create',
    externalId: 'SEA',
    fields: {},
    user: 'dana',
  })
  expect((await receiver.next()).event).toMatchObject({
    type: 'accounts.created',
    data: { modifiedBy: 'dana' },
  })
})

test('no event for a write that changes nothing, for a refused one, or for a silent seed', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  await register(crm, receiver.url)
  await crm.admin('POST', '/seed', { type: 'cases', rows: [{ externalId: 'c1', fields: { title: 'Pump' } }] })
  await put(crm, 'c1', { title: 'Pump' })
  await put(crm, 'c1', { colour: 'red' })
  await crm.call('PATCH', '/v1/cases/CAS-000001', { fields: { title: 'x' } }, { 'if-match': '"v7"' })
  expect((await crm.admin('GET', '/deliveries')).deliveries).toEqual([])
  await crm.admin('POST', '/seed', {
    type: 'cases',
    webhooks: true,
    rows: [{ externalId: 'c2', fields: {} }],
  })
  expect((await receiver.next()).event).toMatchObject({ data: { externalId: 'c2', modifiedBy: 'seed' } })
})

test('a failing endpoint is tried by the schedule under one webhook-id, a redirect is not followed', async () => {
  const crm = await startCrm({ settings: { webhookScheduleMs: [1, 1, 1] } })
  const receiver = await startReceiver([500, 302, 503])
  const { body } = await register(crm, receiver.url)
  await put(crm, 'c1', {})
  const tries = [await receiver.next(), await receiver.next(), await receiver.next(), await receiver.next()]
  expect(new Set(tries.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  for (const { text, headers } of tries) expect(new Webhook(body.secret).verify(text, headers)).toBeTruthy()
  expect(await crm.admin('POST', '/deliveries/idle')).toEqual({ idle: true })
  expect((await crm.admin('GET', '/deliveries')).deliveries).toMatchObject([
    { state: 'delivered', attempts: 4 },
  ])
})

test('after the last attempt of the schedule the event has failed, with the reason', async () => {
  const crm = await startCrm({ settings: { webhookScheduleMs: [1] } })
  const receiver = await startReceiver([500, 500])
  await register(crm, receiver.url)
  await put(crm, 'c1', {})
  await crm.admin('POST', '/deliveries/idle')
  const { deliveries } = await crm.admin('GET', '/deliveries')
  expect(deliveries).toMatchObject([{ state: 'failed', attempts: 2, lastError: 'answered 500' }])
})

test('a retry waits until the clock says so', async () => {
  const crm = await startCrm({ now: () => newYear, settings: { webhookScheduleMs: [60_000] } })
  const receiver = await startReceiver([500])
  await register(crm, receiver.url)
  await put(crm, 'c1', {})
  await receiver.next()
  await until(async () => (await crm.admin('GET', '/deliveries')).deliveries[0]?.attempts === 1)
  expect(await crm.admin('POST', '/deliveries/idle', { timeoutMs: 1 })).toEqual({ idle: false })
  await crm.admin('POST', '/clock', { advanceMs: 60_000 })
  expect((await receiver.next()).event).toMatchObject({ type: 'cases.created' })
})

test('410 disables the endpoint; registering it again enables it', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver([410])
  await register(crm, receiver.url)
  await put(crm, 'c1', {})
  await crm.admin('POST', '/deliveries/idle')
  expect((await crm.call('GET', '/v1/webhooks')).body.webhooks).toMatchObject([
    { url: receiver.url, disabled: true },
  ])
  await put(crm, 'c2', {})
  expect((await register(crm, receiver.url)).status).toBe(200)
  await put(crm, 'c3', {})
  await receiver.next()
  expect((await receiver.next()).event.data.externalId).toBe('c3')
})

test('registration: own secret, same id again, removal', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const first = await register(crm, receiver.url, secret)
  expect(first.body.secret).toBe(secret)
  expect((await register(crm, receiver.url)).body).toEqual(first.body)
  expect((await crm.call('GET', '/v1/webhooks')).text).not.toContain('whsec_')
  expect((await crm.call('DELETE', `/v1/webhooks/${first.body.id}`)).status).toBe(204)
  expect((await crm.call('DELETE', `/v1/webhooks/${first.body.id}`)).status).toBe(404)
})

test('only loopback addresses and true secrets are registered, 20 endpoints at most', async () => {
  const crm = await startCrm()
  const refused = [
    'https://example.org/hook',
    'http://127.0.0.1.example.org/',
    'http://10.0.0.1/',
    'ftp://localhost/',
    'x',
  ]
  for (const url of refused) expect((await register(crm, url)).status).toBe(400)
  for (const secret of ['plain', `whsec_${Buffer.alloc(23).toString('base64')}`]) {
    expect((await register(crm, 'http://localhost:1/', secret)).status).toBe(400)
  }
  const taken = ['http://localhost:1/', 'http://[::1]:1/', 'http://127.9.8.7:1/']
  for (const url of taken) expect((await register(crm, url)).status).toBe(201)
  for (let port = taken.length; port < 20; port++)
    expect((await register(crm, `http://localhost:1/${port}`)).status).toBe(201)
  expect((await register(crm, 'http://localhost:1/21')).status).toBe(400)
})

test('an event that was not answered is sent after a restart', async () => {
  const file = scratchFile('crm.db')
  const before = await startCrm({ file, settings: { webhookScheduleMs: [60_000] } })
  const receiver = await startReceiver([500])
  await register(before, receiver.url)
  await put(before, 'c1', {})
  const first = await receiver.next()
  await before.close()
  const after = await startCrm({ file })
  await after.admin('POST', '/clock', { advanceMs: 60_000 })
  expect((await receiver.next()).headers['webhook-id']).toBe(first.headers['webhook-id'])
})

test('the fault plan doubles, drops and delays events', async () => {
  const crm = await startCrm({ now: () => newYear })
  const receiver = await startReceiver()
  await register(crm, receiver.url)
  await crm.admin('POST', '/faults', {
    plan: [
      { fault: 'webhook-duplicate', match: { externalId: 'twice' } },
      { fault: 'webhook-drop', match: { type: 'cases', path: '/hook' }, count: 1 },
      { fault: 'webhook-delay', ms: 1_000, count: 1 },
    ],
  })
  await put(crm, 'dropped', {})
  await put(crm, 'late', {})
  await put(crm, 'twice', {})
  const [one, two] = [await receiver.next(), await receiver.next()]
  expect([one.event.data.externalId, two.event.data.externalId]).toEqual(['twice', 'twice'])
  expect(one.headers['webhook-id']).toBe(two.headers['webhook-id'])
  await crm.admin('POST', '/clock', { advanceMs: 1_000 })
  expect((await receiver.next()).event.data.externalId).toBe('late')
  const states = (await crm.admin('GET', '/deliveries')).deliveries.map(({ state }) => state)
  expect(states).toContain('dropped')
  expect(receiver.received).toEqual([])
})
