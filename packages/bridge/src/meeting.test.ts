/** A record and a row that belong together and have never agreed: a new node's first day, tables that were lost (SPEC B-29). */

import { type Adapter, type MappingConfig, MemorySystem } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, jobMapping, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

async function meet(
  record: { title: string } & JsonObject,
  value: JsonObject,
  mapping: Partial<MappingConfig> = {},
) {
  const node = await openNode()
  const system = new MemorySystem({ everyWriteCounts: true, now: () => node.host.clock })
  await node.replica.jobs.create(record as never, { id: 'job-1' })
  const row = system.edit('cases', { externalId: 'skerry:job-1' }, value)
  const { bridge } = await bridged(node, system, { mappings: [{ ...jobMapping, ...mapping }] })
  await bridge.pollNow()
  await bridge.idle()
  const receipts = await node.replica.jobs.receipts('job-1')
  const shown = await node.replica.jobs.get('job-1')
  await bridge.close()
  return {
    record: shown,
    value: system.row('cases', row.id)?.value,
    rows: system.rows('cases').length,
    receipts,
    effects: system.effects('cases'),
  }
}

test('equal sides agree without a word', async () => {
  const { record, rows, effects, receipts } = await meet(
    { title: 'a', notes: 'hello' },
    { Title: 'a', Notes: 'hello' },
  )
  expect(record).toMatchObject({ title: 'a', notes: 'hello' })
  expect([rows, effects]).toEqual([1, []])
  expect(receipts.filter(({ outcome }) => outcome === 'overruled')).toEqual([])
})

test('what one side lacks the other gives; only that is written', async () => {
  const { record, value, effects } = await meet(
    { title: 'a', site: 'here', notes: 'ours' },
    { Title: 'a', Status: 'open' },
  )
  expect(record).toMatchObject({ title: 'a', site: 'here', notes: 'ours', status: 'open' })
  expect(value).toEqual({ Title: 'a', Site: 'here', Notes: 'ours', Status: 'open' })
  expect(effects.map(({ fields }) => fields.sort())).toEqual([['Notes', 'Site']])
})

test('what both have otherwise is decided by the rule and told; text is not doubled', async () => {
  const fields = {
    ...(jobMapping.fields as object),
    site: { field: 'Site', rule: 'this-side' },
  } as MappingConfig['fields']
  const { record, value, receipts } = await meet(
    { title: 'ours', site: 'ours', notes: 'hello ours' },
    { Title: 'theirs', Site: 'theirs', Notes: 'hello theirs' },
    { fields },
  )
  expect(record).toMatchObject({ title: 'theirs', site: 'ours', notes: 'hello theirs' })
  expect(value).toMatchObject({ Title: 'theirs', Site: 'ours', Notes: 'hello theirs' })
  const overruled = receipts
    .filter(({ outcome }) => outcome === 'overruled')
    .flatMap(({ fields: names }) => names)
  expect(overruled.sort()).toEqual(['/notes', '/site', '/title'])
})

/** A record and a row that meet; the row changes once more just before what is owed is written. */
async function changedBeforeTheCall(
  fields: MappingConfig['fields'],
  sides: { ours: JsonObject; theirs: JsonObject; later: JsonObject },
) {
  const node = await openNode()
  const system = new MemorySystem({ everyWriteCounts: true, now: () => node.host.clock })
  await node.replica.jobs.create({ title: 'a', ...sides.ours }, { id: 'job-1' })
  const row = system.edit('cases', { externalId: 'skerry:job-1' }, sides.theirs)
  const inner = system.adapter()
  let changes = 0
  const upsert: Adapter['upsert'] = async (type, request, call) => {
    if (request.id !== undefined && changes++ === 0) system.edit('cases', { id: row.id }, sides.later)
    return inner.upsert(type, request, call)
  }
  const { bridge } = await bridged(node, system, {
    mappings: [{ ...jobMapping, fields }],
    adapter: { ...inner, upsert },
  })
  for (let i = 0; i < 2; i++) {
    await bridge.pollNow()
    await bridge.idle()
  }
  const { jobs } = node.replica
  const told = (await jobs.receipts('job-1')).filter(({ outcome }) => outcome === 'overruled').at(-1)
  const edit = async (later: JsonObject) => {
    system.edit('cases', { id: row.id }, later)
    await bridge.pollNow()
    await bridge.idle()
    return jobs.get('job-1')
  }
  return { record: await jobs.get('job-1'), value: system.row('cases', row.id)?.value, told, changes, edit }
}

test('B-37 what is owed stays ours when the row changes once more before the call', async () => {
  const fields = { title: { field: 'Title', rule: 'this-side' } } as const
  const { record, value, told, changes, edit } = await changedBeforeTheCall(fields, {
    ours: { title: 'ours' },
    theirs: { Title: 'office 1' },
    later: { Title: 'office 2' },
  })
  expect(changes).toBeGreaterThan(1)
  expect([record?.title, value?.Title]).toEqual(['ours', 'ours'])
  expect(told).toMatchObject({ values: { '/title': { was: 'office 2', became: 'ours' } } })
  // Written, it is owed no more.
  expect(await edit({ Title: 'office 3' })).toMatchObject({ title: 'office 3' })
})

test('B-37 an owed text has nothing to merge from: that side, and it is told', async () => {
  const { record, value, told, edit } = await changedBeforeTheCall(
    { title: 'Title', notes: 'Notes', site: 'Site' },
    {
      ours: { title: 'a', notes: 'keep', site: 'here' },
      theirs: { Title: 'a' },
      later: { Notes: 'theirs' },
    },
  )
  expect([record?.notes, value?.Notes]).toEqual(['theirs', 'theirs'])
  expect(record?.site).toBe('here')
  expect(told).toMatchObject({ values: { '/notes': { was: 'keep', became: 'theirs' } } })
  expect(await edit({ Notes: 'theirs, later' })).toMatchObject({ notes: 'theirs, later' })
})

test('B-12 a create in doubt that is refused for now stays as it is: the row is ours', async () => {
  const node = await openNode()
  const system = new MemorySystem({ everyWriteCounts: true })
  const inner = system.adapter()
  let calls = 0
  const { bridge } = await bridged(node, system, {
    adapter: {
      ...inner,
      upsert: async (...given) => {
        calls += 1
        if (calls === 2) return { kind: 'later', reason: 'busy' }
        const answer = await inner.upsert(...given)
        if (calls > 1) return answer
        await node.replica.jobs.update('job-1', (draft) => {
          draft.notes = 'abcde'
        })
        return { kind: 'unknown', reason: 'lost' }
      },
    },
  })
  await node.replica.jobs.create({ title: 'a', notes: 'abcd' }, { id: 'job-1' })
  await bridge.idle()
  expect(system.rows('cases').map(({ value }) => value)).toEqual([{ Title: 'a', Notes: 'abcde' }])
  expect(await node.replica.jobs.get('job-1')).toMatchObject({ notes: 'abcde' })
  expect(system.effects('cases')).toHaveLength(2)
  await bridge.close()
})
