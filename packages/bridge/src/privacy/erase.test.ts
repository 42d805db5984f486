import { MemorySystem, type MemorySystemOptions } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { keptBy, tablesWith } from '../../test/all-tables.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'

beforeAll(startEngine)

const CANARY = 'canary-4711'

async function start(options: MemorySystemOptions = {}, mapping = jobMapping) {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm', ...options })
  const { bridge, events } = await bridged(node, system, { mappings: [mapping], audit: { values: 'kept' } })
  await bridge.idle()
  return { ...node, system, bridge, events, jobs: node.replica.jobs }
}

describe('B-161 GOV-9: a correction is an edit', () => {
  test('it reaches the system, and its lineage proves that', async () => {
    const { jobs, bridge, system } = await start()
    const { id } = await jobs.create({ title: 'wrnog' })
    await bridge.idle()
    await jobs.update(id, (draft) => void Object.assign(draft, { title: 'right' }))
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
    expect(system.rows('cases')[0]!.value).toMatchObject({ Title: 'right' })
    const { steps, present } = await bridge.audit.why(`jobs/${id}`, 'title')
    expect(present).toEqual({ record: 'right', row: 'right' })
    const correction = steps.findLast(({ kind }) => kind === 'begun')
    expect(correction).toMatchObject({ value: 'right', isPresent: true })
    expect(steps.slice(-2).map(({ kind }) => kind)).toEqual(['answered', 'echo'])
    await bridge.close()
  })
})

describe('B-162 B-163 GOV-9: erasing a record that is deleted on both sides', () => {
  test('takes away what it said from every table; that it was there, and what was done, stays', async () => {
    const { jobs, bridge, system, replica } = await start()
    const { id } = await jobs.create({ title: CANARY, notes: `${CANARY} notes` })
    await jobs.create({ title: 'another', site: 'SEA' }, { id: 'other' })
    await bridge.idle()
    const row = system.rows('cases').find(({ externalId }) => externalId === `skerry:${id}`)!.id
    system.edit('cases', { id: row }, { Site: `${CANARY} site` })
    await bridge.idle()
    await jobs.delete(id)
    await bridge.idle()
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual(['shadow', 'audit-values'])
    const before = await keptBy(replica, 'crm')
    await bridge.erase(`jobs/${id}`, { by: 'privacy desk' })
    const after = await keptBy(replica, 'crm')
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual([])
    expect(after.shadow).toContain(row)
    expect(after['audit-salts']).not.toContain(id)
    expect(after['audit-salts']).toContain('jobs/other')
    // The log has one entry more, and none less.
    expect(after.audit!.startsWith(before.audit!)).toBe(true)
    const { steps } = await bridge.audit.why(`jobs/${id}`)
    expect(steps.at(-1)!.words).toBe('privacy desk erased what was kept of it')
    expect(steps.some(({ words }) => words.includes('(a value that is not kept)'))).toBe(true)
    expect((await bridge.audit.verify()).problem).toBeUndefined()
    await bridge.close()
  })

  test('nothing comes back: not by a late echo, a walk, or a restart', async () => {
    const { jobs, bridge, system, replica, host, disk } = await start()
    const { id } = await jobs.create({ title: CANARY })
    await bridge.idle()
    await jobs.delete(id)
    await bridge.idle()
    await bridge.erase(`jobs/${id}`)
    const effects = system.effects('cases').length
    await bridge.pollNow()
    await bridge.reconcile()
    await bridge.idle()
    await bridge.close()
    const again = await bridged({ replica, host, disk }, system, { audit: { values: 'kept' } })
    await again.bridge.pollNow()
    await again.bridge.idle()
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual([])
    expect(await jobs.get(id)).toBeUndefined()
    expect(system.effects('cases').length).toBe(effects)
    expect((await again.bridge.audit.verify()).problem).toBeUndefined()
    await again.bridge.close()
  })

  test('a dead letter of a record that never came there goes with it', async () => {
    const { jobs, bridge, replica } = await start({ refuses: () => `${CANARY} is on our list` })
    const { id } = await jobs.create({ title: CANARY })
    await bridge.idle()
    expect(await bridge.deadLetters()).toHaveLength(1)
    await jobs.delete(id)
    await bridge.idle()
    await bridge.erase(`jobs/${id}`)
    expect(await bridge.deadLetters()).toEqual([])
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual([])
    expect(bridge.stats()).toMatchObject({ open: 0, dead: 0 })
    await bridge.close()
  })

  test('a review, a row that was set aside and a pair of it go too', async () => {
    const { jobs, bridge, system, replica } = await start(
      {},
      { ...jobMapping, match: [{ how: 'scored', fields: { site: 1 }, sure: 1, doubtful: 0.4 }] },
    )
    await bridge.pollNow()
    const { id } = await jobs.create({ title: CANARY, site: `${CANARY} north pole station` })
    await bridge.idle()
    await jobs.delete(id)
    await bridge.idle()
    const row = system.rows('cases')[0]!.id
    system.edit('cases', { id: row, deleted: false }, { Title: 7, Notes: CANARY })
    system.edit('cases', { id: row, deleted: true }, {})
    await bridge.pollNow()
    await bridge.idle()
    await bridge.erase(`jobs/${id}`)
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual([])
    await bridge.close()
  })
})

describe('B-162: erasing is refused, and says what to do', () => {
  test('of a record that lives, or that no mapping has', async () => {
    const { jobs, bridge } = await start()
    const { id } = await jobs.create({ title: 'a' })
    await bridge.idle()
    await expect(bridge.erase(`jobs/${id}`)).rejects.toMatchObject({
      code: 'cannot-erase',
      message: `cannot erase: jobs/${id} lives; delete it first, and wait until crm has deleted its row`,
    })
    await expect(bridge.erase('sites/1')).rejects.toThrow('no mapping of crm has sites/1')
    await bridge.close()
    await expect(bridge.erase(`jobs/${id}`)).rejects.toMatchObject({ code: 'closed' })
  })

  test('while its row lives: the deletion is on its way, was refused, or is not this side’s to make', async () => {
    const { jobs, bridge, system, replica, host, disk } = await start()
    const { id } = await jobs.create({ title: 'a' })
    await bridge.idle()
    await bridge.close()
    await jobs.delete(id)
    const row = system.rows('cases')[0]!.id
    const answers = {
      later: 'and its deletion is on its way; wait until it has ended',
      rejected: 'and its deletion was refused (it is invoiced); have it tried again, or delete it there',
    } as const
    for (const [kind, why] of Object.entries(answers)) {
      const answer = { kind: kind as keyof typeof answers, reason: 'it is invoiced', retryAfterMs: 60_000 }
      const adapter = { ...system.adapter(), delete: async () => answer }
      const answered = new Promise<void>((resolve) => {
        adapter.delete = async () => {
          resolve()
          return answer
        }
      })
      const again = await bridged({ replica, host, disk }, system, { adapter })
      await answered
      // A letter is dead at rest; what is tried later never rests.
      if (kind === 'rejected') await again.bridge.idle()
      await expect(again.bridge.erase(`jobs/${id}`)).rejects.toThrow(`cases ${row} lives in crm, ${why}`)
      await again.bridge.close()
      host.clock += 120_000
    }
    const inwards = await start({}, { ...jobMapping, direction: 'in' })
    inwards.system.edit('cases', {}, { Title: 'theirs' })
    await inwards.bridge.idle()
    const [theirs] = await inwards.jobs.all()
    await inwards.jobs.delete(theirs!.id)
    await inwards.bridge.idle()
    await expect(inwards.bridge.erase(`jobs/${theirs!.id}`)).rejects.toThrow(
      'lives in crm, and nothing is on its way to delete it: its mapping does not write; delete it there',
    )
    await inwards.bridge.close()
  })
})

describe('B-160: mappings that withhold more than before', () => {
  test('what the tables have of it is written again without it, at the start', async () => {
    const { jobs, bridge, system, replica, host, disk } = await start(
      {
        refuses: (_, { Title }) => (Title === 'bad' ? 'no' : undefined),
      },
      { ...jobMapping, fields: { ...jobMapping.fields, inside: 'Inside' } },
    )
    const { id } = await jobs.create({ title: 'a', inside: CANARY })
    await jobs.create({ title: 'bad', inside: CANARY }, { id: 'dead' })
    await bridge.idle()
    await bridge.close()
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual(['shadow', 'outbox', 'audit-values'])
    const never = { ...jobMapping, never: { record: ['inside'], row: ['Inside'] } }
    const again = await bridged({ replica, host, disk }, system, {
      mappings: [never],
      audit: { values: 'kept' },
    })
    expect(await tablesWith(replica, 'crm', [CANARY, 'a document of'])).toEqual([])
    await again.bridge.idle()
    expect(await again.bridge.deadLetters()).toHaveLength(1)
    expect((await again.bridge.audit.verify()).problem).toBeUndefined()
    // It goes on from there: both sides edit, and merge on the agreed state.
    await jobs.update(id, (draft) => void Object.assign(draft, { title: 'ours' }))
    await again.bridge.idle()
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { Site: 'SEA' })
    await again.bridge.idle()
    expect(await jobs.get(id)).toEqual({ id, title: 'ours', inside: CANARY, site: 'SEA' })
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual([])
    await again.bridge.close()
  })
})
