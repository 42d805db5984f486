import { expect, test } from 'vitest'
import { startCrm } from './crm.ts'

test('every operation has its own status; one failure stops no other', async () => {
  const crm = await startCrm()
  await crm.call('POST', '/v1/cases', { externalId: 'c1', fields: { title: 'one' } })
  await crm.call('POST', '/v1/cases', { externalId: 'c2', fields: { title: 'two' } })
  const { status, body } = await crm.call('POST', '/v1/batch', {
    operations: [
      { method: 'PUT', type: 'accounts', externalId: 'SEA', fields: { name: 'Seattle' } },
      { method: 'PATCH', type: 'cases', externalId: 'c1', fields: { status: 'done' }, ifMatch: '"v1"' },
      { method: 'PATCH', type: 'cases', id: 'CAS-000001', fields: { status: 'open' }, ifMatch: '"v1"' },
      { method: 'POST', type: 'cases', externalId: 'c1', fields: {} },
      { method: 'PUT', type: 'cases', externalId: 'c1', fields: { status: 'closed' } },
      { method: 'DELETE', type: 'cases', externalId: 'c2' },
      { method: 'DELETE', type: 'cases', id: 'CAS-000099' },
      { method: 'PUT', type: 'planets', externalId: 'x', fields: {} },
      { method: 'PUT', type: 'cases', externalId: 'c1', fields: { status: 'done' }, ifNoneMatch: '*' },
    ],
  })
  expect(status).toBe(207)
  expect(body.results.map((result) => result.status)).toEqual([201, 200, 412, 409, 400, 200, 404, 404, 412])
  expect(body.results[0]).toMatchObject({ etag: '"v1"', body: { row: { externalId: 'SEA' }, created: true } })
  expect(body.results[2]).toMatchObject({
    etag: '"v2"',
    problem: { code: 'version-mismatch', row: { version: 2 } },
  })
  expect(body.results[4]).toMatchObject({ problem: { errors: [{ path: '/fields/status' }] } })

  const [entry] = (await crm.ledger()).slice(-1)
  expect(entry).toMatchObject({
    method: 'POST',
    path: '/v1/batch',
    type: null,
    committed: true,
    created: true,
  })
  expect(entry?.operations.map(({ committed }) => committed)).toEqual([
    true,
    true,
    false,
    false,
    false,
    true,
    false,
    false,
    false,
  ])
  expect(entry?.operations[2]).toMatchObject({ externalId: 'c1', fields: ['status'], status: 412 })
})

test('200 operations are taken, 201 are refused whole', async () => {
  const crm = await startCrm()
  const operations = Array.from({ length: 201 }, (_, index) => ({
    method: 'PUT',
    type: 'cases',
    externalId: `c${index}`,
    fields: { hours: index },
  }))
  expect((await crm.call('POST', '/v1/batch', { operations })).status).toBe(400)
  expect((await crm.admin('GET', '/stats')).types.cases?.rows).toBe(0)
  const taken = await crm.call('POST', '/v1/batch', { operations: operations.slice(1) })
  expect(taken.body.results.every((result) => result.status === 201)).toBe(true)
  expect((await crm.admin('GET', '/stats')).types.cases?.rows).toBe(200)
})

test('an operation of no known shape refuses the batch', async () => {
  const crm = await startCrm()
  const shapes = [
    { method: 'GET', type: 'cases', id: 'CAS-000001' },
    { method: 'PATCH', type: 'cases', fields: {} },
    { method: 'DELETE', type: 'cases', id: 'CAS-000001', externalId: 'c1' },
    { method: 'PUT', type: 'cases', externalId: 'c1', colour: 'red' },
  ]
  for (const shape of shapes) {
    expect((await crm.call('POST', '/v1/batch', { operations: [shape] })).status).toBe(400)
  }
})
