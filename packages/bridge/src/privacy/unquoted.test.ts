/** Errors that would quote what is bridged as a hash alone (SPEC B-159). */
import { type FieldConfig, type MappingConfig, MemorySystem, planBridge } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { tablesWith } from '../../test/all-tables.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'

beforeAll(startEngine)

const CANARY = 'canary-4711'
const KEY = 'a key that nobody guesses'
let count = 0

const hashed = (more: Partial<FieldConfig> = {}, filter?: MappingConfig['filter']): MappingConfig => ({
  ...jobMapping,
  fields: { ...jobMapping.fields, inside: { field: 'InsideHash', hashed: true, ...more } },
  ...(filter && { filter }),
})

describe('B-159: an error of what is given the value of a hashed field does not quote it', () => {
  test.each<[string, MappingConfig, string]>([
    ['a kind', hashed({ kind: 'date' }), 'inside.to'],
    ['an expression', hashed({ to: '$number($)' }), 'inside.to'],
    [
      'a function',
      hashed({
        to: (value) => {
          throw new RangeError(`cannot read ${String(value)}`)
        },
      }),
      'inside.to',
    ],
    ['a function that is none', hashed({ to: (value) => `${String(value)} ${++count}` }), 'inside.to'],
    ['a filter', hashed({}, { out: '$number(inside) > 1' }), 'filter.out'],
    ['a filter that gives no boolean', hashed({}, { out: 'inside' }), 'filter.out'],
  ])('%s', async (_, mapping, where) => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const config = { mappings: [mapping], hashKey: KEY, audit: { values: 'kept' as const } }
    const { bridge, events } = await bridged(node, system, config)
    const { id } = await node.replica.jobs.create({ title: 'a', inside: CANARY })
    await bridge.idle()
    const letters = await bridge.deadLetters()
    expect(letters).toMatchObject([{ reason: expect.stringContaining(`${where} failed; why is not told`) }])
    const receipts = await node.replica.jobs.receipts(id)
    expect(receipts).toMatchObject([{ outcome: 'refused' }])
    const copy = await openNode({ host: node.host, disk: node.disk.clone() })
    const { replica } = copy
    const planned = await planBridge({ replica, adapter: system.adapter(), host: node.host, ...config })
    expect(planned.mappings).toMatchObject([{ held: { dead: 1 } }])
    expect(JSON.stringify([letters, receipts, events, planned])).not.toContain(CANARY)
    expect(await tablesWith(node.replica, 'crm', [CANARY])).toEqual([])
    await bridge.close()
  })

  test('a rule, which does not see it', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const mapping = hashed()
    mapping.fields.title = {
      field: 'Title',
      rule: ({ here }) => {
        throw new RangeError(`cannot decide for ${JSON.stringify(here)}`)
      },
    }
    const config = { mappings: [mapping], hashKey: KEY, audit: { values: 'kept' as const } }
    const first = await bridged(node, system, config)
    const { id } = await node.replica.jobs.create({ title: 'a', site: 'North', inside: CANARY })
    await first.bridge.idle()
    await first.bridge.close()
    await node.replica.jobs.update(id, (draft) => void Object.assign(draft, { title: 'ours' }))
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { Title: 'theirs' })
    const { bridge, events } = await bridged(node, system, config)
    await bridge.pollNow()
    await bridge.idle()
    const reviews = await bridge.reviews()
    expect(reviews).toMatchObject([{ reason: expect.stringContaining('North') }])
    const receipts = await node.replica.jobs.receipts(id)
    expect(JSON.stringify([reviews, receipts, events])).not.toContain(CANARY)
    expect(await tablesWith(node.replica, 'crm', [CANARY])).toEqual([])
    await bridge.close()
  })
})

test('B-159: a merge tells nothing of what is withheld', async () => {
  const node = await openNode()
  const { jobs } = node.replica
  const { bridge } = await bridged(node, new MemorySystem({ name: 'crm' }), {
    mappings: [{ ...jobMapping, never: { record: ['inside'] } }],
  })
  const { id: a } = await jobs.create({ title: 'a', inside: CANARY })
  const { id: b } = await jobs.create({ title: 'b', site: 'North', inside: `${CANARY} b` })
  await bridge.idle()
  const asked = { survivor: `jobs/${a}`, other: `jobs/${b}` }
  const told = { ...asked, value: { title: 'a', site: 'North' } }
  expect(await bridge.merge(asked)).toEqual(told)
  expect(await bridge.merge(asked)).toEqual(told)
  expect(await jobs.get(a)).toMatchObject({ inside: CANARY, site: 'North' })
  await bridge.close()
})
