import { LEASE_MS_MAX } from '@skerry/core'
import { expect, test } from 'vitest'
import { type AppFixture, openApp, problemIn } from './app.test-support.ts'

const PATH = '/api/v1/leases/crm'
const run = 'ab'.repeat(16)
const systems = ['crm']
type Device = Awaited<ReturnType<AppFixture['device']>>

const call = async ({ app }: AppFixture, device: Device, method: string, body?: unknown, path = PATH) =>
  app.request(`http://hub.example${path}`, {
    method,
    headers: await device.headersFor(path, method),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const acquire = (fixture: AppFixture, device: Device, over: object = {}) =>
  call(fixture, device, 'PUT', { run, head: 0, ms: 8_000, ...over })

test('an adapter node gets its system, renews it, and another one waits for as long as it is told', async () => {
  const fixture = await openApp()
  const ann = await fixture.device([], { systems, subject: 'ann' })
  const ben = await fixture.device([], { systems, subject: 'ben' })
  const first = await acquire(fixture, ann)
  expect([first.status, await first.json()]).toEqual([
    200,
    { system: 'crm', holder: ann.key, subject: 'ann', epoch: 1, heldForMs: 8_000 },
  ])
  fixture.clock.now += 3_000
  const refused = await acquire(fixture, ben)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(await problemIn(refused)).toMatchObject({
    status: 409,
    code: 'lease-held',
    detail: 'crm is lent to ann, in epoch 1',
    retryable: true,
    retryAfterMs: 5_000,
  })
  fixture.clock.now += 5_000
  expect(await (await acquire(fixture, ben)).json()).toMatchObject({ subject: 'ben', epoch: 2 })
})

test('the administrator sees what is lent; a node gives back what it has', async () => {
  const fixture = await openApp()
  const ann = await fixture.device([], { systems, subject: 'ann' })
  await acquire(fixture, ann)
  expect(await (await fixture.asAdmin('/api/v1/leases')).json()).toMatchObject({
    leases: [{ system: 'crm', subject: 'ann', epoch: 1, heldForMs: 8_000 }],
  })
  expect((await call(fixture, ann, 'DELETE')).status).toBe(204)
  expect(await (await fixture.asAdmin('/api/v1/leases')).json()).toMatchObject({ leases: [{ heldForMs: 0 }] })
  const ben = await fixture.device([], { systems, subject: 'ben' })
  expect(await problemIn(await call(fixture, ben, 'DELETE'))).toMatchObject({ code: 'not-found' })
})

test('only a node whose credential is for the system gets it', async () => {
  const fixture = await openApp()
  const stranger = await fixture.device(['*'], { systems: ['erp'] })
  expect(await problemIn(await acquire(fixture, stranger))).toMatchObject({
    status: 403,
    detail: "the credential of 'tech:ana' is not for the system 'crm'",
  })
  const body = JSON.stringify({ run, head: 0, ms: 1 })
  expect(await problemIn(await fixture.asAdmin(PATH, { method: 'PUT', body }))).toMatchObject({ status: 403 })
  expect((await call(fixture, stranger, 'GET', undefined, '/api/v1/leases')).status).toBe(403)
})

test('a request that makes no sense is told what is wrong with it', async () => {
  const fixture = await openApp()
  const ann = await fixture.device([], { systems })
  for (const [wrong, path] of [
    [{ ms: LEASE_MS_MAX + 1 }, '/ms'],
    [{ ms: 0 }, '/ms'],
    [{ run: 'x' }, '/run'],
    [{ head: -1 }, '/head'],
  ] as const)
    expect(await problemIn(await acquire(fixture, ann, wrong))).toMatchObject({
      code: 'invalid-request',
      errors: [{ path }],
    })
  expect((await acquire(fixture, ann, { ms: LEASE_MS_MAX })).status).toBe(200)
})
