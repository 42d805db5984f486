import { expect, test } from 'vitest'
import { newYear, startCrm } from './crm.ts'

test('POST creates a row with an id of the CRM, version 1 and a strong ETag', async () => {
  const crm = await startCrm({ now: () => newYear })
  const made = await crm.call('POST', '/v1/accounts', {
    externalId: 'SEA',
    fields: { name: 'Seattle', latitude: 47.4 },
  })
  expect(made.status).toBe(201)
  expect(made.headers.get('etag')).toBe('"v1"')
  expect(made.headers.get('location')).toBe('/v1/accounts/ACC-000001')
  expect(made.body).toEqual({
    id: 'ACC-000001',
    externalId: 'SEA',
    version: 1,
    modifiedAt: newYear,
    modifiedBy: 'skerry',
    deleted: false,
    fields: { name: 'Seattle', latitude: 47.4 },
    created: true,
  })
  const second = await crm.call('POST', '/v1/accounts', { fields: {} })
  expect([second.body.id, second.body.externalId]).toEqual(['ACC-000002', null])
})

test('POST with an external id that is taken is 409 and names the row that has it', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { title: 'first' } })
  const again = await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { title: 'second' } })
  expect(again.status).toBe(409)
  expect(again.headers.get('content-type')).toBe('application/problem+json')
  expect(again.body).toMatchObject({
    code: 'duplicate-external-id',
    existing: { id: 'CAS-000001', version: 1 },
  })
  const sameIdOfOtherType = await crm.call('POST', '/v1/accounts', { externalId: 'c1', fields: {} })
  expect(sameIdOfOtherType.status).toBe(201)
})

test('a row is read by both ids, and If-None-Match with its ETag is 304', async () => {
  const crm = await startCrm()
  await crm.call('PUT', '/v1/accounts/by-external-id/a%2Fb%20c', { fields: { city: 'Bristol' } })
  const byExternalId = await crm.call('GET', '/v1/accounts/by-external-id/a%2Fb%20c')
  const byId = await crm.call('GET', '/v1/accounts/ACC-000001')
  expect(byExternalId.body).toEqual(byId.body)
  expect(byId.body).toMatchObject({ externalId: 'a/b c', fields: { city: 'Bristol' } })
  expect(byId.body).not.toHaveProperty('created')
  const known = await crm.call('GET', '/v1/accounts/ACC-000001', undefined, { 'if-none-match': '"v9", "v1"' })
  expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', '"v1"'])
  const stale = await crm.call('GET', '/v1/accounts/ACC-000001', undefined, { 'if-none-match': '"v0"' })
  expect(stale.status).toBe(200)
  for (const path of [
    '/v1/accounts/ACC-000009',
    '/v1/accounts/by-external-id/none',
    '/v1/nothing/x',
    '/v1/accounts/a/b/c',
  ]) {
    expect((await crm.call('GET', path)).status).toBe(404)
  }
})

test('PATCH merges: named fields change, null removes, the rest stays', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { title: 'Pump', notes: 'x', hours: 1 } })
  const patched = await crm.call(
    'PATCH',
    '/v1/cases/CAS-000001',
    { fields: { notes: null, hours: 2, parts: [{ sku: 'P', qty: 1 }] } },
    { 'content-type': 'application/merge-patch+json' },
  )
  expect(patched.status).toBe(200)
  expect(patched.body).toMatchObject({ version: 2, created: false })
  expect(patched.body.fields).toEqual({ title: 'Pump', hours: 2, parts: [{ sku: 'P', qty: 1 }] })
})

test('a row without an external id can be given one, but not one that is taken', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'taken', fields: {} })
  await crm.call('POST', '/v1/cases', { fields: { title: 'from the office' } })
  expect((await crm.call('PATCH', '/v1/cases/CAS-000002', { externalId: 'taken' })).status).toBe(409)
  const linked = await crm.call('PATCH', '/v1/cases/CAS-000002', { externalId: 'c2' })
  expect(linked.body).toMatchObject({ externalId: 'c2', version: 2 })
})

test('If-Match: the current ETag or * writes, another is 412 with the current ETag and row', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { status: 'open' } })
  const path = '/v1/cases/CAS-000001'
  expect((await crm.call('PATCH', path, { fields: { hours: 1 } }, { 'if-match': '"v1"' })).status).toBe(200)
  const stale = await crm.call('PATCH', path, { fields: { hours: 2 } }, { 'if-match': '"v1"' })
  expect(stale.status).toBe(412)
  expect(stale.headers.get('etag')).toBe('"v2"')
  expect(stale.body).toMatchObject({ code: 'version-mismatch', row: { version: 2, fields: { hours: 1 } } })
  expect((await crm.call('PATCH', path, { fields: { hours: 2 } }, { 'if-match': 'W/"v2"' })).status).toBe(412)
  expect((await crm.call('PATCH', path, { fields: { hours: 2 } }, { 'if-match': '*' })).status).toBe(200)
  expect((await crm.call('DELETE', path, undefined, { 'if-match': '"v2"' })).status).toBe(412)
  expect((await crm.call('DELETE', path, undefined, { 'if-match': '"v3"' })).status).toBe(200)
})

test('PUT by external id creates with 201, then merges with 200', async () => {
  const crm = await startCrm()
  const path = '/v1/accounts/by-external-id/SEA'
  const first = await crm.call('PUT', path, { fields: { name: 'Seattle', city: 'Seattle' } })
  expect([first.status, first.body.created, first.headers.get('etag')]).toEqual([201, true, '"v1"'])
  const second = await crm.call('PUT', path, { fields: { name: 'Seattle-Tacoma' } })
  expect([second.status, second.body.created, second.headers.get('etag')]).toEqual([200, false, '"v2"'])
  expect(second.body.fields).toEqual({ name: 'Seattle-Tacoma', city: 'Seattle' })
})

test('PUT honours If-None-Match: * (only create) and If-Match (only update)', async () => {
  const crm = await startCrm()
  const path = '/v1/accounts/by-external-id/SEA'
  expect((await crm.call('PUT', path, { fields: {} }, { 'if-match': '*' })).body).toMatchObject({
    status: 412,
    row: null,
  })
  expect((await crm.call('PUT', path, { fields: {} }, { 'if-none-match': '*' })).status).toBe(201)
  const exists = await crm.call('PUT', path, { fields: { name: 'x' } }, { 'if-none-match': '*' })
  expect([exists.status, exists.headers.get('etag')]).toEqual([412, '"v1"'])
  expect((await crm.call('PUT', path, { fields: { name: 'x' } }, { 'if-match': '"v2"' })).status).toBe(412)
  expect((await crm.call('PUT', path, { fields: { name: 'x' } }, { 'if-match': '"v1"' })).status).toBe(200)
})

test('428 only when switched on, and only for rows that exist', async () => {
  const crm = await startCrm()
  await crm.admin('PATCH', '/settings', { requirePrecondition: true })
  const path = '/v1/cases/by-external-id/c1'
  expect((await crm.call('PUT', path, { fields: { title: 'a' } })).status).toBe(201)
  const refused = await crm.call('PUT', path, { fields: { title: 'b' } })
  expect([refused.status, refused.headers.get('etag')]).toEqual([428, '"v1"'])
  expect((await crm.call('DELETE', '/v1/cases/CAS-000001')).status).toBe(428)
  expect((await crm.call('PATCH', '/v1/cases/CAS-000001', { fields: {} })).status).toBe(428)
  expect((await crm.call('PUT', path, { fields: { title: 'b' } }, { 'if-match': '"v1"' })).status).toBe(200)
  await crm.admin('PATCH', '/settings', { requirePrecondition: false })
  expect((await crm.call('PUT', path, { fields: { title: 'c' } })).status).toBe(200)
})

test('a write that changes nothing answers 200 and leaves version and time alone', async () => {
  let now = newYear
  const crm = await startCrm({ now: () => now })
  const fields = { title: 'Pump', parts: [{ sku: 'P', qty: 1 }] }
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields })
  now += 5_000
  const reordered = { parts: [{ qty: 1, sku: 'P' }], title: 'Pump', notes: null }
  for (const [method, path] of [
    ['PATCH', '/v1/cases/CAS-000001'],
    ['PUT', '/v1/cases/by-external-id/c1'],
  ] as const) {
    const answer = await crm.call(method, path, { fields: reordered })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ version: 1, modifiedAt: newYear, created: false })
  }
  const committed = (await crm.ledger('?externalId=c1')).map((entry) => entry.committed)
  expect(committed).toEqual([true, false, false])
})

test('DELETE leaves a tombstone; deleting it again changes nothing', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { title: 'Pump' } })
  const gone = await crm.call('DELETE', '/v1/cases/CAS-000001')
  expect(gone.body).toMatchObject({ version: 2, deleted: true, fields: { title: 'Pump' } })
  const again = await crm.call('DELETE', '/v1/cases/CAS-000001')
  expect([again.status, again.body.version]).toEqual([200, 2])
  expect((await crm.call('GET', '/v1/cases/CAS-000001')).body.deleted).toBe(true)
  expect((await crm.call('DELETE', '/v1/cases/CAS-000077')).status).toBe(404)
})

test('a tombstone refuses writes with 410 until undelete=true, and keeps its external id', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { title: 'Pump' } })
  await crm.call('DELETE', '/v1/cases/CAS-000001')
  const upsert = await crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: { title: 'x' } })
  expect(upsert.body).toMatchObject({
    status: 410,
    code: 'deleted',
    row: { id: 'CAS-000001', deleted: true },
  })
  expect((await crm.call('PATCH', '/v1/cases/CAS-000001', { fields: {} })).status).toBe(410)
  expect((await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: {} })).body.existing).toMatchObject(
    { deleted: true },
  )
  const back = await crm.call('PUT', '/v1/cases/by-external-id/c1?undelete=true', { fields: {} })
  expect(back.body).toMatchObject({ id: 'CAS-000001', version: 3, deleted: false, created: false })
  expect((await crm.call('PUT', '/v1/cases/by-external-id/c1?undelete=yes', { fields: {} })).status).toBe(400)
})

test('modifiedAt never falls, even when the clock steps back', async () => {
  let now = newYear
  const crm = await startCrm({ now: () => now })
  await crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: { hours: 1 } })
  now -= 60_000
  const later = await crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: { hours: 2 } })
  expect(later.body.modifiedAt).toBe(newYear)
})
