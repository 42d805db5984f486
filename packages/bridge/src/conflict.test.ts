import { type DeleteRule, type MappingConfig, MemorySystem } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { HeldAdapter } from '../test/held.ts'
import { bridged, jobMapping, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

const START = 1_700_000_000_000

interface Sides {
  mapping?: Partial<MappingConfig>
  record?: { title: string } & JsonObject
  /** What happens while the bridge is down. */
  ours: (draft: JsonObject) => void
  theirs: JsonObject
  /** Seconds after START. */
  oursAt?: number
  theirsAt?: number
}

/** One record and its row agree; both are changed while no bridge runs; the bridge comes back. */
async function meet({
  mapping = {},
  record = { title: 'a' },
  ours,
  theirs,
  oursAt = 0,
  theirsAt = 0,
}: Sides) {
  const node = await openNode()
  const clock = { now: START }
  const system = new MemorySystem({ name: 'crm', now: () => clock.now })
  const options = { mappings: [{ ...jobMapping, ...mapping }] }
  const first = await bridged(node, system, options)
  const { id } = await node.replica.jobs.create(record as never)
  await first.bridge.idle()
  await first.bridge.close()
  node.host.clock = START + oursAt * 1000
  await node.replica.jobs.update(id, (draft) => ours(draft as never))
  clock.now = START + theirsAt * 1000
  const row = system.rows('cases')[0]!
  system.edit('cases', { id: row.id }, theirs)
  node.host.clock = START + 3_600_000
  const before = system.ledger.length
  const { bridge } = await bridged(node, system, options)
  await bridge.pollNow()
  await bridge.idle()
  const overruled = (await node.replica.jobs.receipts(id)).filter(({ outcome }) => outcome === 'overruled')
  const effects = system.ledger.slice(before).filter(({ committed }) => committed)
  // Once more: nothing is left to say on either side.
  await bridge.pollNow()
  await bridge.idle()
  expect(system.ledger.slice(before).filter(({ committed }) => committed)).toEqual(effects)
  await bridge.close()
  return {
    record: await node.replica.jobs.get(id),
    value: system.row('cases', row.id)!.value,
    overruled,
    effects,
  }
}

describe('fields', () => {
  test('B-31 CON-6: edits of different fields both stay, and only ours is written', async () => {
    const { record, value, overruled, effects } = await meet({
      ours: (draft) => {
        draft.status = 'done'
      },
      theirs: { Site: 'SEA' },
    })
    expect(record).toMatchObject({ title: 'a', status: 'done', site: 'SEA' })
    expect(value).toEqual({ Title: 'a', Status: 'done', Site: 'SEA' })
    expect(overruled).toEqual([])
    expect(effects.map(({ fields }) => fields)).toEqual([['Status']])
  })

  const title = (to: string) => (draft: JsonObject) => {
    draft.title = to
  }

  test.each([
    { name: 'the later one', oursAt: 60, theirsAt: 10, winner: 'ours' },
    { name: 'the later one', oursAt: 10, theirsAt: 60, winner: 'theirs' },
    { name: 'that side in a tie', oursAt: 12, theirsAt: 10, winner: 'theirs' },
  ])(
    'CON-1 CON-2 B-30 last-writer: $name ($oursAt s here, $theirsAt s there)',
    async ({ oursAt, theirsAt, winner }) => {
      const { record, value, overruled } = await meet({
        ours: title('ours'),
        theirs: { Title: 'theirs' },
        oursAt,
        theirsAt,
      })
      expect(record?.title).toBe(winner)
      expect(value.Title).toBe(winner)
      const was = winner === 'ours' ? 'theirs' : 'ours'
      expect(overruled).toMatchObject([
        {
          place: 'crm',
          fields: ['/title'],
          rule: 'last-writer',
          values: { '/title': { was, became: winner } },
        },
      ])
      expect(Object.keys(overruled[0]!.seqs).length > 0).toBe(winner === 'theirs')
    },
  )

  test.each([
    { rule: 'this-side', winner: 'ours' },
    { rule: 'that-side', winner: 'theirs' },
  ] as const)('B-31 $rule', async ({ rule, winner }) => {
    const mapping = { fields: { ...jobMapping.fields, title: { field: 'Title', rule } } }
    const { record, value, overruled } = await meet({
      mapping,
      ours: title('ours'),
      theirs: { Title: 'theirs' },
      oursAt: 60,
      theirsAt: 1,
    })
    expect([record?.title, value.Title]).toEqual([winner, winner])
    expect(overruled).toMatchObject([{ rule }])
  })

  test('B-31 CON-6: text edited on both sides is merged, and the result is written back', async () => {
    const { record, value, overruled } = await meet({
      record: { title: 'a', notes: 'The gate is stuck.' },
      ours: (draft) => {
        draft.notes = 'The gate is stuck. Oiled it.'
      },
      theirs: { Notes: 'The north gate is stuck.' },
    })
    expect(record?.notes).toBe('The north gate is stuck. Oiled it.')
    expect(value.Notes).toBe('The north gate is stuck. Oiled it.')
    expect(overruled).toEqual([])
  })

  test('B-31 rows of a keyed list merge row by row', async () => {
    const { record, value } = await meet({
      record: {
        title: 'a',
        parts: [
          { sku: 'A', qty: 1 },
          { sku: 'B', qty: 1 },
        ],
      },
      ours: (draft) => {
        draft.parts = [
          { sku: 'A', qty: 5 },
          { sku: 'B', qty: 1 },
        ]
      },
      theirs: {
        Parts: [
          { sku: 'A', qty: 1 },
          { sku: 'B', qty: 1 },
          { sku: 'C', qty: 2 },
        ],
      },
    })
    const merged = [
      { sku: 'A', qty: 5 },
      { sku: 'B', qty: 1 },
      { sku: 'C', qty: 2 },
    ]
    expect(record?.parts).toEqual(merged)
    expect(value.Parts).toEqual(merged)
  })

  test('B-34 the same value on both sides is no conflict, in text either', async () => {
    const { record, value, overruled, effects } = await meet({
      record: { title: 'a', notes: 'abc' },
      ours: (draft) => {
        draft.title = 'b'
        draft.notes = 'abcd'
      },
      theirs: { Title: 'b', Notes: 'abcd' },
    })
    expect(record).toMatchObject({ title: 'b', notes: 'abcd' })
    expect(value).toEqual({ Title: 'b', Notes: 'abcd' })
    expect([overruled, effects]).toEqual([[], []])
  })

  test('B-35 a field of direction in is never written, one of direction out never taken in', async () => {
    const mapping: Partial<MappingConfig> = {
      fields: {
        title: 'Title',
        status: { field: 'Status', direction: 'out' },
        site: { field: 'Site', direction: 'in' },
      },
    }
    const { record, value } = await meet({
      mapping,
      record: { title: 'a', status: 'open', site: 'here' },
      ours: (draft) => {
        draft.site = 'changed here'
        draft.title = 'b'
      },
      theirs: { Status: 'done', Site: 'SEA' },
    })
    expect(record).toMatchObject({ title: 'b', status: 'open', site: 'SEA' })
    expect(value).toEqual({ Title: 'b', Status: 'done', Site: 'SEA' })
  })
})

describe('B-33 delete against edit', () => {
  async function deleted(side: 'here' | 'there', deletes: DeleteRule) {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const options = { mappings: [{ ...jobMapping, deletes }] }
    const first = await bridged(node, system, options)
    const { id } = await node.replica.jobs.create({ title: 'a', status: 'open' })
    await first.bridge.idle()
    await first.bridge.close()
    const row = system.rows('cases')[0]!
    if (side === 'here') {
      await node.replica.jobs.delete(id)
      system.edit('cases', { id: row.id }, { Title: 'theirs' })
    } else {
      await node.replica.jobs.update(id, (draft) => {
        draft.title = 'ours'
      })
      system.edit('cases', { id: row.id, deleted: true }, {})
    }
    const { bridge } = await bridged(node, system, options)
    for (let i = 0; i < 3; i++) {
      await bridge.pollNow()
      await bridge.idle()
    }
    await bridge.close()
    const receipts = (await node.replica.jobs.receipts(id)).filter(({ outcome }) => outcome === 'overruled')
    return { record: await node.replica.jobs.get(id), row: system.row('cases', row.id)!, receipts }
  }

  test('edit-wins: the record that was deleted here lives again', async () => {
    const { record, row, receipts } = await deleted('here', 'edit-wins')
    expect(record).toMatchObject({ title: 'theirs', status: 'open' })
    expect(row).toMatchObject({ deleted: false, value: { Title: 'theirs', Status: 'open' } })
    expect(receipts).toMatchObject([{ rule: 'edit-wins', values: { '': { was: null } } }])
  })

  test('edit-wins: the row that was deleted there lives again', async () => {
    const { record, row, receipts } = await deleted('there', 'edit-wins')
    expect(record).toMatchObject({ title: 'ours', status: 'open' })
    expect(row).toMatchObject({ deleted: false, value: { Title: 'ours', Status: 'open' } })
    expect(receipts).toMatchObject([{ rule: 'edit-wins', seqs: {} }])
  })

  test.each(['here', 'there'] as const)('delete-wins: deleted %s is deleted everywhere', async (side) => {
    const { record, row, receipts } = await deleted(side, 'delete-wins')
    expect(record).toBeUndefined()
    expect(row.deleted).toBe(true)
    expect(receipts).toMatchObject([{ rule: 'delete-wins', values: { '': { became: null } } }])
  })
})

test('B-30 a value whose call was not answered does not come back over what was written there since, though its author’s clock is ahead', async () => {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm', now: () => node.host.clock, compareAndSet: false })
  const held = new HeldAdapter(system.adapter())
  const { bridge } = await bridged(node, system, { adapter: held.adapter })
  const { id } = await node.replica.jobs.create({ title: 'a' })
  await bridge.idle()
  const row = system.rows('cases')[0]!
  const call = held.hold('upsert', 'answer')
  node.host.clock += 3_600_000
  await node.replica.jobs.update(id, (draft) => {
    draft.site = 'SEA'
  })
  node.host.clock -= 3_600_000
  await call.arrived
  expect(system.row('cases', row.id)!.value['Site']).toBe('SEA')
  node.host.clock += 10_000
  system.edit('cases', { id: row.id }, { Site: 'PDX' })
  node.host.clock += 7_200_000
  call.release({ kind: 'unknown', reason: 'lost on the way back' })
  await bridge.idle()
  expect(system.row('cases', row.id)!.value['Site']).toBe('PDX')
  expect(await node.replica.jobs.get(id)).toMatchObject({ site: 'PDX' })
  const writes = system.ledger.filter(({ method, fields }) => method === 'upsert' && fields.includes('Site'))
  expect(writes.filter(({ committed }) => committed)).toHaveLength(1)
})
