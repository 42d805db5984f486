import { expect, test } from 'vitest'
import { newYear, startCrm, tokenOf } from './crm.ts'
import { scratchFile } from './scratch.ts'

const body = { fields: { title: 'Pump' } }

test('the same key and body get the stored answer, and nothing is done again', async () => {
  const crm = await startCrm()
  const first = await crm.call('POST', '/v1/cases', body, { 'idempotency-key': 'k1' })
  const repeat = await crm.call('POST', '/v1/cases', body, { 'idempotency-key': '"k1"' })
  expect([repeat.status, repeat.text]).toEqual([201, first.text])
  expect(repeat.headers.get('etag')).toBe('"v1"')
  expect(first.headers.has('idempotent-replayed')).toBe(false)
  expect(repeat.headers.get('idempotent-replayed')).toBe('true')
  expect((await crm.ledger('?type=cases')).map(({ committed }) => committed)).toEqual([true, false])
  expect((await crm.admin('GET', '/stats')).types.cases?.rows).toBe(1)
})

test('the same key with another body or address is 422', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', body, { 'idempotency-key': 'k1' })
  const other = await crm.call(
    'POST',
    '/v1/cases',
    { fields: { title: 'Mast' } },
    { 'idempotency-key': 'k1' },
  )
  expect(other.body).toMatchObject({ status: 422, code: 'idempotency-key-reused' })
  expect((await crm.call('POST', '/v1/accounts', body, { 'idempotency-key': 'k1' })).status).toBe(422)
})

test('a batch is stored too, a refusal that was decided as well', async () => {
  const crm = await startCrm()
  const batch = { operations: [{ method: 'POST', type: 'cases', fields: {} }] }
  const first = await crm.call('POST', '/v1/batch', batch, { 'idempotency-key': 'b' })
  expect((await crm.call('POST', '/v1/batch', batch, { 'idempotency-key': 'b' })).text).toBe(first.text)
  const wrong = { fields: { colour: 'red' } }
  const refused = await crm.call('POST', '/v1/cases', wrong, { 'idempotency-key': 'w' })
  const again = await crm.call('POST', '/v1/cases', wrong, { 'idempotency-key': 'w' })
  expect([again.status, again.text]).toEqual([400, refused.text])
})

test('a key lives 24 h and belongs to one client', async () => {
  const clients = ['one', 'two'].map((clientId) => ({ clientId, clientSecret: 's' }))
  let now = newYear
  const crm = await startCrm({ clients, now: () => now, settings: { tokenSeconds: 200_000 } })
  const send = async (authorization: string) =>
    (await crm.call('POST', '/v1/cases', body, { 'idempotency-key': 'k', authorization })).body.id
  const one = `Bearer ${crm.token}`
  expect(await send(one)).toBe('CAS-000001')
  expect(await send(`Bearer ${await tokenOf(crm.url, clients[1])}`)).toBe('CAS-000002')
  now += 86_399_999
  expect(await send(one)).toBe('CAS-000001')
  now += 1
  expect(await send(one)).toBe('CAS-000003')
})

test('a key has 1 to 255 characters', async () => {
  const crm = await startCrm()
  const status = async (key: string) =>
    (await crm.call('POST', '/v1/cases', body, { 'idempotency-key': key })).status
  expect(await status('k'.repeat(255))).toBe(201)
  expect(await status('k'.repeat(256))).toBe(400)
  expect(await status('""')).toBe(400)
})

test('a stored answer survives a restart', async () => {
  const file = scratchFile('crm.db')
  const before = await startCrm({ file })
  const first = await before.call('POST', '/v1/cases', body, { 'idempotency-key': 'k1' })
  await before.close()
  const after = await startCrm({ file })
  const repeat = await after.call('POST', '/v1/cases', body, { 'idempotency-key': 'k1' })
  expect(repeat.text).toBe(first.text)
})
