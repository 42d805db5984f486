/** A record and a row that belong together and have never agreed: a new node's first day, tables that were lost (SPEC B-29). */

import { type MappingConfig, MemorySystem } from '@skerry/bridge'
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
  const { record, rows, effects } = await meet({ title: 'a', notes: 'hello' }, { Title: 'a', Notes: 'hello' })
  expect(record).toMatchObject({ title: 'a', notes: 'hello' })
  expect([rows, effects]).toEqual([1, []])
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
