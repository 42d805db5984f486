/** Which system hears of which record, by what the record itself says: the region that it belongs to, and whether somebody consents (SPEC B-79, B-89). */
import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridged, jobMapping, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

const only = (filter: NonNullable<MappingConfig['filter']>): MappingConfig[] => [{ ...jobMapping, filter }]

/** All that a system was ever sent of anything, as one text. */
const heard = (system: MemorySystem) =>
  JSON.stringify([system.rows('cases'), system.ledger.filter(({ method }) => method === 'upsert')])

test('GOV-7: what belongs to one region is sent to the system of that region, and nothing of it to another', async () => {
  const node = await openNode()
  const { jobs } = node.replica
  const regions = ['eu', 'us'] as const
  const systems = regions.map((name) => new MemorySystem({ name, now: () => node.host.clock }))
  const [eu, us] = systems as [MemorySystem, MemorySystem]
  const bridges = await Promise.all(
    systems.map(async (system, i) => {
      const mappings = only({ out: `site = "${regions[i]}"` })
      return (await bridged(node, system, { mappings })).bridge
    }),
  )
  const settled = async () => {
    for (const bridge of bridges) {
      await bridge.pollNow()
      await bridge.idle()
    }
  }
  const berlin = await jobs.create({ title: 'Berlin', site: 'eu' })
  await jobs.create({ title: 'Boston', site: 'us' })
  await jobs.create({ title: 'Nowhere' })
  await settled()
  await jobs.update(berlin.id, (draft) => void Object.assign(draft, { notes: 'Spree' }))
  await settled()
  expect(eu.rows('cases').map(({ value }) => value)).toEqual([
    { Title: 'Berlin', Site: 'eu', Notes: 'Spree' },
  ])
  expect(us.rows('cases').map(({ value }) => value)).toEqual([{ Title: 'Boston', Site: 'us' }])
  expect(heard(us)).not.toMatch(/Berlin|Spree|Nowhere/)
  expect(heard(eu)).not.toMatch(/Boston|Nowhere/)
  for (const bridge of bridges) await bridge.close()
})

describe('GOV-8: consent', () => {
  test('nothing is sent before it is given, all of it then, and nothing that is written after it was withdrawn', async () => {
    const node = await openNode()
    const { jobs } = node.replica
    const system = new MemorySystem()
    const mappings = only({ out: ({ tags }) => Array.isArray(tags) && tags.includes('consent') })
    const { bridge } = await bridged(node, system, { mappings })
    const edit = async (fields: object) => {
      await jobs.update(id, (draft) => void Object.assign(draft, fields))
      await bridge.idle()
    }
    const { id } = await jobs.create({ title: 'Ms Doe', notes: 'first visit' })
    await bridge.idle()
    expect(heard(system)).toBe('[[],[]]')
    await edit({ tags: ['consent'] })
    expect(system.rows('cases')[0]?.value).toEqual({ Title: 'Ms Doe', Notes: 'first visit' })
    await edit({ tags: [] })
    await edit({ notes: 'second visit' })
    await bridge.reconcile()
    await bridge.idle()
    expect(heard(system)).not.toContain('second')
    await edit({ tags: ['consent'] })
    expect(system.rows('cases')[0]?.value.Notes).toBe('second visit')
    await bridge.close()
  })

  test('a record that is deleted after it was withdrawn is deleted there too', async () => {
    const node = await openNode()
    const { jobs } = node.replica
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system, {
      mappings: only({ out: ({ tags }) => Array.isArray(tags) && tags.includes('consent') }),
    })
    const { id } = await jobs.create({ title: 'Ms Doe', tags: ['consent'] })
    await bridge.idle()
    await jobs.update(id, (draft) => void Object.assign(draft, { tags: [] }))
    await jobs.delete(id)
    await bridge.idle()
    expect(system.rows('cases')).toMatchObject([{ deleted: true }])
    await bridge.close()
  })
})
