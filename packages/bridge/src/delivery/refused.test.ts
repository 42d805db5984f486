/** Writes that somebody would not have: dead letters, with a receipt (SPEC B-53). */
import { MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'

beforeAll(startEngine)

test('TIE-3: B-53 what is refused is never written, and its edit is told why; another edit waits for approval again', async () => {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm', losesPush: () => true })
  const { bridge } = await bridged(node, system, { mappings: [{ ...jobMapping, tier: 'reference' }] })
  for (const id of ['one', 'two']) await node.replica.jobs.create({ title: id }, { id })
  await bridge.idle()
  const choice = { records: ['jobs/one'], by: 'eve', reason: 'we do not stock it' }
  expect(await bridge.refuse({ ...choice, dryRun: true })).toMatchObject([{ record: 'jobs/one' }])
  expect(bridge.stats()).toMatchObject({ held: 2, dead: 0 })
  expect(await bridge.refuse(choice)).toMatchObject([{ kind: 'create', fields: { Title: 'one' } }])
  const reason = 'eve refused the write: we do not stock it'
  expect(await bridge.deadLetters()).toMatchObject([{ record: 'jobs/one', reason }])
  await expect(node.replica.jobs.saved('one', 'crm')).rejects.toThrow(reason)
  expect(await bridge.approve()).toMatchObject([{ record: 'jobs/two' }])
  await bridge.idle()
  expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['two'])
  const { steps } = await bridge.audit.why('jobs/one')
  const told = steps.map(({ kind, words }) => (kind === 'refused' ? words : kind))
  expect(told).toEqual(['noticed', 'eve refused the write', 'told'])
  await node.replica.jobs.update('one', (draft) => void Object.assign(draft, { title: 'mended' }))
  await bridge.idle()
  expect(bridge.stats()).toMatchObject({ held: 1, dead: 0 })
  await bridge.approve()
  await bridge.idle()
  expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['two', 'mended'])
  await bridge.close()
})

test('B-53: tried again, it waits for approval; closed, nobody is asked', async () => {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm', losesPush: () => true })
  const { bridge } = await bridged(node, system, { mappings: [{ ...jobMapping, tier: 'reference' }] })
  await node.replica.jobs.create({ title: 'one' }, { id: 'one' })
  await bridge.idle()
  await bridge.refuse()
  await bridge.retry('jobs/one')
  await bridge.idle()
  expect(bridge.stats()).toMatchObject({ held: 1, dead: 0 })
  expect(system.effects('cases')).toEqual([])
  await bridge.close()
  await expect(bridge.refuse()).rejects.toMatchObject({ code: 'closed' })
})
