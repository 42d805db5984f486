import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { decodeEntry, encodeChanges, encodeEntry } from '../log/entry.ts'
import { type Collection, collection } from '../records/collection.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch, isDamaged } from '../store/port.ts'
import { newOrder } from './mixed-versions.test-support.ts'
import { open } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

import { edge, hub, meet, ordersOf } from './version-meetings.test-support.ts'

beforeAll(startEngine)

describe('V-9: views when a replica opens with another version', () => {
  test('are made anew, with their indexes, and back again; nothing is lost', async () => {
    const disk = new MemoryDisk()
    const first = await edge(1, { disk })
    for (let i = 0; i < 5; i++)
      await ordersOf(first.replica).create({ ...newOrder[1]!, title: `t${i}`, hours: i }, { id: `${i}` })
    await ordersOf(first.replica).delete('4')
    await first.replica.close()
    const third = await edge(3, { disk, seed: 8 })
    expect(third.events).toMatchObject([
      { code: 'views-refreshed', fields: { collection: 'work_orders', records: 5 } },
    ])
    expect(await ordersOf(third.replica).get('2')).toMatchObject({
      summary: 't2',
      minutes: 120,
      priority: 3,
      place: 'SEA',
    })
    expect(await ordersOf(third.replica).where({ place: 'SEA' }).count()).toBe(4)
    await ordersOf(third.replica).update('2', (draft) => {
      draft.title = 'head'
      draft.minutes = 180
    })
    await third.replica.close()
    const again = await edge(1, { disk, seed: 9 })
    expect(await ordersOf(again.replica).where({ site: 'SEA' }).count()).toBe(4)
    expect(await ordersOf(again.replica).get('2')).toMatchObject({
      title: 't2',
      hours: 3,
      colour: 'red',
      'title~3': 'head',
    })
    await again.replica.close()
    const same = await edge(1, { disk, seed: 10 })
    expect(same.events).toEqual([])
    await same.replica.close()
    const back = await edge(3, { disk, seed: 11 })
    expect(await ordersOf(back.replica).get('2')).toMatchObject({ title: 'head', minutes: 180 })
  })

  test('an index that is declared later is filled', async () => {
    const schema = z.object({ title: z.string(), site: z.string() })
    const of = (indexes: ('title' | 'site')[]) =>
      collection('work_orders', schema, { indexes }) as unknown as Collection
    const disk = new MemoryDisk()
    const first = await edge(of([]), { disk })
    await ordersOf(first.replica).create({ title: 't', site: 'SEA' }, { id: '1' })
    await first.replica.close()
    const second = await edge(of(['title']), { disk, seed: 8 })
    expect(await ordersOf(second.replica).where({ title: 't' }).count()).toBe(1)
  })

  test('a collection that a device learns of later shows what was kept of it unread', async () => {
    const disk = new MemoryDisk()
    const office = await hub(1)
    await ordersOf(office.replica).create(newOrder[1]!, { id: '1' })
    const other = collection('others', z.object({ title: z.string() })) as unknown as Collection
    const before = await edge(other, { disk })
    await meet(office.replica, before.replica)
    expect((await before.replica.stats()).records).toBe(1)
    await before.replica.close()
    const later = await edge(2, { disk, seed: 8 })
    expect(await ordersOf(later.replica).where({ place: 'SEA' }).all()).toMatchObject([
      { id: '1', priority: 3 },
    ])
  })

  test('fault P5: page by page: a crash in the middle costs one page, and another version begins anew', async () => {
    const disk = new MemoryDisk()
    const first = await edge(1, { disk })
    const ids = Array.from({ length: 210 }, (_, i) => String(i).padStart(3, '0'))
    await Promise.all(ids.map((id) => ordersOf(first.replica).create(newOrder[1]!, { id })))
    await first.replica.close()
    const crash = async (seed: number) => {
      let commits = 0
      const beforeCommit = () => {
        if (++commits === 2) throw new Error('power is gone')
      }
      await expect(edge(2, { disk, seed, beforeCommit })).rejects.toThrow('power is gone')
      disk.crash()
    }
    await crash(8)
    const back = await edge(1, { disk, seed: 9 })
    expect(back.events).toMatchObject([{ code: 'views-refreshed', fields: { records: 210 } }])
    expect((await ordersOf(back.replica).all()).some((one) => 'priority' in one)).toBe(false)
    await back.replica.close()
    await crash(10)
    const second = await edge(2, { disk, seed: 11 })
    expect(second.events).toMatchObject([{ code: 'views-refreshed', fields: { records: 10 } }])
    expect(await ordersOf(second.replica).where({ priority: 3 }).count()).toBe(210)
  })

  test('a document that cannot be loaded keeps its row, is reported, and holds nothing up', async () => {
    const disk = new MemoryDisk()
    const first = await edge(1, { disk })
    for (const id of ['1', '2', '3']) await ordersOf(first.replica).create(newOrder[1]!, { id })
    await first.replica.close()
    const store = memoryStore({ disk })
    await store.open('ab'.repeat(16))
    const entry = (await store.readRecord('work_orders/2')).at(-1)!
    if (isDamaged(entry)) throw new Error('nothing happened to this store')
    const body = encodeChanges([Uint8Array.of(1, 2, 3)])
    const replaced = [
      { ...entry, bytes: encodeEntry({ ...decodeEntry(entry.bytes), body }), channels: ['site:SEA'] },
    ]
    await store.commit({ ...emptyBatch, replaced })
    await store.close()
    const { replica, events } = await edge(2, { disk, seed: 8 })
    expect(events.map(({ code, fields }) => [code, fields?.record])).toEqual([
      ['trial-failed', 'work_orders/2'],
      ['record-quarantined', 'work_orders/2'],
      ['views-refreshed', undefined],
    ])
    const shown = (await ordersOf(replica).all()).map((one) => [one.id, one.place, one.site])
    expect(shown).toEqual([
      ['1', 'SEA', undefined],
      ['2', undefined, 'SEA'],
      ['3', 'SEA', undefined],
    ])
  })

  test('channels follow the version of the hub: marks are made, and devices give up what left', async () => {
    const schema = z.object({ site: z.string(), team: z.string() })
    const of = (version: number) =>
      collection('work_orders', schema, {
        version,
        migrations: version === 1 ? {} : { 2: [] },
        channels: ({ site, team }) => [`site:${version === 1 ? site : team}`],
      }) as unknown as Collection
    const disk = new MemoryDisk()
    const grants = { role: 'authority', read: ['*'], write: ['*'], subject: 'hub' } as const
    const office = await open({ seed: 99, disk, grant: grants, collection: of(1) })
    const ana = await edge(of(2), { seed: 1 })
    const ben = await edge(of(1), {
      seed: 2,
      grant: { subject: 'tech:ben', read: ['site:PDX'], write: ['site:PDX'] },
    })
    await ordersOf(office.replica).create({ site: 'SEA', team: 'PDX' }, { id: '1' })
    await ordersOf(office.replica).create({ site: 'SEA', team: 'SEA' }, { id: '2' })
    await meet(office.replica, ana.replica, ben.replica)
    // The device computes other channels than the hub; only the hub's word decides what it holds.
    expect(await ordersOf(ana.replica).get('1')).toBeDefined()
    expect(await ordersOf(ben.replica).all()).toEqual([])
    await office.replica.close()
    const later = await open({ seed: 100, disk, grant: grants, collection: of(2) })
    await meet(later.replica, ana.replica, ben.replica)
    expect(await ordersOf(ana.replica).get('1')).toBeUndefined()
    expect(await ordersOf(ana.replica).get('2')).toBeDefined()
    expect(await ordersOf(ben.replica).get('1')).toMatchObject({ team: 'PDX' })
  })

  test('a device that opens with another version gives nothing up by itself', async () => {
    const disk = new MemoryDisk()
    const office = await hub(2)
    const ana = await edge(2, { disk, seed: 1 })
    await ordersOf(office.replica).create(newOrder[2]!, { id: '1' })
    await meet(office.replica, ana.replica)
    await ana.replica.close()
    const nowhere = collection('work_orders', z.object({ title: z.string() }), { channels: () => [] })
    const later = await edge(nowhere as unknown as Collection, { disk, seed: 2 })
    expect(await ordersOf(later.replica).get('1')).toMatchObject({ title: 't' })
    await meet(office.replica, later.replica)
    expect(await ordersOf(later.replica).get('1')).toMatchObject({ title: 't' })
  })
})
