import { expect, test } from 'vitest'
import { request, startCrm } from './crm.ts'
import { scratchFile } from './scratch.ts'

const sites = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    externalId: `site-${index}`,
    fields: {
      name: `Site ${index}`,
      city: 'Bristol',
      state: 'ME',
      latitude: 31.9 + index / 1_000,
      longitude: -89.2,
    },
  }))

test('3,376 rows are seeded into a file with less than a second of work', async () => {
  const crm = await startCrm({ file: scratchFile('crm.db') })
  const rows = sites(3_376)
  const before = process.cpuUsage()
  expect(await crm.admin('POST', '/seed', { type: 'accounts', rows })).toEqual({
    created: 3_376,
    updated: 0,
    unchanged: 0,
  })
  // Processor time, of client and sandbox together: the clock on the wall also measures the neighbours.
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(1_000)
  rows[0] = { externalId: 'site-0', fields: { ...rows[0]!.fields, name: 'Renamed' } }
  expect(await crm.admin('POST', '/seed', { type: 'accounts', rows })).toEqual({
    created: 0,
    updated: 1,
    unchanged: 3_375,
  })
  expect((await crm.admin('GET', '/rows/accounts')).rows.length).toBe(3_376)
  expect((await crm.admin('GET', '/stats')).types.accounts).toEqual({
    rows: 3_376,
    deleted: 0,
    duplicates: 0,
  })
})

test('a seed with one wrong row plants nothing', async () => {
  const crm = await startCrm()
  const rows = [...sites(3), { externalId: 'bad', fields: { colour: 'red' } }]
  expect(await crm.admin('POST', '/seed', { type: 'accounts', rows })).toMatchObject({
    status: 400,
    code: 'invalid-fields',
  })
  expect((await crm.admin('GET', '/rows/accounts')).rows).toEqual([])
  expect(await crm.admin('POST', '/seed', { type: 'planets', rows: sites(1) })).toMatchObject({ status: 404 })
})

test('an office user creates, edits, deletes and brings back, by either id, under the same rules', async () => {
  const crm = await startCrm()
  const edit = (body: unknown) => request('POST', `${crm.adminUrl}/office-edit`, body)
  const made = await edit({ type: 'cases', action: 'create', fields: { title: 'Call back' }, user: 'dana' })
  expect([made.status, made.body.row]).toMatchObject([
    201,
    { id: 'CAS-000001', externalId: null, modifiedBy: 'dana' },
  ])
  const edited = await edit({ type: 'cases', id: 'CAS-000001', fields: { status: 'done' }, user: 'lee' })
  expect(edited.body).toMatchObject({ changed: ['status'], row: { version: 2, modifiedBy: 'lee' } })
  const byOtherId = { type: 'cases', externalId: 'c2', user: 'dana' }
  await edit({ ...byOtherId, action: 'create' })
  expect((await edit({ ...byOtherId, action: 'delete' })).body.row).toMatchObject({
    deleted: true,
    version: 2,
  })
  expect((await edit({ ...byOtherId, fields: { hours: 1 } })).status).toBe(410)
  expect((await edit({ ...byOtherId, action: 'undelete' })).body.row).toMatchObject({
    deleted: false,
    version: 3,
  })
  expect((await edit({ type: 'cases', id: 'CAS-000001', fields: { status: 'closed' } })).status).toBe(400)
  expect((await edit({ type: 'cases', id: 'CAS-000099', fields: {} })).status).toBe(404)
  expect(await crm.ledger()).toHaveLength(1)
})

test('reset is the first day again: rows, ids, ledger, faults, tokens, settings', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { fields: {} })
  await crm.admin('PATCH', '/settings', { tokenSeconds: 5 })
  await crm.admin('POST', '/faults', { plan: [{ fault: 'hold' }] })
  expect(await crm.admin('POST', '/reset')).toEqual({ reset: true })
  expect(await crm.ledger()).toEqual([])
  expect((await crm.admin('GET', '/faults')).plan).toEqual([])
  expect(await crm.admin('GET', '/settings')).toMatchObject({ tokenSeconds: 3_600 })
  expect((await crm.call('GET', '/v1/cases')).status).toBe(401)
  await crm.admin('POST', '/office-edit', { type: 'cases', action: 'create', fields: {} })
  expect((await crm.admin('GET', '/rows/cases')).rows).toMatchObject([{ id: 'CAS-000001', version: 1 }])
})

test('settings are checked, at the start and later', async () => {
  const crm = await startCrm()
  const wrong = [
    { tokenSeconds: 0 },
    { rateLimit: { calls: 100_001, windowMs: 1 } },
    { colour: 'red' },
    { rateLimit: { calls: 1 } },
  ]
  for (const settings of wrong)
    expect(await crm.admin('PATCH', '/settings', settings)).toMatchObject({ status: 400 })
  expect(await crm.admin('PATCH', '/settings', { rateLimit: { calls: 100_000, windowMs: 1 } })).toMatchObject(
    {
      tokenSeconds: 3_600,
      rateLimit: { calls: 100_000 },
    },
  )
  await expect(startCrm({ settings: { tokenSeconds: 0 } })).rejects.toThrow('/settings/tokenSeconds')
})

test('stats count calls and bytes', async () => {
  const crm = await startCrm()
  await crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: {} })
  await crm.call('DELETE', '/v1/cases/CAS-000001')
  const stats = await crm.admin('GET', '/stats')
  expect(stats).toMatchObject({
    types: { cases: { rows: 0, deleted: 1, duplicates: 0 } },
    calls: { calls: 3, committed: 2 },
    webhooks: { pending: 0, delivered: 0, failed: 0, dropped: 0 },
  })
})

test('everything is there after a restart with the same file', async () => {
  const file = scratchFile('crm.db')
  const before = await startCrm({ file })
  await before.call('PUT', '/v1/cases/by-external-id/c1', { fields: { title: 'Pump' } })
  await before.close()
  const after = await startCrm({ file })
  const authorization = `Bearer ${before.token}`
  const row = await after.call('GET', '/v1/cases/by-external-id/c1', undefined, { authorization })
  expect([row.status, row.headers.get('etag')]).toEqual([200, '"v1"'])
  expect((await after.call('POST', '/v1/cases', { fields: {} })).body.id).toBe('CAS-000002')
  expect((await after.ledger('?externalId=c1')).map(({ method }) => method)).toEqual(['PUT', 'GET'])
})

test('a page of another origin may not write', async () => {
  const crm = await startCrm()
  const reset = (origin: string) => request('POST', `${crm.adminUrl}/reset`, undefined, { origin })
  expect((await reset('http://evil.example')).body).toMatchObject({ status: 403, code: 'foreign-origin' })
  expect((await reset(crm.adminUrl)).status).toBe(200)
})

test('a port that is taken fails the start and leaves nothing open', async () => {
  const crm = await startCrm()
  const port = Number(new URL(crm.adminUrl).port)
  await expect(startCrm({ adminPort: port })).rejects.toThrow('EADDRINUSE')
  await expect(startCrm({ port })).rejects.toThrow('EADDRINUSE')
})
