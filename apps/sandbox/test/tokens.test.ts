import { expect, test } from 'vitest'
import { newYear, request, startCrm, tokenOf } from './crm.ts'

const clients = [
  { clientId: 'one', clientSecret: 'secret-one' },
  { clientId: 'two', clientSecret: 'secret-two' },
]

test('a token is given for a form or JSON, and names its life', async () => {
  const crm = await startCrm({ clients, settings: { tokenSeconds: 60 } })
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'one',
    client_secret: 'secret-one',
  })
  const answer = await fetch(`${crm.url}/oauth/token`, { method: 'POST', body: form })
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 60,
  })
  expect(await tokenOf(crm.url, clients[1])).toEqual(expect.any(String))
})

test('a wrong secret, an unknown client and another grant are refused', async () => {
  const crm = await startCrm({ clients })
  const ask = (body: unknown) => request('POST', `${crm.url}/oauth/token`, body)
  const wrong = await ask({ client_id: 'one', client_secret: 'secret-two' })
  expect(wrong.body).toMatchObject({ status: 401, code: 'invalid-client', error: 'invalid_client' })
  expect((await ask({ client_id: 'three', client_secret: 'x' })).status).toBe(401)
  expect((await ask({ client_id: 'one', client_secret: 'secret-one', grant_type: 'password' })).status).toBe(
    400,
  )
  expect((await ask({ client_id: 'one' })).status).toBe(400)
})

test('no token, a false one and an expired one are 401 with WWW-Authenticate', async () => {
  let now = newYear
  const crm = await startCrm({ now: () => now, settings: { tokenSeconds: 10 } })
  const headersTried = [
    { authorization: '' },
    { authorization: 'Basic abc' },
    { authorization: 'Bearer false' },
  ]
  for (const headers of headersTried) {
    const refused = await crm.call('GET', '/v1/accounts', undefined, headers)
    expect(refused.body).toMatchObject({ status: 401, code: 'invalid-token' })
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  }
  now += 9_999
  expect((await crm.call('GET', '/v1/accounts')).status).toBe(200)
  now += 1
  expect((await crm.call('GET', '/v1/accounts')).status).toBe(401)
})

test('the admin side expires every token at once; a new one works', async () => {
  const crm = await startCrm()
  expect(await crm.admin('POST', '/tokens/expire')).toEqual({ expired: 1 })
  expect((await crm.call('GET', '/v1/accounts')).status).toBe(401)
  const authorization = `Bearer ${await tokenOf(crm.url)}`
  expect((await crm.call('GET', '/v1/accounts', undefined, { authorization })).status).toBe(200)
})

test('a row names the client that wrote it', async () => {
  const crm = await startCrm({ clients })
  const authorization = `Bearer ${await tokenOf(crm.url, clients[1])}`
  const made = await crm.call('POST', '/v1/cases', { fields: {} }, { authorization })
  expect(made.body.modifiedBy).toBe('two')
  expect((await crm.ledger()).at(-1)).toMatchObject({ client: 'two' })
})
