/** Enrolment codes over the API: made, used, guessed at, over; and renewal (SPEC.md, EN-1 to EN-12). */
import { createHash, createPrivateKey, sign } from 'node:crypto'
import {
  authorityOf,
  createAuthority,
  EnrolmentError,
  enrolDevice,
  renewalDueAt,
  renewCredential,
} from '@skerry/credentials'
import { backupSqlite, restoreSqlite } from '@skerry/store-sqlite'
import { expect, test } from 'vitest'
import { type AppFixture, DAY_MS, openApp, problemIn } from './app.test-support.ts'
import { runHub } from './hub.test-support.ts'
import { ENROLLED_LIFE_MS, ENROLMENT_TRIES_MAX, ENROLMENT_VALID_MS, RENEWALS_KEPT_MAX } from './limits.ts'

const json = { 'content-type': 'application/json' }
const key = 'ab'.repeat(32)
const otherKey = 'cd'.repeat(32)
const grant = { subject: 'tech:ana', read: ['region:north'], write: ['region:north'] }

interface Made {
  code: string
  id: string
  usableUntil: string
}

async function make(hub: AppFixture, over: object = {}): Promise<Made> {
  const init = { method: 'POST', headers: json, body: JSON.stringify({ ...grant, ...over }) }
  const response = await hub.asAdmin('/api/v1/enrolments', init)
  expect(response.status).toBe(201)
  return (await response.json()) as Made
}

const use = async (hub: AppFixture, code: string, publicKey = key) =>
  hub.app.request('http://hub.example/api/v1/enrol', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ code, publicKey }),
  })

const wrongOf = (code: string) => code.slice(0, -1) + (code.endsWith('0') ? '1' : '0')

test('EN-1 EN-2: a code becomes a credential with what the operator said, for the key that asked', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
  const response = await use(hub, code)
  expect(response.status).toBe(201)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { token, space, authority } = (await response.json()) as Record<string, string>
  expect({ space, authority }).toEqual({
    space: 'acme',
    authority: Buffer.from(hub.authority.publicKey).toString('hex'),
  })
  const credential = await hub.verifier.verify(token!, hub.clock.now)
  expect(credential).toMatchObject({ ...grant, role: 'device', systems: [] })
  expect(Buffer.from(credential.publicKey).toString('hex')).toBe(key)
  expect(credential.expiresAt).toBe(hub.clock.now + ENROLLED_LIFE_MS)
})

test('EN-1: only the administrator makes codes, and the list tells none of them', async () => {
  const hub = await openApp()
  const body = JSON.stringify(grant)
  const device = await hub.device(['*'])
  const headers = await device.headersFor('/api/v1/enrolments', 'POST')
  const asDevice = await hub.app.request('http://hub.example/api/v1/enrolments', {
    method: 'POST',
    headers,
    body,
  })
  expect(await problemIn(asDevice)).toMatchObject({ code: 'forbidden' })
  expect((await hub.app.request('/api/v1/enrolments', { method: 'POST', body })).status).toBe(401)
  const { code, id } = await make(hub)
  const listed = async () => (await hub.asAdmin('/api/v1/enrolments')).text()
  expect(await listed()).toContain('"state":"open"')
  await use(hub, code)
  const used = await listed()
  expect(JSON.parse(used)).toMatchObject({ enrolments: [{ id, ...grant, state: 'used', usedBy: key }] })
  for (const secret of [code, code.replaceAll('-', ''), 'token', 'digest']) expect(used).not.toContain(secret)
  expect((await hub.asAdmin(`/api/v1/enrolments/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await hub.asAdmin(`/api/v1/enrolments/${id}`, { method: 'DELETE' })).status).toBe(404)
  expect(await problemIn(await use(hub, code))).toMatchObject({ code: 'enrolment-unknown' })
})

test('EN-2: a code is taken as people type it', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `
  expect((await use(hub, typed)).status).toBe(201)
})

test('EN-3: whoever used a code gets the same token again as long as it is valid; nobody else gets any', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  const first = await (await use(hub, code)).json()
  hub.clock.now += ENROLMENT_VALID_MS - 1
  expect(await (await use(hub, code)).json()).toEqual(first)
  const other = await problemIn(await use(hub, code, otherKey))
  expect(other).toMatchObject({ status: 410, code: 'enrolment-used', retryable: false })
  hub.clock.now += 1
  expect(await problemIn(await use(hub, code))).toMatchObject({ code: 'enrolment-expired' })
})

test('EN-3: of two devices that use a code at the same moment one gets a credential', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  const answers = await Promise.all([use(hub, code, key), use(hub, code, otherKey)])
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 410])
})

test('EN-4: an unknown code and a wrong secret are refused in the same words, and after too many tries the right one is dead', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  const there = code.startsWith('0000') ? '1111' : '0000'
  const unknown = await problemIn(await use(hub, there + code.slice(4)))
  const wrong = await problemIn(await use(hub, wrongOf(code)))
  expect(wrong).toEqual(unknown)
  expect(wrong).toMatchObject({ status: 401, code: 'enrolment-unknown' })
  expect(await problemIn(await use(hub, 'x'))).toEqual(unknown)
})

test('EN-4: who guesses makes the hub write once, whether there is such an id or not', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  const unknown = (code.startsWith('0000') ? '1111' : '0000') + code.slice(4)
  const commitsOf = async (guess: string) => {
    let commits = 0
    const stop = hub.api.replica.onCommit(() => {
      commits += 1
    })
    await use(hub, guess)
    stop()
    return commits
  }
  expect([await commitsOf(wrongOf(code)), await commitsOf(unknown)]).toEqual([1, 1])
})

test.each([
  [ENROLMENT_TRIES_MAX - 1, 201],
  [ENROLMENT_TRIES_MAX, 410],
])('EN-4: after %i wrong secrets the right one is answered by %i', async (tries, status) => {
  const hub = await runHub({ trustedProxies: 1 })
  const made = (await (await hub.asAdmin('POST', '/api/v1/enrolments', grant)).json()) as Made
  const ask = (code: string, address: string) =>
    fetch(`${hub.url}/api/v1/enrol`, {
      method: 'POST',
      // Each from elsewhere: the count is the code's, whoever guesses.
      headers: { ...json, 'x-forwarded-for': address },
      body: JSON.stringify({ code, publicKey: key }),
    })
  for (let n = 0; n < tries; n++) expect((await ask(wrongOf(made.code), `10.0.0.${n}`)).status).toBe(401)
  const response = await ask(made.code, '10.0.1.1')
  expect(response.status).toBe(status)
  if (status === 410) expect(await problemIn(response)).toMatchObject({ code: 'enrolment-blocked' })
})

test('EN-5: of a code that is over only who has the secret is told since when', async () => {
  const hub = await openApp()
  const { code, usableUntil } = await make(hub, { validMs: 60_000 })
  hub.clock.now += 60_000
  const expired = await problemIn(await use(hub, code))
  expect(expired).toMatchObject({ status: 410, code: 'enrolment-expired' })
  expect(expired.detail).toContain(usableUntil)
  expect(await problemIn(await use(hub, wrongOf(code)))).toMatchObject({ code: 'enrolment-unknown' })
  // The next one that is made takes it away.
  await make(hub)
  expect(await problemIn(await use(hub, code))).toMatchObject({ code: 'enrolment-unknown' })
})

test('EN-6: codes, and what became of them, survive a restart of the hub; the device syncs with what it got', async () => {
  const first = await runHub()
  const made = (await (await first.asAdmin('POST', '/api/v1/enrolments', grant)).json()) as Made
  const used = (await (await first.asAdmin('POST', '/api/v1/enrolments', grant)).json()) as Made
  const enrol = (hub: string, code: string, digits = key) =>
    enrolDevice({ hub }, { code, publicKey: new Uint8Array(Buffer.from(digits, 'hex')) })
  const before = await enrol(first.url, used.code)
  await first.close()
  const again = await runHub({ store: first.store })
  expect(await enrol(again.url, made.code, otherKey)).toMatchObject({ subject: 'tech:ana', space: 'acme' })
  expect(await enrol(again.url, used.code)).toEqual(before)
  await expect(enrol(again.url, used.code, otherKey)).rejects.toMatchObject({
    code: 'enrolment-used',
    retryable: false,
  })
})

test('EN-11: a code of before a backup is void where that was restored, and codes made then are not', async () => {
  const first = await runHub()
  const makeAt = async (hub: typeof first) =>
    (await (await hub.asAdmin('POST', '/api/v1/enrolments', grant)).json()) as Made
  const enrol = (hub: string, { code }: Made, digits = key) =>
    enrolDevice({ hub }, { code, publicKey: new Uint8Array(Buffer.from(digits, 'hex')) })
  const before = await makeAt(first)
  backupSqlite(first.store, `${first.store}.backup`)
  await enrol(first.url, before)
  await first.close()
  restoreSqlite(`${first.store}.backup`, first.store, { replace: true })
  const second = await runHub({ store: first.store })
  await expect(enrol(second.url, before, otherKey)).rejects.toMatchObject({ code: 'enrolment-unknown' })
  const after = await makeAt(second)
  await second.close()
  const third = await runHub({ store: first.store })
  expect(await enrol(third.url, after, otherKey)).toMatchObject({ subject: 'tech:ana' })
})

test('EN-6: when the store fails nothing is given, and the same code works afterwards', async () => {
  const hub = await openApp()
  const { code } = await make(hub)
  hub.disk.full = true
  expect(await problemIn(await use(hub, code))).toMatchObject({ code: 'store-failing', retryable: true })
  hub.disk.full = false
  expect((await use(hub, code)).status).toBe(201)
})

/** @param tellsTime the answers have a `Date` */
async function enrolled(hub: AppFixture, over: object = {}, tellsTime = true) {
  const pair = await createAuthority()
  const pem = createPrivateKey({ format: 'jwk', key: { ...pair.privateJwk } })
  const prover = {
    publicKey: pair.publicKey,
    sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, pem)),
  }
  const door = {
    hub: 'http://hub.example',
    fetch: (async (url: string, init: RequestInit) => {
      const answer = await hub.app.request(url, init)
      // As every server says it.
      if (tellsTime) answer.headers.set('date', new Date(hub.clock.now).toUTCString())
      return answer
    }) as typeof fetch,
  }
  const { code } = await make(hub, over)
  const { token } = await enrolDevice(door, { code, publicKey: pair.publicKey })
  const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
  return {
    token,
    hexKey: Buffer.from(pair.publicKey).toString('hex'),
    /** @param aheadMs of the hub's clock */
    renew: (present: string, aheadMs = 0) =>
      renewCredential(door, { token: present, key: prover, at: hub.clock.now + aheadMs, sha256 }),
  }
}

test('EN-7: an enrolled device renews its credential for years, each time with the same rights', async () => {
  const hub = await openApp()
  const device = await enrolled(hub, { lifeMs: 90 * DAY_MS })
  let { token } = device
  for (let renewals = 0; renewals < 20; renewals++) {
    expect(renewalDueAt(token)).toBe(hub.clock.now + 45 * DAY_MS)
    hub.clock.now = renewalDueAt(token)
    token = (await device.renew(token)).token
  }
  const credential = await hub.verifier.verify(token, hub.clock.now)
  expect(credential).toMatchObject({ ...grant, expiresAt: hub.clock.now + 90 * DAY_MS })
  hub.clock.now += 90 * DAY_MS
  await expect(device.renew(token)).rejects.toMatchObject({ code: 'credential-expired' })
})

test('EN-7: what the operator gave an end, or a code that does not renew, is not renewed', async () => {
  const hub = await openApp()
  const bounded = await enrolled(hub, { renew: false })
  await expect(bounded.renew(bounded.token)).rejects.toMatchObject({ code: 'not-renewable' })
  const issued = await hub.device(['region:north'])
  const path = '/api/v1/renew'
  const headers = await issued.headersFor(path, 'POST')
  const response = await hub.app.request(`http://hub.example${path}`, { method: 'POST', headers })
  expect(await problemIn(response)).toMatchObject({ status: 403, code: 'not-renewable' })
  const asAdmin = await hub.asAdmin(path, { method: 'POST' })
  expect(await problemIn(asAdmin)).toMatchObject({ code: 'forbidden' })
})

test('EN-7: what the operator issued by hand has its end, also for a device that renews what it got by its code', async () => {
  const hub = await openApp()
  const device = await enrolled(hub, { lifeMs: 90 * DAY_MS })
  const expiresAt = new Date(hub.clock.now + DAY_MS).toISOString()
  const body = JSON.stringify({ ...grant, publicKey: device.hexKey, expiresAt })
  const made = await hub.asAdmin('/api/v1/credentials', { method: 'POST', headers: json, body })
  const { token } = (await made.json()) as { token: string }
  await expect(device.renew(token)).rejects.toMatchObject({ code: 'not-renewable' })
  const renewed = await device.renew(device.token)
  await device.renew(renewed.token)
  await expect(device.renew(token)).rejects.toMatchObject({ code: 'not-renewable' })
})

test('EN-7: a code that does not renew ends what an earlier code of the same device allowed', async () => {
  const hub = await openApp()
  const device = await enrolled(hub)
  const { code } = await make(hub, { renew: false, lifeMs: DAY_MS })
  const { token } = (await (await use(hub, code, device.hexKey)).json()) as { token: string }
  for (const one of [token, device.token])
    await expect(device.renew(one)).rejects.toMatchObject({ code: 'not-renewable' })
})

test('EN-7: a device that hears no answer renews by the same credential, however often, and then by the last', async () => {
  const hub = await openApp()
  const device = await enrolled(hub)
  const present = (await device.renew(device.token)).token
  let last = present
  for (let asked = 0; asked < RENEWALS_KEPT_MAX + 6; asked++) {
    hub.clock.now += 1_000
    last = (await device.renew(present)).token
  }
  await device.renew(last)
})

test.each([-3 * 365 * DAY_MS, 120_000])(
  'EN-9: a device whose clock is off by %i ms renews by the time of the hub',
  async (aheadMs) => {
    const hub = await openApp()
    const device = await enrolled(hub)
    const { token } = await device.renew(device.token, aheadMs)
    expect(await hub.verifier.verify(token, hub.clock.now)).toMatchObject(grant)
  },
)

test('EN-9: a proof of another time is refused with the time of the hub, in words', async () => {
  const hub = await openApp()
  const device = await enrolled(hub, {}, false)
  await expect(device.renew(device.token, 120_000)).rejects.toMatchObject({
    code: 'proof-invalid',
    message: expect.stringContaining(new Date(hub.clock.now).toISOString()),
  })
})

test('EN-8: a revoked device neither renews nor enrols under its key again', async () => {
  const hub = await openApp()
  const device = await enrolled(hub)
  await hub.asAdmin(`/api/v1/devices/${device.hexKey}`, { method: 'DELETE' })
  const words = expect.stringMatching(
    /the device of 'tech:ana' .* was revoked .* for good; .* code .* refused/,
  )
  await expect(device.renew(device.token)).rejects.toMatchObject({
    code: 'credential-revoked',
    message: words,
  })
  const { code } = await make(hub)
  expect(await problemIn(await use(hub, code, device.hexKey))).toMatchObject({
    code: 'credential-revoked',
    detail: words,
  })
  // The code is not used up by that.
  expect((await use(hub, code)).status).toBe(201)
})

test('EN-12: whose hub this is, a device that has nothing may ask before it shows its code', async () => {
  const hub = await openApp()
  const fetchHub = (async (url: string, init: RequestInit) => hub.app.request(url, init)) as typeof fetch
  const authority = await authorityOf({ hub: 'http://hub.example', fetch: fetchHub })
  expect(authority).toBe(Buffer.from(hub.authority.publicKey).toString('hex'))
  const portal = async () => new Response('<html>sign in</html>')
  await expect(authorityOf({ hub: 'http://hub.example', fetch: portal })).rejects.toMatchObject({
    code: 'no-hub',
  })
})

test('fault N9: a network that answers with its own page is named as that, and nobody there as nobody', async () => {
  const publicKey = new Uint8Array(32)
  const portal = async () =>
    new Response('<html>sign in</html>', { headers: { 'content-type': 'text/html' } })
  const asked = enrolDevice({ hub: 'http://hub.example', fetch: portal }, { code: 'x', publicKey })
  await expect(asked).rejects.toThrow(EnrolmentError)
  await expect(asked).rejects.toMatchObject({ code: 'no-hub', retryable: true })
  const nobody = () => Promise.reject(new TypeError('fetch failed'))
  await expect(
    enrolDevice({ hub: 'http://hub.example', fetch: nobody }, { code: 'x', publicKey }),
  ).rejects.toMatchObject({ code: 'unreachable', retryable: true })
})
