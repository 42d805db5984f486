import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { type Crm, startCrm, until } from './crm.ts'

const hold = (crm: Crm) =>
  crm.admin('POST', '/faults', { plan: [{ fault: 'hold', match: { method: 'PUT' }, count: 1 }] })
const put = (crm: Crm) => crm.call('PUT', '/v1/cases/by-external-id/c1', { fields: { title: 'Pump' } })

test('a held call is committed and in the ledger before its answer leaves', async () => {
  const crm = await startCrm()
  await hold(crm)
  const calling = put(crm)
  const { held } = await crm.admin('GET', '/faults/held?atLeast=1')
  expect(held).toMatchObject([{ method: 'PUT', path: '/v1/cases/by-external-id/c1', externalId: 'c1' }])
  expect(await crm.ledger('?externalId=c1')).toMatchObject([
    { seq: held[0]?.seq, fault: 'hold', committed: true, status: 201 },
  ])
  expect((await crm.admin('GET', '/rows/cases')).rows).toMatchObject([{ externalId: 'c1', version: 1 }])
  expect(await crm.admin('POST', '/faults/release')).toEqual({ released: 1 })
  expect((await calling).status).toBe(201)
  expect((await crm.admin('GET', '/faults')).held).toEqual([])
})

test('a held answer can be let go by losing it', async () => {
  const crm = await startCrm()
  await hold(crm)
  const calling = expect(put(crm)).rejects.toThrow('fetch failed')
  await crm.admin('GET', '/faults/held?atLeast=1')
  await crm.admin('POST', '/faults/release', { how: 'lose' })
  await calling
  expect((await put(crm)).body).toMatchObject({ version: 1, created: false })
})

test('a caller killed between commit and answer leaves one row, and the hold ends by itself', async () => {
  const crm = await startCrm()
  await hold(crm)
  const source = `await fetch(process.argv[1] + '/v1/cases/by-external-id/c1', {
    method: 'PUT',
    headers: { authorization: 'Bearer ' + process.argv[2], 'content-type': 'application/json' },
    body: '{"fields":{"title":"Pump"}}',
  })`
  const caller = spawn(process.execPath, ['--input-type=module', '-e', source, crm.url, crm.token])
  const ended = new Promise((resolve) => caller.once('exit', (_code, signal) => resolve(signal)))
  expect((await crm.admin('GET', '/faults/held?atLeast=1&timeoutMs=20000')).held.length).toBe(1)
  caller.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  await until(async () => (await crm.admin('GET', '/faults')).held.length === 0)
  expect((await put(crm)).body).toMatchObject({ version: 1, created: false })
  expect((await crm.ledger('?externalId=c1')).map(({ committed }) => committed)).toEqual([true, false])
})

test('waiting for a held call ends with its timeout', async () => {
  const crm = await startCrm()
  expect(await crm.admin('GET', '/faults/held?atLeast=1&timeoutMs=5')).toEqual({ held: [] })
  expect(await crm.admin('GET', '/faults/held?atLeast=1&timeoutMs=120001')).toMatchObject({ status: 400 })
})

test('closing the sandbox lets go of held and delayed calls', async () => {
  const crm = await startCrm()
  await hold(crm)
  await crm.admin('POST', '/faults', { plan: [{ fault: 'delay', ms: 100_000, match: { method: 'GET' } }] })
  const held = expect(put(crm)).rejects.toThrow('fetch failed')
  const delayed = expect(crm.call('GET', '/v1/cases')).rejects.toThrow('fetch failed')
  await crm.admin('GET', '/faults/held?atLeast=1')
  await until(async () => (await crm.admin('GET', '/faults')).plan[1]?.struck === 1)
  await crm.close()
  await Promise.all([held, delayed])
})
