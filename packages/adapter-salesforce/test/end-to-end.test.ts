/** A replica, the bridge and the organisation together, over real HTTP: what goes wrong in a day, and one effect for each edit all the same. */

import type { SalesforceAdapterOptions } from '@skerry/adapter-salesforce'
import { type BridgeEvent, startBridge } from '@skerry/bridge'
import { quickHost } from '@skerry/bridge/testing'
import { collection, MemoryDisk, memoryStore, openReplica, text } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { type Organisation, startOrganisation } from './organisation.ts'

beforeAll(startEngine)

const visits = collection(
  'visits',
  z.object({ name: z.string(), note: text().optional(), city: z.string().optional() }),
)
const mappings = [
  { collection: 'visits', type: 'Visit__c', fields: { name: 'Name', note: 'Note__c', city: 'Code__c' } },
]

/** Seconds pass, so that nothing waits for them. */
const SECONDS_MS = 5_000

async function open(
  org: Organisation,
  disk = new MemoryDisk(),
  options: Partial<SalesforceAdapterOptions> = {},
) {
  const host = quickHost()
  const replica = await openReplica({ host, store: memoryStore({ disk }), collections: { visits } })
  const events: BridgeEvent[] = []
  const adapter = org.adapter(options)
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
    await org.advance(SECONDS_MS)
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
  }
  const edit = (id: string, fields: object) =>
    replica.visits.update(id, (draft) => void Object.assign(draft, fields))
  return { disk, replica, bridge, events, close, sync, edit, visits: replica.visits }
}

async function nameOf(org: Organisation, id: string): Promise<unknown> {
  return (await org.rows()).find((row) => row.id === id)?.fields.Name
}

test('fault I6: DIF-1 rows come in, an edit writes just its field, an edit there comes back, and nothing echoes', async () => {
  const org = await startOrganisation()
  await org.seed(Array.from({ length: 450 }, (_, i) => ({ Name: `visit ${i}` })))
  const node = await open(org)
  await node.sync()
  const all = await node.visits.all()
  expect(all).toHaveLength(450)
  const visit = all.find(({ name }) => name === 'visit 7')!
  await node.edit(visit.id, { note: 'Gate is stuck.' })
  await node.sync()
  const row = (await org.rows()).find(({ fields }) => fields.Name === 'visit 7')!
  await org.edit('update', row.id, { Name: 'visit seven' })
  await node.sync()
  expect(await node.visits.get(visit.id)).toMatchObject({ name: 'visit seven', note: 'Gate is stuck.' })
  const history = (await node.visits.history(visit.id)).length
  for (let i = 0; i < 3; i++) await node.sync()
  expect(await org.effects()).toEqual([[null, 'Note__c']])
  expect((await node.visits.history(visit.id)).length).toBe(history)
})

test('fault I2: EVT-3 a hard day: lost answers, refusals to serve, ended sessions, locked rows, cut bodies; then one effect for each edit', async () => {
  const org = await startOrganisation()
  const node = await open(org)
  const match = { path: '/services/data' }
  await org.fault(
    { fault: 'commit-then-lose-answer', probability: 0.15, seed: 1, match },
    { fault: 'drop-before-commit', probability: 0.1, seed: 2, match },
    { fault: 'status', status: 502, probability: 0.1, seed: 3, afterCommit: true, match } as never,
    { fault: 'truncate-body', probability: 0.1, seed: 4, match },
    { fault: 'lock-row', probability: 0.1, seed: 5 },
    { fault: 'expire-tokens', probability: 0.1, seed: 6, match },
  )
  const names = Array.from({ length: 20 }, (_, i) => `visit ${i}`)
  const ids = await Promise.all(names.map(async (name) => (await node.visits.create({ name })).id))
  await node.bridge.idle()
  for (const note of ['first', 'second']) {
    await org.advance(SECONDS_MS)
    await Promise.all(ids.map((id) => node.edit(id, { note })))
    await node.bridge.idle()
  }
  await org.admin('DELETE', '/faults')
  await node.sync()
  expect(node.bridge.stats()).toMatchObject({ open: 0, dead: 0 })
  const rows = await org.rows()
  expect(rows.map(({ fields }) => fields.Note__c)).toEqual(names.map(() => 'second'))
  const effects = await org.effects()
  const expected = ids.flatMap((id) => {
    const key = `skerry:${id}`
    return [
      [key, 'Name', 'Skerry_Id__c'],
      [key, 'Note__c'],
      [key, 'Note__c'],
    ]
  })
  expect(effects.map(String).sort()).toEqual(expected.map(String).sort())
  expect(await node.visits.all()).toHaveLength(20)
})

test('RES-6: both sides edit, answers are lost, and the adapter is killed in the middle of a call: equal in the end, each edit once', async () => {
  const org = await startOrganisation()
  const first = await open(org)
  const { id } = await first.visits.create({ name: 'a', note: 'abc' })
  const other = (await first.visits.create({ name: 'b' })).id
  await first.sync()
  const rowId = (await org.rows()).find(({ fields }) => fields.Name === 'a')!.id
  await org.advance(SECONDS_MS)
  await org.fault({ fault: 'hold', count: 1, match: { writes: true, path: '/services/data' } } as never)
  await first.edit(id, { note: 'abcd' })
  await org.admin('GET', '/faults/held?atLeast=1')
  // The call is carried out, and nobody will ever hear of it.
  await first.edit(other, { city: 'Oban' })
  await first.edit(id, { note: 'abcde' })
  await first.close()
  await org.admin('POST', '/faults/release', { how: 'lose' })
  await org.edit('update', rowId, { Name: 'theirs' })
  await org.advance(SECONDS_MS)
  const second = await open(org, first.disk)
  await org.fault({
    fault: 'commit-then-lose-answer',
    count: 2,
    match: { writes: true, path: '/services/data' },
  } as never)
  await second.sync()
  await second.sync()
  expect(await second.visits.get(id)).toMatchObject({ name: 'theirs', note: 'abcde' })
  expect(await second.visits.get(other)).toMatchObject({ name: 'b', city: 'Oban' })
  expect(await nameOf(org, rowId)).toBe('theirs')
  expect((await org.rows()).map(({ fields }) => [fields.Note__c ?? null, fields.Code__c ?? null])).toEqual([
    ['abcde', null],
    [null, 'Oban'],
  ])
  const mine = (await org.effects()).map(([key, ...fields]) => `${key} ${fields}`)
  expect(mine.filter((one) => one.startsWith(`skerry:${id}`))).toEqual([
    `skerry:${id} Name,Note__c,Skerry_Id__c`,
    `skerry:${id} Note__c`,
    `skerry:${id} Note__c`,
  ])
  expect(mine.filter((one) => one.startsWith(`skerry:${other}`))).toEqual([
    `skerry:${other} Name,Skerry_Id__c`,
    `skerry:${other} Code__c`,
  ])
})

test('SF-24 a row deleted there while it is edited here lives again, once, and stays', async () => {
  const org = await startOrganisation()
  const node = await open(org)
  const { id } = await node.visits.create({ name: 'a', note: 'n' })
  await node.sync()
  const [row] = await org.rows()
  await node.bridge.close()
  await node.edit(id, { note: 'edited here' })
  await org.edit('delete', row!.id)
  await node.close()
  const again = await open(org, node.disk)
  for (let i = 0; i < 4; i++) await again.sync()
  const living = (await org.rows()).filter(({ deleted }) => !deleted)
  expect(living).toMatchObject([
    { fields: { Name: 'a', Note__c: 'edited here', Skerry_Id__c: `skerry:${id}` } },
  ])
  expect(await again.visits.get(id)).toMatchObject({ name: 'a', note: 'edited here' })
  expect(await org.effects()).toHaveLength(2)
})

test('CDC-4 DIF-6: change events bring an edit without a poll, and the echo of an own write costs no request', async () => {
  const org = await startOrganisation()
  const node = await open(org, undefined, { events: true, bulk: false })
  const { id } = await node.visits.create({ name: 'a' })
  await node.bridge.idle()
  const [row] = await org.rows()
  // Until it listens nothing is heard; the loop ends with the first edit that is.
  for (let i = 0; (await node.visits.get(id))?.name === 'a'; i++) {
    await org.edit('update', row!.id, { Name: `theirs ${i}` })
    await new Promise((resolve) => setImmediate(resolve))
    await node.bridge.idle()
  }
  await org.advance(SECONDS_MS)
  await node.bridge.idle()
  const before = (await org.requests()).length
  await node.edit(id, { note: 'ours' })
  await node.visits.saved(id, 'crm')
  await node.bridge.idle()
  expect((await org.requests()).length - before, 'a look and a write at most').toBeLessThanOrEqual(3)
})

test('CDC-6: with every event lost the poll finds all', async () => {
  const org = await startOrganisation()
  const node = await open(org, undefined, { events: true })
  await org.fault({ fault: 'event-drop' })
  await org.create({ Name: 'unheard of' })
  await node.sync()
  expect(await node.visits.all()).toMatchObject([{ name: 'unheard of' }])
})
