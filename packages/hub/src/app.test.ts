import { expect, test } from 'vitest'
import { DAY_MS, openApp, problemIn, START } from './app.test-support.ts'
import {
  API_REQUESTS_PER_MINUTE,
  REFUSED_TOKEN_COST,
  REQUEST_BODY_BYTES_MAX,
  STORE_PROBE_MS,
  STORE_SLOW_COMMITS,
  STORE_SLOW_MS,
} from './limits.ts'

const json = { 'content-type': 'application/json' }
const key = 'ab'.repeat(32)
const request = {
  subject: 'tech:ana',
  publicKey: key,
  read: ['region:north'],
  write: [],
  expiresAt: '2026-02-01T00:00:00Z',
}

test('livez and readyz say yes while the store works', async () => {
  const { app } = await openApp()
  expect(await (await app.request('/livez')).json()).toEqual({ status: 'alive' })
  expect(await (await app.request('/readyz')).json()).toEqual({ status: 'ready' })
})

test('readyz says no while draining; livez still says yes', async () => {
  const { app, state } = await openApp()
  state.draining = true
  const response = await app.request('/readyz')
  expect(response.status).toBe(503)
  expect(await problemIn(response)).toMatchObject({ code: 'draining', retryable: true })
  expect((await app.request('/livez')).status).toBe(200)
})

test('readyz says no after a failed commit, asks the store again at most once a second, and says yes when it works', async () => {
  const { app, disk, clock, replica } = await openApp()
  disk.full = true
  await expect(replica.collection('notes').create({ text: 'x' })).rejects.toThrow('full')
  const refused = await problemIn(await app.request('/readyz'))
  expect(refused).toMatchObject({ status: 503, code: 'store-failing', retryable: true })
  expect(refused.detail).toContain('the disk is full')
  disk.full = false
  expect((await app.request('/readyz')).status).toBe(503)
  clock.now += 1_000
  expect((await app.request('/readyz')).status).toBe(200)
})

test('fault S7: readyz says no after a few slow commits in a row, and yes when one is quick again', async () => {
  const { app, disk, clock, replica } = await openApp()
  const write = (ms: number) => {
    disk.slowMs = ms
    return replica.collection('notes').create({ text: 'x' })
  }
  const status = async () => (await app.request('/readyz')).status
  for (let i = 0; i < STORE_SLOW_COMMITS; i++) await write(STORE_SLOW_MS - 1)
  expect(await status()).toBe(200)
  for (let i = 1; i < STORE_SLOW_COMMITS; i++) await write(STORE_SLOW_MS)
  expect(await status()).toBe(200)
  await write(500)
  const refused = await problemIn(await app.request('/readyz'))
  expect(refused).toMatchObject({ status: 503, code: 'store-slow', retryable: true })
  expect(refused.detail).toContain(`took ${STORE_SLOW_MS} ms`)
  expect((await app.request('/livez')).status).toBe(200)
  disk.slowMs = 0
  clock.now += STORE_PROBE_MS
  expect(await status()).toBe(200)
})

test('livez says no when the store is closed', async () => {
  const { app, replica, logged } = await openApp()
  await replica.close()
  expect((await app.request('/livez')).status).toBe(500)
  expect(logged.join('')).toContain('request failed')
})

test('metrics are text for Prometheus with our names', async () => {
  const { app, replica } = await openApp()
  await replica.collection('notes').create({ text: 'x' })
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain')
  const text = await response.text()
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!)
  expect(names.every((name) => name.startsWith('skerry_'))).toBe(true)
  expect(text).toMatch(/skerry_store_commit_seconds_count [1-9]/)
  expect(text).toContain('skerry_mends_total')
})

test('security headers are on every answer, and answers of the API are not cached', async () => {
  const { app } = await openApp()
  const { headers } = await app.request('/api/v1/authority')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('the authority is told to everyone', async () => {
  const { app, authority } = await openApp()
  const publicKey = Buffer.from(authority.publicKey).toString('hex')
  expect(await (await app.request('/api/v1/authority')).json()).toEqual({ space: 'acme', publicKey })
})

test('what is not there is a problem', async () => {
  const { app } = await openApp()
  const problem = await problemIn(await app.request('/api/v1/nothing'))
  expect(problem).toMatchObject({
    type: 'urn:skerry:problem:not-found',
    code: 'not-found',
    status: 404,
    retryable: false,
  })
})

test('an administrator issues a credential that verifies', async () => {
  const { asAdmin, verifier } = await openApp()
  const response = await asAdmin('/api/v1/credentials', {
    method: 'POST',
    body: JSON.stringify(request),
    headers: json,
  })
  expect(response.status).toBe(201)
  const issued = (await response.json()) as { token: string; hash: string; expiresAt: string }
  const credential = await verifier.verify(issued.token, START)
  expect(credential).toMatchObject({
    hash: issued.hash,
    subject: 'tech:ana',
    role: 'device',
    read: ['region:north'],
    systems: [],
  })
  expect(issued.expiresAt).toBe('2026-02-01T00:00:00.000Z')
})

test.each([
  ['no subject', { ...request, subject: undefined }, '/subject'],
  ['a role', { ...request, role: 'authority' }, ''],
  ['a short key', { ...request, publicKey: 'ab' }, '/publicKey'],
  ["a channel beside '*'", { ...request, read: ['*', 'a'] }, '/read'],
  ['an empty channel', { ...request, write: [''] }, '/write/0'],
  ['a date that is none', { ...request, expiresAt: 'tomorrow' }, '/expiresAt'],
  ['a date that has passed', { ...request, expiresAt: '2025-12-31T00:00:00Z' }, '/expiresAt'],
  ['a date beyond ten years', { ...request, expiresAt: '2046-01-01T00:00:00Z' }, '/expiresAt'],
])('a request for a credential with %s is refused, field by field', async (_, body, path) => {
  const { asAdmin } = await openApp()
  const problem = await problemIn(
    await asAdmin('/api/v1/credentials', { method: 'POST', body: JSON.stringify(body), headers: json }),
  )
  expect(problem).toMatchObject({ status: 400, code: 'invalid-request' })
  expect(problem.errors?.[0]?.path).toBe(path)
})

test('a body that is not JSON is refused', async () => {
  const { asAdmin } = await openApp()
  const problem = await problemIn(
    await asAdmin('/api/v1/credentials', { method: 'POST', body: '{', headers: json }),
  )
  expect(problem).toMatchObject({ status: 400, code: 'invalid-request' })
})

test('bodies up to the limit are read, larger ones are not', async () => {
  const { asAdmin } = await openApp()
  const send = (length: number) =>
    asAdmin('/api/v1/credentials', { method: 'POST', body: 'x'.repeat(length), headers: json })
  expect((await problemIn(await send(REQUEST_BODY_BYTES_MAX))).code).toBe('invalid-request')
  expect(await problemIn(await send(REQUEST_BODY_BYTES_MAX + 1))).toMatchObject({
    status: 413,
    code: 'request-too-large',
  })
})

test('fault A11: without the admin token nothing is issued or revoked', async () => {
  const { app, device, metrics } = await openApp()
  const paths = [
    ['POST', '/api/v1/credentials'],
    ['DELETE', `/api/v1/credentials/${key}`],
    ['DELETE', `/api/v1/devices/${key}`],
  ] as const
  const { headersFor } = await device(['*'])
  for (const [method, path] of paths) {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic x' }])
      expect(await problemIn(await app.request(path, { method, headers }))).toMatchObject({
        status: 401,
        code: 'unauthorized',
      })
    const response = await app.request(`http://hub.example${path}`, {
      method,
      headers: await headersFor(path, method),
    })
    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'forbidden' })
  }
  expect(await metrics.text()).toContain('skerry_api_tokens_refused_total{code="unauthorized"} 9')
})

test('a revoked credential is refused at once, for good', async () => {
  const { asAdmin, device, verifier, replica } = await openApp()
  const ana = await device(['*'])
  await verifier.verify(ana.token, START)
  expect((await asAdmin(`/api/v1/credentials/${ana.hash}`, { method: 'DELETE' })).status).toBe(204)
  await expect(verifier.verify(ana.token, START)).rejects.toMatchObject({ code: 'credential-revoked' })
  expect(await problemIn(await ana.get('/api/v1/records/jobs'))).toMatchObject({
    status: 401,
    code: 'credential-revoked',
  })
  expect(await replica.tableRows('revoked', { limit: 10 })).toHaveLength(1)
  const { head } = replica
  expect((await asAdmin(`/api/v1/credentials/${ana.hash}`, { method: 'DELETE' })).status).toBe(204)
  expect(await replica.tableRows('revoked', { limit: 10 })).toHaveLength(1)
  expect(replica.head).toBe(head)
})

test('a revoked device is refused with every credential of its key', async () => {
  const { asAdmin, device, verifier } = await openApp()
  const ana = await device(['*'])
  expect((await asAdmin(`/api/v1/devices/${ana.key}`, { method: 'DELETE' })).status).toBe(204)
  await expect(verifier.verify(ana.token, START)).rejects.toMatchObject({ code: 'credential-revoked' })
  const other = await device(['*'])
  await verifier.verify(other.token, START)
})

test('a revocation that cannot be made durable is not made', async () => {
  const { asAdmin, device, verifier, disk } = await openApp()
  const ana = await device(['*'])
  disk.full = true
  const problem = await problemIn(await asAdmin(`/api/v1/credentials/${ana.hash}`, { method: 'DELETE' }))
  expect(problem).toMatchObject({ status: 503, code: 'store-failing', retryable: true })
  await verifier.verify(ana.token, START)
})

test('what is no hash cannot be revoked', async () => {
  const { asAdmin } = await openApp()
  for (const path of ['/api/v1/credentials/x', `/api/v1/devices/${'AB'.repeat(32)}`])
    expect((await problemIn(await asAdmin(path, { method: 'DELETE' }))).code).toBe('invalid-request')
})

test('fault A9: requests of one address are limited, and a refused token counts for many', async () => {
  const { app, admin } = await openApp()
  const ask = (headers: Record<string, string>) => app.request('/api/v1/records/jobs', { headers })
  const guesses = Math.floor((API_REQUESTS_PER_MINUTE - 1) / REFUSED_TOKEN_COST)
  for (let i = 0; i < guesses; i++) expect((await ask({ authorization: 'Bearer guess' })).status).toBe(401)
  const left = API_REQUESTS_PER_MINUTE - guesses * REFUSED_TOKEN_COST
  for (let i = 0; i < left; i++) expect((await ask(admin)).status).toBe(200)
  const response = await ask(admin)
  const problem = await problemIn(response)
  expect(problem).toMatchObject({ status: 429, code: 'rate-limited', retryable: true })
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(problem.retryAfterMs).toBeGreaterThan(0)
  expect((await app.request('/readyz')).status).toBe(200)
})

test('fault A1: a device must prove its key: a token alone, expired, foreign or with a wrong proof opens nothing', async () => {
  const { app, device, clock } = await openApp()
  const path = '/api/v1/records/jobs'
  const ana = await device(['*'])
  expect((await ana.get(path)).status).toBe(200)
  const refused = async (headers: Record<string, string>) =>
    (await problemIn(await app.request(`http://hub.example${path}`, { headers }))).code
  const proven = await ana.headersFor(path)
  expect(await refused({ authorization: proven.authorization })).toBe('proof-missing')
  expect(await refused({ ...proven, dpop: (await (await device(['*'])).headersFor(path)).dpop })).toBe(
    'proof-invalid',
  )
  expect(await refused(await ana.headersFor('/api/v1/records/notes'))).toBe('proof-invalid')
  expect(await refused(await (await device(['*'], { space: 'globex' })).headersFor(path))).toBe(
    'credential-wrong-space',
  )
  clock.now += DAY_MS
  expect(await refused(await ana.headersFor(path))).toBe('credential-expired')
})

test('fault A7: no token is ever logged', async () => {
  const { asAdmin, logged, log } = await openApp()
  const response = await asAdmin('/api/v1/credentials', {
    method: 'POST',
    body: JSON.stringify(request),
    headers: json,
  })
  const { token } = (await response.json()) as { token: string }
  log.info(
    {
      token,
      deeper: { authorization: token, token },
      credential: { token },
      adminToken: token,
      secret: token,
    },
    'a careless line',
  )
  expect(logged.join('')).toContain('credential issued')
  expect(logged.join('')).toContain('[redacted]')
  expect(logged.join('')).not.toContain(token)
})
