import { expect, test } from 'vitest'
import { newYear, startCrm } from './crm.ts'

test('each call is told with its bytes, fields, outcome and client', async () => {
  const crm = await startCrm({ now: () => newYear })
  const body = '{"fields":{"title":"Pümpe","hours":1}}'
  const made = await crm.call('PUT', '/v1/cases/by-external-id/c1?undelete=false', body)
  await crm.call('GET', '/v1/cases/CAS-000001')
  await crm.call('GET', '/v1/nowhere')
  const [token, write, read, missing] = await crm.ledger()
  expect(token).toMatchObject({
    seq: 1,
    method: 'POST',
    path: '/oauth/token',
    status: 200,
    client: null,
    type: null,
  })
  expect(write).toEqual({
    seq: 2,
    time: newYear,
    method: 'PUT',
    path: '/v1/cases/by-external-id/c1?undelete=false',
    type: 'cases',
    externalId: 'c1',
    fields: ['title', 'hours'],
    requestBytes: Buffer.byteLength(body),
    responseBytes: Buffer.byteLength(made.text),
    status: 201,
    fault: null,
    committed: true,
    created: true,
    client: 'skerry',
    operations: [
      {
        method: 'PUT',
        type: 'cases',
        externalId: 'c1',
        fields: ['title', 'hours'],
        status: 201,
        committed: true,
        created: true,
      },
    ],
  })
  expect(read).toMatchObject({
    type: 'cases',
    externalId: 'c1',
    fields: [],
    committed: false,
    operations: [],
  })
  expect(missing).toMatchObject({ status: 404, type: null })
})

test('the ledger is filtered by sequence, type and record, batches included, and paged', async () => {
  const crm = await startCrm()
  await crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: {} })
  await crm.call('PUT', '/v1/accounts/by-external-id/a1', { fields: {} })
  const operations = ['c1', 'c2'].map((externalId) => ({
    method: 'PUT',
    type: 'cases',
    externalId,
    fields: { hours: 1 },
  }))
  await crm.call('POST', '/v1/batch', { operations })
  const seqs = async (query: string) => (await crm.ledger(query)).map(({ seq }) => seq)
  expect(await seqs('?since=2')).toEqual([3, 4])
  expect(await seqs('?type=cases')).toEqual([2, 4])
  expect(await seqs('?type=accounts')).toEqual([3])
  expect(await seqs('?externalId=c1')).toEqual([2, 4])
  expect(await seqs('?externalId=c2&type=cases')).toEqual([4])
  const page = await crm.admin('GET', '/ledger?limit=2')
  expect([page.entries.length, page.next]).toEqual([2, 2])
  expect((await crm.admin('GET', `/ledger?since=${page.next}&limit=3`)).next).toBeNull()
  for (const query of ['since=x', 'limit=0', 'limit=100001']) {
    expect(await crm.admin('GET', `/ledger?${query}`)).toMatchObject({ status: 400 })
  }
})

test('clearing the ledger keeps the numbers going', async () => {
  const crm = await startCrm()
  await crm.call('GET', '/v1/cases')
  expect(await crm.admin('DELETE', '/ledger')).toEqual({ cleared: 2 })
  expect(await crm.ledger()).toEqual([])
  await crm.call('GET', '/v1/cases')
  expect((await crm.ledger()).map(({ seq }) => seq)).toEqual([3])
})

test('a call without a valid token, and one too large, are told too', async () => {
  const crm = await startCrm()
  await crm.call('GET', '/v1/cases', undefined, { authorization: 'Bearer false' })
  await crm.call('POST', '/v1/cases', ' '.repeat(1_048_577))
  const [refused, large] = (await crm.ledger()).slice(-2)
  expect(refused).toMatchObject({ status: 401, client: null, type: 'cases' })
  expect(large).toMatchObject({ status: 413, requestBytes: 1_048_577, committed: false })
})
