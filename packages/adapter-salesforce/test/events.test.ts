import type { SalesforceAdapterOptions } from '@skerry/adapter-salesforce'
import type { Hint } from '@skerry/bridge'
import { change, create, rowIn } from '@skerry/bridge/testing'
import { expect, onTestFinished, test } from 'vitest'
import { call, type Organisation, startOrganisation } from './organisation.ts'

/** Rows made in a few seconds: more than any wait between two tries here. */
const ROWS_MAX = 5_000

/** Hints and losses as they are told, and a way to wait for them. */
async function listen(org: Organisation, options: Partial<SalesforceAdapterOptions> = {}) {
  const hints: Hint[] = []
  const losses: string[] = []
  let wake = () => {}
  const told =
    <One>(list: One[]) =>
    (one: One) => {
      list.push(one)
      wake()
    }
  const adapter = org.adapter({ events: true, lost: told(losses), ...options })
  const stop = await adapter.listen!(told(hints), call)
  onTestFinished(stop)
  const until = async (isThere: () => boolean) => {
    while (!isThere()) await new Promise<void>((resolve) => (wake = resolve))
  }
  return {
    adapter,
    hints,
    losses,
    stop,
    heard: (count: number) => until(() => hints.length >= count),
    lost: (count: number) => until(() => losses.length >= count),
  }
}

/** Whether it listens already nobody can ask: rows are made until one is heard. */
async function madeUntil(org: Organisation, isHeard: () => boolean): Promise<void> {
  for (let tries = 0; !isHeard() && tries < ROWS_MAX; tries++) {
    await org.create({ Name: `row ${tries}` })
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(isHeard(), 'a row that was made is heard of').toBe(true)
}

test('SF-50 each row of an event is a hint, rows without their fields too; after the end there is none', async () => {
  const org = await startOrganisation()
  const { hints, heard, stop } = await listen(org)
  org.hold(Date.now())
  const ids = await org.seed([{ Name: 'same' }, { Name: 'same' }])
  await heard(2)
  await org.fault({ fault: 'event-gap', count: 1 }, { fault: 'event-duplicate', count: 1 })
  await org.edit('update', ids[0]!, { Name: 'gap' })
  await org.edit('delete', ids[1]!)
  await heard(5)
  expect(hints.map(({ type, id }) => `${type} ${id}`)).toEqual(
    [0, 1, 0, 1, 1].map((i) => `Visit__c ${ids[i]}`),
  )
  await stop()
  await org.edit('update', ids[0]!, { Name: 'unheard' })
  expect(hints).toHaveLength(5)
})

test('SF-50 types that are not configured are not heard', async () => {
  const org = await startOrganisation()
  const { hints, heard } = await listen(org)
  await org.create({ Name: 'account' }, 'Account')
  const id = await org.create({ Name: 'visit' })
  await heard(1)
  expect(hints).toEqual([{ type: 'Visit__c', id, version: undefined }])
})

test('SF-51 a write of ours is hinted at with the version that its answer told; an edit by others is not', async () => {
  const org = await startOrganisation()
  const { adapter, hints, heard } = await listen(org)
  const row = rowIn(await adapter.upsert('Visit__c', create('x', { Name: 'a' }), call))
  await org.advance(5_000)
  const changed = rowIn(await adapter.upsert('Visit__c', change(row, { Name: 'b' }), call))
  await heard(2)
  // An event may come before the answer to its write: then nothing is known of it yet.
  for (const { version } of hints) expect([undefined, row.version, changed.version]).toContain(version)
  await org.advance(5_000)
  await org.edit('update', row.id, { Name: 'theirs' })
  await heard(3)
  expect(hints[2]?.version).toBeUndefined()
})

test('SF-51 the version of an own write is told when its event comes after the answer', async () => {
  const org = await startOrganisation()
  const { adapter, hints, heard } = await listen(org)
  const row = rowIn(await adapter.upsert('Visit__c', create('x', { Name: 'a' }), call))
  await heard(1)
  // The connect that follows the next event is lost, so that what comes then is told a second later.
  await org.fault({ fault: 'drop-before-commit', match: { path: '/cometd' }, count: 1 })
  await org.create({ Name: 'somebody' })
  await heard(2)
  await org.advance(5_000)
  const changed = rowIn(await adapter.upsert('Visit__c', change(row, { Name: 'b' }), call))
  await heard(3)
  expect(hints[2]).toEqual({ type: 'Visit__c', id: row.id, version: changed.version })
})

test('SF-51 an edit by others in the very second of our write is not taken for its echo', async () => {
  const org = await startOrganisation()
  const { adapter, hints, heard } = await listen(org)
  org.hold(Date.now())
  const row = rowIn(await adapter.upsert('Visit__c', create('x', { Name: 'ours' }), call))
  await org.edit('update', row.id, { Name: 'theirs' })
  await heard(2)
  expect(hints[1]).toEqual({ type: 'Visit__c', id: row.id, version: undefined })
})

test('SF-50, SF-53 a client that is not known any more subscribes anew, from the last event it heard', async () => {
  const org = await startOrganisation()
  const { hints, heard, losses } = await listen(org)
  await org.create({ Name: 'first' })
  await heard(1)
  await org.admin('POST', '/event-clients/forget')
  const id = await org.create({ Name: 'between' })
  await heard(2)
  expect(hints[1]?.id).toBe(id)
  expect(losses).toEqual([])
})

test('SF-52 a position that is not kept any more is told, and listening goes on from now', async () => {
  const org = await startOrganisation()
  const { hints, heard, lost, losses } = await listen(org)
  await org.create({ Name: 'first' })
  await heard(1)
  await org.admin('POST', '/events/forget')
  await org.admin('POST', '/event-clients/forget')
  await lost(1)
  expect(losses[0]).toMatch(
    /^\/data\/Visit__ChangeEvent: events after \d+ are not kept any more; listening goes on from now$/,
  )
  await madeUntil(org, () => hints.length > 1)
})

test('CDC-3 SF-52 events that name no row are told as lost', async () => {
  const org = await startOrganisation()
  const { hints, lost, losses, heard } = await listen(org)
  await org.admin('POST', '/events/all', { type: 'Visit__c', how: 'overflow' })
  await org.admin('POST', '/events/all', { type: 'Visit__c', how: 'wildcard' })
  await lost(2)
  expect(losses).toEqual([
    'Visit__c: more changed in one transaction than events can tell',
    'Visit__c: rows changed that no event names (a00*)',
  ])
  await org.create({ Name: 'a' })
  await heard(1)
  expect(hints).toHaveLength(1)
})

test('SF-53 a session that ended is renewed; who cannot listen yet is told why, and tries again', async () => {
  const org = await startOrganisation({ settings: { lockedOut: true } })
  const { hints, losses } = await listen(org)
  expect(losses).toEqual([
    expect.stringMatching(/^change events are not heard now: no session: 400 invalid_grant/),
  ])
  await org.settings({ lockedOut: false })
  await madeUntil(org, () => hints.length > 0)
  const before = hints.length
  await org.admin('POST', '/sessions/expire')
  await madeUntil(org, () => hints.length > before)
  expect(
    losses.filter((reason) => reason.includes('401::Authentication invalid')).length,
  ).toBeLessThanOrEqual(1)
})

test('SF-53 a connect whose answer was lost is made again, and nothing is told twice or left out', async () => {
  const org = await startOrganisation()
  const { hints, heard } = await listen(org)
  await org.create({ Name: 'first' })
  await heard(1)
  await org.fault({ fault: 'commit-then-lose-answer', match: { path: '/cometd' }, count: 1 })
  const ids = [
    await org.create({ Name: 'a' }),
    await org.create({ Name: 'b' }),
    await org.create({ Name: 'c' }),
  ]
  const named = () => new Set(hints.slice(1).map(({ id }) => id))
  while (named().size < 3) await heard(hints.length + 1)
  expect(named()).toEqual(new Set(ids))
})
