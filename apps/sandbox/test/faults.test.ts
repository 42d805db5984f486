import { expect, test } from 'vitest'
import { type Crm, newYear, startCrm, startReceiver } from './crm.ts'

const plan = (crm: Crm, ...faults: unknown[]) => crm.admin('POST', '/faults', { plan: faults })
const put = (crm: Crm, externalId: string, fields: unknown = { title: externalId }) =>
  crm.call('PUT', `/v1/cases/by-external-id/${externalId}`, { fields })
const rowCount = async (crm: Crm) => (await crm.admin('GET', '/stats')).types.cases?.rows

test('commit-then-lose-answer: the caller sees a broken connection, the row is there once, the ledger tells', async () => {
  const crm = await startCrm()
  const receiver = await startReceiver()
  await crm.call('POST', '/v1/webhooks', { url: receiver.url })
  await plan(crm, { fault: 'commit-then-lose-answer', match: { method: 'put', externalId: 'c1' }, count: 1 })
  await expect(put(crm, 'c1')).rejects.toThrow('fetch failed')
  expect((await receiver.next()).event).toMatchObject({ type: 'cases.created', data: { externalId: 'c1' } })
  const retry = await put(crm, 'c1')
  expect([retry.status, retry.body.created, retry.body.version]).toEqual([200, false, 1])
  const entries = await crm.ledger('?externalId=c1')
  expect(entries).toMatchObject([
    { fault: 'commit-then-lose-answer', status: 201, committed: true, created: true, responseBytes: 0 },
    { fault: null, status: 200, committed: false, created: false },
  ])
  expect(await rowCount(crm)).toBe(1)
})

test('commit-then-lose-answer on POST: the Idempotency-Key gets the answer that was lost', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'commit-then-lose-answer', count: 1 })
  const send = () => crm.call('POST', '/v1/cases', { fields: {} }, { 'idempotency-key': 'k' })
  await expect(send()).rejects.toThrow('fetch failed')
  const retry = await send()
  expect([retry.status, retry.body.id]).toEqual([201, 'CAS-000001'])
  expect(await rowCount(crm)).toBe(1)
})

test('drop-before-commit: nothing is done, and the ledger says so', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'drop-before-commit', count: 1 })
  await expect(put(crm, 'c1')).rejects.toThrow('fetch failed')
  expect(await rowCount(crm)).toBe(0)
  const [entry] = (await crm.ledger()).slice(-1)
  expect(entry).toMatchObject({
    fault: 'drop-before-commit',
    status: 0,
    committed: false,
    client: null,
    type: 'cases',
  })
  expect((await put(crm, 'c1')).status).toBe(201)
})

test('status: before the work, or after the commit', async () => {
  const crm = await startCrm()
  await plan(
    crm,
    { fault: 'status', status: 503, retryAfterSeconds: 7, count: 1 },
    { fault: 'status', status: 500, body: 'oops', afterCommit: true, count: 1 },
  )
  const before = await put(crm, 'c1')
  expect([before.status, before.headers.get('retry-after')]).toEqual([503, '7'])
  expect(before.headers.get('content-type')).toBe('application/problem+json')
  expect(await rowCount(crm)).toBe(0)
  const after = await put(crm, 'c1')
  expect([after.status, after.text]).toEqual([500, 'oops'])
  expect(await rowCount(crm)).toBe(1)
  const told = (await crm.ledger('?type=cases')).map(({ status, committed }) => [status, committed])
  expect(told).toEqual([
    [503, false],
    [500, true],
  ])
})

test('delay: the answer comes late, and whole', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'delay', ms: 60, count: 1 })
  const started = performance.now()
  expect((await put(crm, 'c1')).status).toBe(201)
  expect(performance.now() - started).toBeGreaterThan(55)
})

test('truncate-body: the length is promised, half of it comes', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'truncate-body', count: 1 })
  await expect(put(crm, 'c1')).rejects.toThrow('terminated')
  const [entry] = (await crm.ledger()).slice(-1)
  expect(entry).toMatchObject({ fault: 'truncate-body', committed: true, status: 201 })
  const whole = await put(crm, 'c1')
  expect(entry?.responseBytes).toBeGreaterThan(0)
  expect(entry?.responseBytes).toBeLessThan(whole.text.length)
})

test('swell-body: the answer, and white space behind it, also where there would be no body', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'swell-body', bytes: 100_000, count: 2 })
  const made = await put(crm, 'c1')
  expect(made.status).toBe(201)
  expect(made.text.length).toBeGreaterThan(100_000)
  const [entry] = (await crm.ledger()).slice(-1)
  expect(entry).toMatchObject({ fault: 'swell-body', committed: true, responseBytes: made.text.length })
  expect(made.body.id).toBe('CAS-000001')
  const gone = await crm.call('DELETE', '/v1/cases/CAS-000001')
  expect([gone.status, gone.text.length > 100_000]).toEqual([200, true])
})

test('limits: a shrunken rate limit while the fault lasts', async () => {
  const crm = await startCrm({ now: () => newYear })
  await put(crm, 'c1')
  await plan(crm, { fault: 'limits', calls: 1, windowMs: 3_000, count: 1 })
  expect((await put(crm, 'c1')).headers.get('retry-after')).toBe('3')
  expect((await put(crm, 'c1')).status).toBe(200)
})

test('expire-tokens: the call that it strikes, and all after it, need a new token', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'expire-tokens', count: 1 })
  expect((await put(crm, 'c1')).status).toBe(401)
  expect((await put(crm, 'c1')).status).toBe(401)
  expect((await crm.ledger()).map(({ fault }) => fault)).toEqual([null, 'expire-tokens', null])
})

test('a fault is aimed by method, path prefix, regular expression, type or record, in batches too', async () => {
  const crm = await startCrm()
  const aimed = { fault: 'status', status: 500 }
  const tryAll = async (match: unknown) => {
    await crm.admin('DELETE', '/faults')
    await plan(crm, { ...aimed, match })
    return [
      (await put(crm, 'c1')).status,
      (await crm.call('PATCH', '/v1/cases/CAS-000001', { fields: {} })).status,
      (await crm.call('GET', '/v1/accounts?limit=7')).status,
      (
        await crm.call('POST', '/v1/batch', {
          operations: [{ method: 'PUT', type: 'cases', externalId: 'c1' }],
        })
      ).status,
      (await crm.call('POST', '/v1/cases', '{"broken')).status,
    ]
  }
  await put(crm, 'c1')
  expect(await tryAll({ method: 'PUT' })).toEqual([500, 200, 200, 207, 400])
  expect(await tryAll({ path: '/v1/acc' })).toEqual([200, 200, 500, 207, 400])
  expect(await tryAll({ path: '^/v1/.*limit=\\d' })).toEqual([200, 200, 500, 207, 400])
  expect(await tryAll({ type: 'cases' })).toEqual([500, 500, 200, 500, 500])
  expect(await tryAll({ externalId: 'c1' })).toEqual([500, 500, 200, 500, 400])
  expect(await tryAll({ type: 'accounts', externalId: 'c1' })).toEqual([200, 200, 200, 207, 400])
  expect(await tryAll({})).toEqual([500, 500, 500, 500, 500])
})

test('faults strike in the order of the plan, each as often as its count', async () => {
  const crm = await startCrm()
  await plan(crm, { fault: 'status', status: 500, count: 2 }, { fault: 'status', status: 502, count: 1 })
  const statuses = []
  for (let call = 0; call < 4; call++) statuses.push((await put(crm, 'c1')).status)
  expect(statuses).toEqual([500, 500, 502, 201])
  const listed = (await crm.admin('GET', '/faults')).plan
  expect(listed.map(({ id, struck, remaining }) => [id, struck, remaining])).toEqual([
    [1, 2, 0],
    [2, 1, 0],
  ])
  await crm.admin('DELETE', '/faults')
  expect((await crm.admin('GET', '/faults')).plan).toEqual([])
})

test('a fault by probability is the same for the same seed', async () => {
  const struckBySeed = async (seed: number) => {
    const crm = await startCrm()
    await plan(crm, { fault: 'status', status: 500, probability: 0.5, seed })
    const statuses = []
    for (let call = 0; call < 20; call++) statuses.push((await put(crm, 'c1')).status === 500)
    return statuses
  }
  const first = await struckBySeed(7)
  expect(await struckBySeed(7)).toEqual(first)
  expect(await struckBySeed(8)).not.toEqual(first)
  expect(new Set(first).size).toBe(2)
})

test('a plan that makes no sense is refused whole; 1,000 faults are the most', async () => {
  const crm = await startCrm()
  const refused = [
    { fault: 'explode' },
    { fault: 'delay' },
    { fault: 'status', status: 200 },
    { fault: 'hold', match: { path: '^(' } },
    { fault: 'hold', when: 'now' },
  ]
  for (const fault of refused)
    expect(await plan(crm, { fault: 'hold' }, fault)).toMatchObject({ status: 400 })
  expect((await crm.admin('GET', '/faults')).plan).toEqual([])
  const most = Array(1_000).fill({ fault: 'hold', match: { externalId: 'nobody' } })
  expect((await plan(crm, ...most)).plan.length).toBe(1_000)
  expect(await plan(crm, { fault: 'hold' })).toMatchObject({ status: 400 })
})
