import { expect, test } from 'vitest'
import { newYear, startCrm, tokenOf } from './crm.ts'

test('N calls pass, the next is 429 with Retry-After, and passes after exactly that wait', async () => {
  let now = newYear
  const crm = await startCrm({ now: () => now, settings: { rateLimit: { calls: 3, windowMs: 2_500 } } })
  for (const wait of [0, 100, 100]) {
    now += wait
    expect((await crm.call('GET', '/v1/cases')).status).toBe(200)
  }
  const refused = await crm.call('GET', '/v1/cases')
  expect(refused.body).toMatchObject({ status: 429, code: 'rate-limited', retryAfterMs: 2_300 })
  expect(refused.headers.get('retry-after')).toBe('3')
  expect(refused.headers.get('ratelimit-policy')).toBe('"default";q=3;w=3')
  now += 2_299
  expect((await crm.call('GET', '/v1/cases')).status).toBe(429)
  now += 1
  expect((await crm.call('GET', '/v1/cases')).status).toBe(200)
  expect((await crm.call('GET', '/v1/cases')).status).toBe(429)
})

test('each client has its own budget, and refused calls do not count', async () => {
  const clients = ['one', 'two'].map((clientId) => ({ clientId, clientSecret: 's' }))
  const crm = await startCrm({
    clients,
    now: () => newYear,
    settings: { rateLimit: { calls: 1, windowMs: 1_000 } },
  })
  expect((await crm.call('GET', '/v1/cases')).status).toBe(200)
  expect((await crm.call('GET', '/v1/cases')).status).toBe(429)
  const authorization = `Bearer ${await tokenOf(crm.url, clients[1])}`
  expect((await crm.call('GET', '/v1/cases', undefined, { authorization })).status).toBe(200)
  await crm.admin('POST', '/clock', { advanceMs: 1_000 })
  expect((await crm.call('GET', '/v1/cases')).status).toBe(200)
})

test('the admin side shrinks the limit, and it holds for the calls already made', async () => {
  const crm = await startCrm({ now: () => newYear })
  for (let call = 0; call < 5; call++) expect((await crm.call('GET', '/v1/cases')).status).toBe(200)
  await crm.admin('PATCH', '/settings', { rateLimit: { calls: 5, windowMs: 60_000 } })
  expect((await crm.call('GET', '/v1/cases')).headers.get('retry-after')).toBe('60')
  await crm.admin('PATCH', '/settings', { rateLimit: { calls: 6, windowMs: 60_000 } })
  expect((await crm.call('GET', '/v1/cases')).status).toBe(200)
})

test('a limit of 0 calls refuses all', async () => {
  const crm = await startCrm({ settings: { rateLimit: { calls: 0, windowMs: 100 } } })
  expect((await crm.call('GET', '/v1/cases')).headers.get('retry-after')).toBe('1')
})
