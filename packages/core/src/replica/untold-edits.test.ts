/** An edge cannot read back what it wrote itself and told nobody, and then the record goes. */
import { beforeAll, describe, expect, test } from 'vitest'
import { MemoryDisk } from '../store/memory-disk.ts'
import { isQuarantined, KEY, retitle, Space, seqsOf } from './damage.test-support.ts'
import { order } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

/** Of Ana's offline edits the one that is so many from the end cannot be read back; she is asked whether the record is saved. */
async function anaWithDamage({ edits, fromEnd }: { edits: number; fromEnd: number }) {
  const space = new Space()
  const disk = new MemoryDisk()
  const hub = await space.hub()
  const ana = await space.edge('ana', ['SEA'], {}, disk)
  await hub.workOrders.create(order, { id: '1' })
  await space.meet(hub, ana)
  await space.hangUp()
  for (let n = 0; n < edits; n++) await retitle(ana, `offline ${n}`)
  space.rotOf(disk).entries.add((await seqsOf(ana)).at(-fromEnd)!)
  const edge = await space.restarted(ana, disk, 'edge')
  await edge.entriesOf(KEY)
  expect(isQuarantined(edge)).toBe(true)
  const asked = edge.workOrders.saved('1', 'hub').then(
    () => 'saved',
    (error: { code: string }) => error.code,
  )
  const leaves = async () => {
    await hub.workOrders.update('1', (o) => {
      o.site = 'PDX'
    })
    await space.meet(hub, edge)
  }
  return { space, hub, edge, asked, leaves }
}

describe('DM-14: own edits of a damaged record that were told to nobody', () => {
  test.each([
    { edits: 1, fromEnd: 1, what: 'the edit itself' },
    { edits: 2, fromEnd: 2, what: 'what it builds on' },
  ])('are said to be lost when the record leaves: $what cannot be read', async ({ edits, fromEnd }) => {
    const { hub, edge, asked, leaves } = await anaWithDamage({ edits, fromEnd })
    await leaves()
    expect(await asked).toBe('edit-unreadable')
    expect(await edge.workOrders.get('1')).toBeUndefined()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: order.title })
    expect(await edge.aside()).toMatchObject([{ record: KEY, code: 'edit-unreadable', edits: [] }])
    const later = edge.workOrders.saved('1', 'hub', { timeoutMs: 1 })
    await expect(later).rejects.toMatchObject({
      code: 'edit-unreadable',
      message: expect.stringContaining('make them again'),
    })
  })

  test('are said to be lost when the hub buries the record', async () => {
    const { space, hub, edge, asked } = await anaWithDamage({ edits: 1, fromEnd: 1 })
    await hub.workOrders.delete('1')
    await hub.upkeep()
    space.world.clock.advance(100 * 86_400_000)
    await hub.upkeep()
    await space.meet(hub, edge)
    expect(await asked).toBe('edit-unreadable')
    expect(await edge.aside()).toMatchObject([{ record: KEY, code: 'edit-unreadable' }])
  })

  test('are none where the hub had answered them before: it goes without a word', async () => {
    const { edge, asked, leaves } = await anaWithDamage({ edits: 0, fromEnd: 1 })
    await leaves()
    expect(await asked).toBe('saved')
    expect(await edge.workOrders.get('1')).toBeUndefined()
    expect(await edge.aside()).toEqual([])
  })
})
