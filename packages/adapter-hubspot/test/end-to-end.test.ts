/** A replica, the bridge and the account together, over real HTTP: what goes wrong in a day, and one effect for each edit all the same. */
import type { HubSpotAdapterOptions } from '@skerry/adapter-hubspot'
import { type BridgeEvent, startBridge } from '@skerry/bridge'
import { quickHost } from '@skerry/bridge/testing'
import { collection, MemoryDisk, memoryStore, openReplica, text } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { type Account, freePort, startAccount } from './account.ts'

beforeAll(startEngine)

const visits = collection(
  'visits',
  z.object({ name: z.string(), note: text().optional(), hours: z.number().optional() }),
)
const mappings = [
  { collection: 'visits', type: 'visits', fields: { name: 'title', note: 'note', hours: 'hours' } },
]
/** Milliseconds after which a search knows. */
const INDEXED_MS = 3_000

async function open(account: Account, disk = new MemoryDisk(), options: Partial<HubSpotAdapterOptions> = {}) {
  const host = quickHost()
  const replica = await openReplica({ host, store: memoryStore({ disk }), collections: { visits } })
  const events: BridgeEvent[] = []
  const adapter = account.adapter({ overlapMs: 10_000, ...options })
  const report = (event: BridgeEvent) => void events.push(event)
  const bridge = await startBridge({
    replica,
    adapter,
    host,
    mappings,
    name: 'crm',
    pollIntervalMs: 0,
    events: report,
  })
  const close = async () => {
    await bridge.close()
    await replica.close()
  }
  onTestFinished(close)
  const sync = async () => {
    await account.advance(INDEXED_MS)
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
  }
  const edit = (id: string, fields: object) =>
    replica.visits.update(id, (draft) => void Object.assign(draft, fields))
  return { disk, replica, bridge, events, close, sync, edit, visits: replica.visits }
}

test('fault I6: DIF-1 rows come in typed, an edit writes just its property, an edit there comes back, and nothing echoes', async () => {
  const account = await startAccount()
  await account.seed(Array.from({ length: 40 }, (_, i) => ({ title: `visit ${i}`, hours: `${i}.5` })))
  const node = await open(account)
  await node.sync()
  const all = await node.visits.all()
  expect(all).toHaveLength(40)
  const visit = all.find(({ name }) => name === 'visit 7')!
  expect(visit.hours).toBe(7.5)
  await node.edit(visit.id, { note: 'Gate is stuck.' })
  await node.sync()
  const row = (await account.rows()).find(({ properties }) => properties.title === 'visit 7')!
  await account.edit('update', row.id, { title: 'visit seven' })
  await node.sync()
  expect(await node.visits.get(visit.id)).toMatchObject({ name: 'visit seven', note: 'Gate is stuck.' })
  const history = (await node.visits.history(visit.id)).length
  for (let i = 0; i < 3; i++) await node.sync()
  expect(await account.effects()).toEqual([[null, 'note']])
  expect((await node.visits.history(visit.id)).length).toBe(history)
})

test('fault I2: EVT-3 a hard day: lost answers, refusals to serve, ended tokens, cut bodies; then one effect for each edit', async () => {
  const account = await startAccount()
  const node = await open(account, undefined, { oauth: account.oauth })
  const match = { path: '/crm/' }
  await account.fault(
    { fault: 'commit-then-lose-answer', probability: 0.15, seed: 1, match },
    { fault: 'drop-before-commit', probability: 0.1, seed: 2, match },
    { fault: 'status', status: 502, probability: 0.1, seed: 3, afterCommit: true, match } as never,
    { fault: 'truncate-body', probability: 0.1, seed: 4, match },
    { fault: 'limits', calls: 0, windowMs: 1, probability: 0.05, seed: 5, match } as never,
    { fault: 'expire-tokens', probability: 0.1, seed: 6, match },
  )
  const names = Array.from({ length: 6 }, (_, i) => `visit ${i}`)
  const ids = await Promise.all(names.map(async (name) => (await node.visits.create({ name })).id))
  await node.bridge.idle()
  for (const note of ['first', 'second']) {
    await Promise.all(ids.map((id) => node.edit(id, { note })))
    await node.bridge.idle()
  }
  await account.admin('DELETE', '/faults')
  await node.sync()
  expect(node.bridge.stats()).toMatchObject({ open: 0, dead: 0 })
  const rows = await account.rows()
  expect(rows.map(({ properties }) => properties.note)).toEqual(names.map(() => 'second'))
  const expected = ids.flatMap((id) => [
    [`skerry:${id}`, 'skerry_id', 'title'],
    [`skerry:${id}`, 'note'],
    [`skerry:${id}`, 'note'],
  ])
  expect((await account.effects()).map(String).sort()).toEqual(expected.map(String).sort())
  expect(await node.visits.all()).toHaveLength(6)
})

test('RES-6: both sides edit, answers are lost, the adapter is killed in the middle of a call: equal in the end, each edit once', async () => {
  const account = await startAccount()
  const first = await open(account)
  const { id } = await first.visits.create({ name: 'a', note: 'abc' })
  await first.sync()
  const rowId = (await account.rows())[0]!.id
  await account.fault({ fault: 'hold', count: 1, match: { method: 'PATCH' } })
  await first.edit(id, { note: 'abcd' })
  await account.admin('GET', '/faults/held?atLeast=1')
  // The call is carried out, and nobody will ever hear of it.
  await first.edit(id, { note: 'abcde' })
  await first.close()
  await account.admin('POST', '/faults/release', { how: 'lose' })
  await account.edit('update', rowId, { title: 'theirs' })
  const second = await open(account, first.disk)
  await account.fault({ fault: 'commit-then-lose-answer', count: 2, match: { writes: true, path: '/crm/' } })
  await second.sync()
  await second.sync()
  expect(await second.visits.get(id)).toMatchObject({ name: 'theirs', note: 'abcde' })
  expect((await account.rows())[0]?.properties).toMatchObject({ title: 'theirs', note: 'abcde' })
  expect(await account.effects()).toEqual([
    [`skerry:${id}`, 'note', 'skerry_id', 'title'],
    [`skerry:${id}`, 'note'],
    [`skerry:${id}`, 'note'],
  ])
})

test('CDC-8, HS-09: a row deleted there goes here, and so does one that was merged; what it was merged into stays', async () => {
  const account = await startAccount()
  const [kept = '', merged = '', deleted = ''] = await account.seed([
    { title: 'kept' },
    { title: 'merged' },
    { title: 'deleted' },
  ])
  const node = await open(account)
  await node.sync()
  expect(await node.visits.all()).toHaveLength(3)
  await account.edit('archive', deleted)
  await account.edit('merge', kept, {}, { merged })
  await node.sync()
  expect(await node.visits.all()).toMatchObject([{ name: 'kept' }])
  const { id } = (await node.visits.all())[0]!
  await node.visits.delete(id)
  await node.sync()
  expect(
    (await account.rows()).filter(({ archived, mergedInto }) => !archived && mergedInto === null),
  ).toEqual([])
})

test('CDC-4: a webhook brings an edit and a deletion without a poll', async () => {
  const account = await startAccount()
  const port = await freePort()
  const webhook = { port, publicUrl: `http://127.0.0.1:${port}/hook`, secret: account.oauth.clientSecret }
  await account.admin('PUT', '/webhook', { targetUrl: webhook.publicUrl })
  const node = await open(account, undefined, { webhook })
  const { id } = await node.visits.create({ name: 'a' })
  await node.bridge.idle()
  const [row] = await account.rows()
  const told = async () => {
    await account.admin('POST', '/deliveries/idle', {})
    await node.bridge.idle()
  }
  await account.edit('update', row!.id, { title: 'theirs' })
  await told()
  expect(await node.visits.get(id)).toMatchObject({ name: 'theirs' })
  await account.edit('archive', row!.id)
  await told()
  expect(await node.visits.all()).toEqual([])
})
