/** What a walk does not find: deletions that nobody told of (SPEC B-119, B-120). */
import type { ListAnswer, MemorySystemOptions } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged } from '../../test/nodes.ts'
import { idOf, inPages, world } from '../../test/walked.ts'
import { ABSENT_FREE } from '../limits.ts'

beforeAll(startEngine)

describe('B-119 CDC-8 REC-1: a deletion nobody told of', () => {
  const unseen: MemorySystemOptions = { deletions: 'unseen' }

  test('is found by its absence, and deletes the record; the rest stays', async () => {
    const { system, bridge, titles, make } = await world(unseen)
    const rows = make(3)
    await bridge.pollNow()
    system.edit('cases', { id: rows[1]!.id, deleted: true }, {})
    await bridge.pollNow()
    await bridge.idle()
    expect(await titles()).toHaveLength(3)
    const [report] = await bridge.reconcile()
    expect(report?.absent).toEqual({ found: 1, deleted: 1, unproved: 0 })
    expect(await titles()).toEqual(['row 0', 'row 2'])
    expect((await bridge.reconcile())[0]?.absent.found).toBe(0)
    expect(system.effects('cases')).toEqual([])
  })

  test('a listing that does not prove, deletes nothing', async () => {
    const { system, bridge, titles, make } = await world(unseen, (adapter) => ({
      adapter: {
        ...adapter,
        list: async (...given) => ({ ...(await adapter.list!(...given)), proves: false }) as ListAnswer,
      },
    }))
    const rows = make(3)
    await bridge.pollNow()
    system.edit('cases', { id: rows[1]!.id, deleted: true }, {})
    const [report] = await bridge.reconcile()
    expect(report?.absent).toEqual({ found: 0, deleted: 0, unproved: 0 })
    expect(await titles()).toHaveLength(3)
  })

  test('one page in the middle that does not prove is enough', async () => {
    let page = 0
    const { system, bridge, titles, make } = await world(unseen, (adapter) => ({
      adapter: {
        ...adapter,
        list: async (...given) => {
          const answer = await inPages(adapter).list!(...given)
          page += 1
          return answer.kind === 'page' ? { ...answer, proves: page !== 2 } : answer
        },
      },
    }))
    const rows = make(6)
    await bridge.pollNow()
    system.edit('cases', { id: rows[1]!.id, deleted: true }, {})
    await bridge.reconcile()
    expect(await titles()).toHaveLength(6)
    await bridge.reconcile()
    expect(await titles()).toHaveLength(5)
  })

  test('a listing that is cut off, and says that it is whole, is not believed: each row is asked for', async () => {
    let isCut = true
    const { system, bridge, titles, make } = await world(unseen, (adapter) => ({
      adapter: {
        ...adapter,
        list: async (...given) => {
          const answer = await inPages(adapter).list!(...given)
          return answer.kind === 'page' && isCut ? { ...answer, complete: true } : answer
        },
      },
    }))
    const rows = make(6)
    await bridge.pollNow()
    system.edit('cases', { id: rows[5]!.id, deleted: true }, {})
    const [report] = await bridge.reconcile()
    expect(report?.absent).toEqual({ found: 4, deleted: 1, unproved: 3 })
    expect(await titles()).toHaveLength(5)
    isCut = false
    expect((await bridge.reconcile())[0]?.absent.found).toBe(0)
  })

  test('a row made after the walk began is younger than the listing, though the system does not find it yet', async () => {
    const late = new Set<string>()
    const held: { adapter?: HeldAdapter } = {}
    const { node, system, bridge, titles, make } = await world(unseen, (adapter) => {
      held.adapter = new HeldAdapter({
        ...adapter,
        // A copy that lags behind what was just written.
        read: async (type, key, call) =>
          'id' in key && late.has(key.id) ? { kind: 'absent' } : adapter.read(type, key, call),
      })
      return { adapter: { ...held.adapter.adapter, list: held.adapter.adapter.list! } }
    })
    make(2)
    await bridge.pollNow()
    const listing = held.adapter!.hold('list', 'answer')
    const walk = bridge.reconcile()
    await listing.arrived
    const { id } = await node.replica.jobs.create({ title: 'ours' })
    while (system.rows('cases').length < 3) await new Promise((resolve) => setImmediate(resolve))
    late.add(system.rows('cases')[2]!.id)
    await node.replica.jobs.saved(id, 'memory')
    listing.release()
    const [report] = await walk
    expect(report?.absent).toEqual({ found: 1, deleted: 0, unproved: 1 })
    expect(await titles()).toEqual(['ours', 'row 0', 'row 1'])
  })

  test('a row whose call is under way is not deleted', async () => {
    const held: { adapter?: HeldAdapter } = {}
    const { node, system, bridge, titles, make } = await world(
      { ...unseen, compareAndSet: true },
      (adapter) => {
        held.adapter = new HeldAdapter(adapter)
        return { adapter: held.adapter.adapter }
      },
    )
    const rows = make(2)
    await bridge.pollNow()
    await bridge.idle()
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    const call = held.adapter!.hold('upsert', 'request')
    await node.replica.jobs.update(idOf(node, rows[0]!.id), (draft) => {
      draft.title = 'edited'
    })
    await call.arrived
    const [report] = await bridge.reconcile()
    expect(report?.absent).toEqual({ found: 1, deleted: 0, unproved: 1 })
    expect(await titles()).toEqual(['edited', 'row 1'])
    call.release()
    await bridge.idle()
  })

  test('B-33 what was edited here since lives, and so does the row again', async () => {
    const { node, system, bridge, make, titles } = await world(unseen, (adapter) => ({
      adapter: { ...adapter, upsert: (...given) => adapter.upsert(...given) },
    }))
    const [row] = make(1)
    await bridge.pollNow()
    await bridge.close()
    system.edit('cases', { id: row!.id, deleted: true }, {})
    await node.replica.jobs.update(idOf(node, row!.id), (draft) => {
      draft.title = 'still needed'
    })
    const { bridge: next } = await bridged(node, system)
    await next.idle()
    await next.reconcile()
    await next.idle()
    expect(await titles()).toEqual(['still needed'])
    expect(system.row('cases', row!.id)).toMatchObject({ deleted: false, value: { Title: 'still needed' } })
    await next.close()
  })

  test('a system that keeps tombstones tells of them by the listing, whatever was polled', async () => {
    const { system, bridge, titles, make } = await world()
    const rows = make(2)
    await bridge.pollNow()
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    const [report] = await bridge.reconcile()
    expect(report?.absent.found).toBe(0)
    expect(await titles()).toEqual(['row 1'])
  })
})

describe('B-120', () => {
  async function missing(count: number, left: number) {
    const made = await world({ deletions: 'unseen' })
    const rows = made.make(count + left)
    await made.bridge.pollNow()
    for (const { id } of rows.slice(0, count)) made.system.edit('cases', { id, deleted: true }, {})
    return made
  }

  test('more missing rows than there are, and more than ABSENT_FREE, are not deleted until somebody says so', async () => {
    const { bridge, events, titles } = await missing(ABSENT_FREE + 1, ABSENT_FREE)
    const [report] = await bridge.reconcile()
    expect(report?.absent).toEqual({ found: ABSENT_FREE + 1, deleted: 0, unproved: ABSENT_FREE + 1 })
    expect(events).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'deletions-doubtful',
        fields: { type: 'cases', missing: ABSENT_FREE + 1 },
      }),
    )
    expect(await titles()).toHaveLength(2 * ABSENT_FREE + 1)
    const [accepted] = await bridge.reconcile({ acceptDeletions: true })
    expect(accepted?.absent).toMatchObject({ deleted: ABSENT_FREE + 1 })
    expect(await titles()).toHaveLength(ABSENT_FREE)
  })

  test.each([
    [ABSENT_FREE, 0],
    [ABSENT_FREE + 1, ABSENT_FREE + 1],
  ])('%i missing of which %i are left are', async (count, left) => {
    const { bridge, titles } = await missing(count, left)
    expect((await bridge.reconcile())[0]?.absent.deleted).toBe(count)
    expect(await titles()).toHaveLength(left)
  })
})
