/** A field is withheld from now on: words that were said before, and may quote it, go too (SPEC B-160). */
import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { tablesWith } from '../../test/all-tables.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'

beforeAll(startEngine)

const CANARY = 'canary-4711'
const open: MappingConfig = { ...jobMapping, fields: { ...jobMapping.fields, inside: 'Inside' } }
const never: MappingConfig = { ...jobMapping, never: { record: ['inside'], row: ['Inside'] } }
const audit = { values: 'kept' as const }

test('B-160: of a dead letter, and beside the audit log', async () => {
  const node = await openNode()
  const refuses = (_: string, { Inside }: Record<string, unknown>) =>
    Inside === CANARY ? `we do not have '${Inside}'` : undefined
  const system = new MemorySystem({ name: 'crm', refuses })
  const first = await bridged(node, system, { mappings: [open], audit })
  const { id } = await node.replica.jobs.create({ title: 'a', inside: CANARY })
  await first.bridge.idle()
  await first.bridge.close()
  expect(await tablesWith(node.replica, 'crm', [CANARY])).toEqual(
    expect.arrayContaining(['outbox', 'audit-values']),
  )
  const { bridge } = await bridged(node, system, { mappings: [never], audit })
  await bridge.idle()
  expect(await tablesWith(node.replica, 'crm', [CANARY])).toEqual([])
  expect(await bridge.deadLetters()).toMatchObject([
    {
      record: `jobs/${id}`,
      reason: expect.stringContaining('may quote a field that is not bridged any more'),
    },
  ])
  expect((await bridge.audit.verify()).problem).toBeUndefined()
  await bridge.close()
})

test('B-160: of a row that was set aside; words of other types stay', async () => {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm' })
  const from = (value: unknown) => {
    throw new Error(`'${String(value)}' is no inside`)
  }
  const failing = { ...open, fields: { title: 'Title', inside: { field: 'Inside', from } } } as MappingConfig
  const first = await bridged(node, system, { mappings: [failing], audit })
  system.edit('cases', {}, { Title: 'a', Inside: CANARY })
  await first.bridge.pollNow()
  await first.bridge.close()
  expect(await tablesWith(node.replica, 'crm', [CANARY])).toEqual(['unread', 'audit-values'])
  const { bridge } = await bridged(node, system, { mappings: [never], audit })
  await bridge.close()
  expect(await tablesWith(node.replica, 'crm', [CANARY])).toEqual([])
})
