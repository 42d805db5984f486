import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type Collection, collection } from '../records/collection.ts'
import * as lens from '../records/lens.ts'
import type { Rule, RuleChange } from '../records/rule.ts'
import { type JsonObject, keyed } from '../records/shape.ts'
import { newOrder } from './mixed-versions.test-support.ts'
import { startEngine } from './replica.test-support.ts'

import { edge, hub, meet, mixed, ordersOf } from './version-meetings.test-support.ts'

beforeAll(startEngine)

describe('M-9: a hub of an older version', () => {
  test('leaves what a newer one wrote: values, rows and whole records that its schema does not allow', async () => {
    const { office, events, ana, ben, meet } = await mixed(1, [1, 3])
    await ben.create(newOrder[3]!, { id: '2' })
    await ben.update('1', (draft) => {
      draft.status = 'waiting'
      draft.parts = [{ sku: 'a', count: 1, used: 2 }]
      draft.tech = ['ana', 'ben']
    })
    await meet()
    expect(await ben.get('1')).toMatchObject({
      status: 'waiting',
      parts: [{ sku: 'a', count: 1, used: 2 }],
      tech: ['ana', 'ben'],
    })
    expect(await ana.get('2')).toMatchObject({ status: 'waiting', colour: 'none', title: 't', tech: 'ana' })
    expect(await ordersOf(office).receipts('1')).toEqual([])
    expect(events.filter(({ code }) => code === 'mended')).toEqual([])
  })

  test('does not take back what an older device wrote beside it', async () => {
    const { ana, ben, meet } = await mixed(1, [1, 3])
    await ben.update('1', (draft) => {
      draft.status = 'waiting'
      draft.parts = [{ sku: 'a', count: 1, used: 2 }]
    })
    await meet()
    await ana.update('1', (draft) => {
      draft.title = 'renamed'
      draft.parts = [{ sku: 'b', qty: 2 }, ...(draft.parts as JsonObject[])]
    })
    await meet()
    expect(await ben.get('1')).toMatchObject({
      summary: 'renamed',
      status: 'waiting',
      parts: [
        { sku: 'b', count: 2 },
        { sku: 'a', count: 1, used: 2 },
      ],
    })
    expect(await ana.receipts('1')).toEqual([])
  })

  test('does not take a field back for what stood in it before', async () => {
    const rows = (kind: z.ZodType, version: number) =>
      collection(
        'work_orders',
        z.object({ site: z.string(), rows: keyed('id', z.object({ id: z.string(), kind })).optional() }),
        { version, migrations: version === 1 ? {} : { 2: [] }, channels: ({ site }) => [`site:${site}`] },
      ) as unknown as Collection
    const [narrow, wide] = [rows(z.enum(['a', 'b']), 1), rows(z.string(), 2)]
    const office = await hub(narrow)
    const [ana, ben, eve] = [
      await edge(narrow, { seed: 1 }),
      await edge(wide, { seed: 2 }),
      await edge(rows(z.string(), 1), { seed: 3 }),
    ]
    await ordersOf(ben.replica).create({ site: 'SEA', rows: [{ id: 'x', kind: 'new' }] }, { id: '1' })
    await meet(office.replica, ben.replica, ana.replica, eve.replica)
    await ordersOf(ana.replica).update('1', (draft) => {
      draft.rows = [{ id: 'y', kind: 'a' }, ...(draft.rows as JsonObject[])]
    })
    await meet(office.replica, ana.replica, eve.replica)
    const kinds = async () =>
      ((await ordersOf(office.replica).get('1'))!.rows as JsonObject[]).map(({ kind }) => kind)
    expect(await kinds()).toEqual(['a', 'new'])
    await ordersOf(eve.replica).update('1', (draft) => {
      draft.rows = [
        { id: 'y', kind: 'wrong' },
        { id: 'x', kind: 'new' },
      ]
    })
    await meet(office.replica, eve.replica)
    expect(await kinds()).toEqual(['a', 'new'])
    expect(await ordersOf(office.replica).receipts('1')).toMatchObject([{ fields: ['/rows/y/kind'] }])
  })

  test('mends what an edit of its own version, or an older one, broke', async () => {
    const narrow = collection('work_orders', z.object({ title: z.string().max(3), site: z.string() }), {
      version: 2,
      migrations: { 2: [] },
      channels: ({ site }) => [`site:${site}`],
    }) as unknown as Collection
    const wide = (version: number) =>
      collection('work_orders', z.object({ title: z.string(), site: z.string() }), {
        version,
        migrations: Object.fromEntries(Array.from({ length: version - 1 }, (_, i) => [i + 2, []])),
        channels: ({ site }) => [`site:${site}`],
      }) as unknown as Collection
    for (const [version, title] of [
      [1, 't'],
      [2, 't'],
      [3, 'too long'],
    ] as const) {
      const office = await hub(narrow)
      const ana = await edge(wide(version))
      await ordersOf(ana.replica).create({ title: 't', site: 'SEA' }, { id: '1' })
      await meet(office.replica, ana.replica)
      await ordersOf(ana.replica).update('1', (draft) => {
        draft.title = 'too long'
      })
      await meet(office.replica, ana.replica)
      expect(await ordersOf(office.replica).get('1')).toMatchObject({ title })
    }
  })

  test('and one of a newer version: a new record of an older one stays, though it lacks what is asked now', async () => {
    const asking = (version: number) =>
      collection(
        'work_orders',
        z.object({
          site: z.string(),
          title: z.string().max(3).optional(),
          ...(version === 2 ? { reason: z.string() } : {}),
        }),
        {
          version,
          migrations: version === 1 ? {} : { 2: [lens.add('reason')] },
          channels: ({ site }) => [`site:${site as string}`],
        },
      ) as unknown as Collection
    const plain = collection('work_orders', z.object({ site: z.string(), title: z.string().optional() }), {
      channels: ({ site }) => [`site:${site}`],
    }) as unknown as Collection
    const office = await hub(asking(2))
    const ana = await edge(plain, { seed: 1 })
    await ordersOf(ana.replica).create({ site: 'SEA', title: 't' }, { id: '1' })
    await meet(office.replica, ana.replica)
    expect(await ordersOf(office.replica).get('1')).toEqual({ id: '1', site: 'SEA', title: 't' })
    expect(await ordersOf(ana.replica).receipts('1')).toEqual([])
    const same = await hub(asking(1))
    const ben = await edge(plain, { seed: 2 })
    await ordersOf(ben.replica).create({ site: 'SEA', title: 'too long' }, { id: '1' })
    await meet(same.replica, ben.replica)
    expect(await ordersOf(same.replica).get('1')).toEqual({ id: '1', site: 'SEA' })
  })

  test('runs its rules on what it sees, and they are told the version', async () => {
    const seen: RuleChange[] = []
    const look: Rule = {
      name: 'look',
      collection: 'work_orders',
      check: (change) => {
        seen.push(change)
        return change.after.title === 'bad' ? { reason: 'No.' } : undefined
      },
    }
    const { ana, ben, meet } = await mixed(1, [1, 3], [look])
    await ben.update('1', (draft) => {
      draft.summary = 'bad'
      draft.visits = 4
    })
    await meet()
    expect(seen.map(({ version, changed }) => [version, changed])).toContainEqual([3, ['/title', '/visits']])
    expect(await ben.get('1')).toMatchObject({ summary: 't', visits: 4 })
    expect(await ana.get('1')).toMatchObject({ title: 't' })
  })
})
