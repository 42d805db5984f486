/** A replica, the bridge and the CRM together, over real HTTP. */

import type { RestAdapterOptions } from '@skerry/adapter-rest'
import { type BridgeEvent, startBridgeFromConfig } from '@skerry/bridge'
import { quickHost } from '@skerry/bridge/testing'
import { collection, counter, MemoryDisk, memoryStore, openReplica, text } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { type Crm, startCrm } from './crm.ts'

beforeAll(startEngine)

const accounts = collection(
  'accounts',
  z.object({
    name: z.string(),
    city: z.string().optional(),
    phone: z.string().optional(),
    notes: text().optional(),
    visits: counter().optional(),
  }),
  { indexes: ['city'] },
)

const mappings = [
  {
    collection: 'accounts',
    type: 'accounts',
    fields: { name: 'name', city: 'city', phone: 'phone', notes: 'notes' },
  },
]

async function open(crm: Crm, disk = new MemoryDisk(), options: Partial<RestAdapterOptions> = {}) {
  const host = quickHost()
  const replica = await openReplica({ host, store: memoryStore({ disk }), collections: { accounts } })
  const events: BridgeEvent[] = []
  const config = { name: 'crm', adapter: crm.adapter(options), mappings, pollIntervalMs: 0 }
  const bridge = await startBridgeFromConfig(replica, config, { host, events: (event) => events.push(event) })
  const close = async () => {
    await bridge.close()
    await replica.close()
  }
  onTestFinished(close)
  const sync = async () => {
    await bridge.pollNow()
    await bridge.idle()
  }
  return { disk, host, replica, bridge, events, close, sync, accounts: replica.accounts }
}

type Node = Awaited<ReturnType<typeof open>>

function edit(node: Node, id: string, fields: object) {
  return node.accounts.update(id, (draft) => void Object.assign(draft, fields))
}

test('fault I6: DIF-1 accounts come in, an edit writes just its field, an office edit comes back, and nothing echoes', async () => {
  const crm = await startCrm()
  await crm.seed(
    'accounts',
    Array.from({ length: 250 }, (_, i) => ({ fields: { name: `account ${i}`, city: 'Oban' } })),
  )
  const node = await open(crm)
  await node.sync()
  expect(await node.accounts.where({ city: 'Oban' }).count()).toBe(250)
  const account = (await node.accounts.where({ name: 'account 7' }).first())!
  await edit(node, account.id, { phone: '01631 1' })
  await edit(node, account.id, { phone: '01631 2' })
  await node.accounts.saved(account.id, 'crm')
  await node.bridge.idle()
  await edit(node, account.id, { visits: 3 })
  await node.bridge.idle()
  expect(new Set((await crm.effects('accounts')).flat())).toEqual(new Set(['phone']))
  const row = (await crm.rows('accounts')).find(({ fields }) => fields.name === 'account 7')!
  expect(row.fields).toEqual({ name: 'account 7', city: 'Oban', phone: '01631 2' })
  await crm.edit('accounts', { id: row.id }, { city: 'Tobermory' })
  await node.sync()
  expect(await node.accounts.get(account.id)).toMatchObject({
    city: 'Tobermory',
    phone: '01631 2',
    visits: 3,
  })
  const written = (await crm.effects('accounts')).length
  const history = (await node.accounts.history(account.id)).length
  for (let i = 0; i < 3; i++) await node.sync()
  expect((await crm.effects('accounts')).length).toBe(written)
  expect((await node.accounts.history(account.id)).length).toBe(history)
})

test('a conflict: different fields merge, text merges, one field is decided by its rule and told', async () => {
  const crm = await startCrm()
  const node = await open(crm)
  const { id } = await node.accounts.create({ name: 'Kraken Ltd', notes: 'Gate is stuck.' })
  await node.sync()
  const [row] = await crm.rows('accounts')
  await node.bridge.close()
  await edit(node, id, { phone: '1', notes: 'Gate is stuck. Oiled.', name: 'Kraken Limited' })
  const ahead = node.host.now() - Date.now() + 60_000
  await crm.admin('POST', '/clock', { advanceMs: Math.ceil(ahead) })
  await crm.edit(
    'accounts',
    { id: row!.id },
    { city: 'Oban', notes: 'North gate is stuck.', name: 'Kraken plc' },
  )
  const again = await startBridgeFromConfig(
    node.replica,
    { name: 'crm', adapter: crm.adapter(), mappings, pollIntervalMs: 0 },
    { host: node.host },
  )
  onTestFinished(() => again.close())
  await again.pollNow()
  await again.idle()
  const merged = { name: 'Kraken plc', phone: '1', city: 'Oban', notes: 'North gate is stuck. Oiled.' }
  expect(await node.accounts.get(id)).toMatchObject(merged)
  expect((await crm.rows('accounts'))[0]!.fields).toEqual(merged)
  expect((await crm.effects('accounts')).at(-1)).toEqual(['notes', 'phone'])
  const overruled = (await node.accounts.receipts(id)).find(({ outcome }) => outcome === 'overruled')
  expect(overruled?.values).toEqual({ '/name': { was: 'Kraken Limited', became: 'Kraken plc' } })
})

test('pushes: an office edit arrives without a poll, and twenty at once do not disturb each other', async () => {
  const crm = await startCrm()
  const node = await open(crm, undefined, { webhook: {} })
  const ids = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => (await node.accounts.create({ name: `a${i}` })).id),
  )
  await node.bridge.idle()
  await registeredWebhook(crm)
  const rows = await crm.rows('accounts')
  await crm.fault({ fault: 'webhook-duplicate', probability: 0.5, seed: 3 } as never)
  await Promise.all(rows.map(({ id }) => crm.edit('accounts', { id }, { city: 'Oban' })))
  await Promise.all(ids.map((id) => edit(node, id, { phone: '1' })))
  await crm.admin('POST', '/deliveries/idle', {})
  await node.bridge.idle()
  expect(await node.accounts.where({ city: 'Oban', phone: '1' }).count()).toBe(20)
  expect(
    (await crm.rows('accounts')).every(({ fields }) => fields.city === 'Oban' && fields.phone === '1'),
  ).toBe(true)
  expect((await crm.effects('accounts')).filter((fields) => fields.join() === 'phone')).toHaveLength(20)
})

/** The registration runs beside everything else; the CRM is asked until it knows us. */
async function registeredWebhook(crm: Crm): Promise<void> {
  const knows = async () =>
    (await crm.ledger()).some(
      ({ method, path, status }) => method === 'POST' && path === '/v1/webhooks' && status < 300,
    )
  while (!(await knows())) await new Promise((resolve) => setImmediate(resolve))
}

test('CDC-6: pushes that are all dropped are found by the poll', async () => {
  const crm = await startCrm()
  const node = await open(crm, undefined, { webhook: {} })
  await registeredWebhook(crm)
  await crm.fault({ fault: 'webhook-drop' } as never)
  await crm.edit('accounts', {}, { name: 'unheard of' })
  await node.bridge.idle()
  expect(await node.accounts.all()).toEqual([])
  await node.sync()
  expect(await node.accounts.all()).toMatchObject([{ name: 'unheard of' }])
})

test('fault I2: EVT-3 EVT-6 a hard day: lost answers, refusals to serve, ended tokens and cut bodies, and still one effect for each edit', async () => {
  const crm = await startCrm({ settings: { tokenSeconds: 2 } })
  const node = await open(crm)
  await crm.fault(
    { fault: 'commit-then-lose-answer', probability: 0.2, seed: 1, match: { path: '/v1/accounts' } } as never,
    { fault: 'drop-before-commit', probability: 0.1, seed: 2, match: { path: '/v1/accounts' } } as never,
    {
      fault: 'status',
      status: 503,
      probability: 0.1,
      seed: 3,
      afterCommit: true,
      match: { path: '/v1/accounts' },
    } as never,
    { fault: 'truncate-body', probability: 0.1, seed: 4, match: { path: '/v1/accounts' } } as never,
    { fault: 'expire-tokens', probability: 0.1, seed: 5 } as never,
  )
  const ids = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => (await node.accounts.create({ name: `a${i}` })).id),
  )
  await node.bridge.idle()
  for (const city of ['Oban', 'Mallaig']) {
    await Promise.all(ids.map((id) => edit(node, id, { city })))
    await node.bridge.idle()
  }
  await crm.admin('DELETE', '/faults')
  await node.sync()
  expect(node.bridge.stats()).toMatchObject({ open: 0, dead: 0 })
  expect((await crm.rows('accounts')).map(({ fields }) => fields.city)).toEqual(
    Array.from({ length: 30 }, () => 'Mallaig'),
  )
  expect((await crm.effects('accounts')).length).toBe(90)
  expect(await node.accounts.all()).toHaveLength(30)
})

test('a restart in the middle of a call: its fate is found out, and the edit made meanwhile follows', async () => {
  const crm = await startCrm()
  const node = await open(crm)
  const { id } = await node.accounts.create({ name: 'a', notes: 'abc' })
  await node.sync()
  await crm.fault({ fault: 'hold', count: 1, match: { method: 'PATCH' } } as never)
  await edit(node, id, { notes: 'abcd' })
  await crm.admin('GET', '/faults/held?atLeast=1')
  await edit(node, id, { notes: 'abcde' })
  await node.close()
  await crm.admin('POST', '/faults/release', { how: 'lose' })
  const again = await open(crm, node.disk)
  await again.sync()
  expect(await again.accounts.get(id)).toMatchObject({ notes: 'abcde' })
  expect((await crm.rows('accounts')).map(({ fields }) => fields.notes)).toEqual(['abcde'])
  expect(await crm.effects('accounts')).toEqual([['name', 'notes'], ['notes'], ['notes']])
})

test('B-12 a call that was dropped while the office set one of its fields to the same value is made again', async () => {
  const crm = await startCrm()
  const node = await open(crm)
  const { id } = await node.accounts.create({ name: 'a', city: 'Oban', notes: 'abc' })
  await node.sync()
  const [row] = await crm.rows('accounts')
  await crm.fault({ fault: 'drop-before-commit', match: { method: 'PATCH' } } as never)
  const ours = { city: 'Mallaig', notes: 'abc, our long report' }
  await edit(node, id, ours)
  while (node.events.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await crm.edit('accounts', { id: row!.id }, { city: 'Mallaig' })
  await crm.admin('DELETE', '/faults')
  await node.sync()
  expect(await node.accounts.get(id)).toMatchObject(ours)
  expect((await crm.rows('accounts'))[0]!.fields).toMatchObject(ours)
  expect((await node.accounts.receipts(id)).at(-1)?.outcome).toBe('saved')
})

test('B-38 what the office adds to a text after our call, whose answer is lost, is not merged with our own words', async () => {
  const crm = await startCrm()
  const node = await open(crm)
  const { id } = await node.accounts.create({ name: 'a', notes: 'abc' })
  await node.sync()
  const [row] = await crm.rows('accounts')
  await crm.fault({ fault: 'hold', count: 1, match: { method: 'PATCH' } } as never)
  await edit(node, id, { notes: 'abc ours' })
  await crm.admin('GET', '/faults/held?atLeast=1')
  await crm.edit('accounts', { id: row!.id }, { notes: 'abc ours theirs' })
  await crm.admin('POST', '/faults/release', { how: 'lose' })
  await node.sync()
  expect((await node.accounts.get(id))?.notes).toBe('abc ours theirs')
  expect((await crm.rows('accounts'))[0]!.fields.notes).toBe('abc ours theirs')
})
