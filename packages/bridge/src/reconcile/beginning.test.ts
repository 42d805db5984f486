/** Walks from a beginning: after a lost position, and the first import (SPEC B-112, B-124). */
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, openNode } from '../../test/nodes.ts'
import { inPages, world } from '../../test/walked.ts'

beforeAll(startEngine)

describe('B-112 CDC-1: a lost position', () => {
  test('is compared, not imported again, and deletions that were never told are found', async () => {
    const { system, bridge, node, make, titles, events, calls } = await world({
      namesPositions: true,
      deletions: 'unseen',
    })
    const rows = make(30)
    await bridge.pollNow()
    await bridge.idle()
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    system.edit('cases', { id: rows[1]!.id }, { Title: 'changed meanwhile' })
    system.expirePositions()
    const before = { reads: calls('read'), head: node.replica.head }
    await bridge.pollNow()
    await bridge.idle()
    expect(events.map(({ code }) => code)).toEqual(['walked', 'position-expired', 'walked'])
    expect(calls('read') - before.reads).toBe(2)
    expect((await titles()).filter((title) => title === 'changed meanwhile')).toHaveLength(1)
    expect(await titles()).toHaveLength(29)
    expect((await bridge.reports())[0]).toMatchObject({ cause: 'lost', rows: { known: 28 } })
    system.edit('cases', { id: rows[2]!.id }, { Title: 'told from the new position on' })
    await bridge.pollNow()
    expect(await titles()).toContain('told from the new position on')
  })

  test('a position that is expired as soon as it is named is a poll that failed, and is named anew by the next one', async () => {
    let named = 0
    const { bridge, make, titles, events } = await world({ namesPositions: true }, (adapter) => ({
      adapter: {
        ...adapter,
        latest: async (...given) =>
          ++named < 3 ? { kind: 'position', position: 'unknown' } : adapter.latest!(...given),
      },
    }))
    make(2)
    while (named < 3) await bridge.pollNow()
    await bridge.idle()
    expect(events.filter(({ code }) => code === 'poll-failed')).toHaveLength(2)
    expect(await titles()).toEqual(['row 0', 'row 1'])
  })

  test('where no position can be named, changes are listed anew and deletions are found by the walk', async () => {
    const { system, bridge, make, titles, events } = await world({ deletions: 'unseen' })
    const rows = make(3)
    await bridge.pollNow()
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    system.expirePositions()
    await bridge.pollNow()
    await bridge.idle()
    expect(events.map(({ code }) => code)).toEqual(['position-expired', 'walked'])
    expect(await titles()).toEqual(['row 1', 'row 2'])
  })
})

describe('B-124 CDC-11: the first import', () => {
  test('is a walk beside live changes, and nothing is told twice or lost', async () => {
    const held: { adapter?: HeldAdapter } = {}
    const { system, bridge, make, titles, calls, node } = await world({ namesPositions: true }, (adapter) => {
      held.adapter = new HeldAdapter(inPages(adapter))
      return { adapter: held.adapter.adapter }
    })
    await bridge.idle()
    expect((await bridge.reports())[0]).toMatchObject({ cause: 'first', listed: 0 })
    await bridge.close()
    const rows = make(7)
    const fresh = await openNode({ seed: 3 })
    held.adapter = new HeldAdapter(inPages(system.adapter()))
    const { bridge: next } = await bridged(fresh, system, { adapter: held.adapter.adapter })
    onTestFinished(() => next.close())
    const page = held.adapter.hold('list', 'answer')
    await page.arrived
    system.edit('cases', { id: rows[0]!.id }, { Title: 'changed during the walk' })
    system.edit('cases', {}, { Title: 'made during the walk' })
    await next.pollNow()
    const shown = (await fresh.replica.jobs.all()).map(({ title }) => title).sort()
    expect(shown).toEqual(['changed during the walk', 'made during the walk'])
    page.release()
    await next.idle()
    const all = (await fresh.replica.jobs.all()).map(({ title }) => title).sort()
    expect(all).toEqual([
      'changed during the walk',
      'made during the walk',
      ...[1, 2, 3, 4, 5, 6].map((i) => `row ${i}`),
    ])
    expect((await next.reports())[0]).toMatchObject({ cause: 'first' })
    expect(system.effects('cases')).toEqual([])
    expect([await titles(), calls('upsert'), node.replica.head]).toEqual([[], 0, 0])
  })
})
