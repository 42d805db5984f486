import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type Collection, collection } from '../records/collection.ts'
import * as lens from '../records/lens.ts'
import type { Rule } from '../records/rule.ts'
import { counter, type JsonObject, keyed } from '../records/shape.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { addReceipt, importRow } from './import-row.ts'
import { newOrder } from './mixed-versions.test-support.ts'
import { pull, push } from './orders.test-support.ts'
import type { Records } from './records.ts'
import { startEngine } from './replica.test-support.ts'

import { edge, hub, meet, mixed, ordersOf } from './version-meetings.test-support.ts'

beforeAll(startEngine)

describe('V-7: every version names fields in its own way', () => {
  test('in receipts', async () => {
    const noRush: Rule = {
      name: 'no-rush',
      collection: 'work_orders',
      check: ({ before, after }) =>
        before && (before.minutes !== after.minutes || before.place !== after.place)
          ? { reason: 'No.' }
          : undefined,
    }
    const { office, ana, ben, meet } = await mixed(2, [1, 3], [noRush])
    await ana.update('1', (draft) => {
      draft.hours = 2
      draft.colour = 'blue'
    })
    await meet()
    const fieldsOf = async (records: Records<JsonObject>) => {
      const [{ fields, values } = {} as never] = await records.receipts('1')
      return { fields, values }
    }
    const colour = { was: 'blue', became: 'red' }
    expect(await fieldsOf(ana)).toEqual({
      fields: ['/colour', '/hours'],
      values: { '/colour': colour, '/hours': { was: 2, became: null } },
    })
    expect(await fieldsOf(ordersOf(office))).toEqual({
      fields: ['/colour', '/minutes'],
      values: { '/colour': colour, '/minutes': { was: 120, became: null } },
    })
    expect(await fieldsOf(ben)).toEqual({
      fields: ['/minutes'],
      values: { '/minutes': { was: 120, became: null } },
    })
  })

  test('in receipts that a node gives by its own names', async () => {
    const { office, ana, ben, meet } = await mixed(3, [1, 2])
    await office.transact((tx) =>
      addReceipt(tx, {
        record: 'work_orders/1',
        place: 'hub',
        outcome: 'saved',
        seqs: {},
        fields: ['/summary', '/minutes', '/parts/a/count'],
        values: { '/summary': { was: 'a', became: 'b' }, '/minutes': { was: 60, became: 0 } },
        at: 1,
      }),
    )
    await meet()
    expect(await ana.receipts('1')).toMatchObject([
      { fields: ['/title', '/hours', '/parts/a/count'], values: { '/title': { was: 'a', became: 'b' } } },
    ])
    expect((await ben.receipts('1'))[0]?.values).toEqual({ '/title': { was: 'a', became: 'b' } })
  })

  test('in the history and in concurrent values', async () => {
    const { ana, ben, meet } = await mixed(1, [1, 3])
    await ana.update('1', (draft) => {
      draft.hours = 1
      draft.colour = 'blue'
      draft.tech = 'ana'
      draft.parts = [{ sku: 'a', qty: 1 }]
    })
    await meet()
    const fields = async (records: Records<JsonObject>) =>
      (await records.history('1'))
        .at(-1)!
        .fields.map((path) => path.join('/'))
        .sort()
    expect(await fields(ana)).toEqual(['colour', 'hours', 'parts/a/qty', 'parts/a/sku', 'tech'])
    expect(await fields(ben)).toEqual(['minutes', 'parts/a/count', 'parts/a/sku', 'tech'])
    await ana.update('1', (draft) => {
      draft.hours = 2
      draft.parts = [{ sku: 'a', qty: 2 }]
    })
    await ben.update('1', (draft) => {
      draft.minutes = 180
      draft.parts = [{ sku: 'a', count: 3 }]
    })
    await meet()
    const values = async (records: Records<JsonObject>) =>
      Object.fromEntries(
        (await records.concurrent('1')).map(({ path, values }) => [
          path.join('/'),
          values.map(({ value }) => value as number).sort(),
        ]),
      )
    expect(await values(ana)).toEqual({ hours: [2, 3], 'parts/a/qty': [2, 3] })
    expect(await values(ben)).toEqual({ minutes: [120, 180], 'parts/a/count': [2, 3] })
  })
})

describe('V-11: an edit beside what does not fit', () => {
  test('goes through; what the edit itself does is weighed', async () => {
    const { ana, ben, meet } = await mixed(2, [1, 2])
    await ben.update('1', (draft) => {
      draft.status = 'paused'
    })
    await meet()
    await ana.update('1', (draft) => {
      draft.colour = 'blue'
    })
    expect(await ana.get('1')).toMatchObject({ status: 'paused', colour: 'blue' })
    await expect(
      ana.update('1', (draft) => {
        draft.status = 'resting'
      }),
    ).rejects.toThrow(/\/status/)
    await expect(ana.create({ ...newOrder[1]!, status: 'paused' })).rejects.toThrow(/\/status/)
  })

  test('rows are known by their keys, wherever they stand', async () => {
    const rows = (kind: z.ZodType) =>
      collection(
        'work_orders',
        z.object({ site: z.string(), rows: keyed('id', z.object({ id: z.string(), kind })) }),
        {
          channels: ({ site }) => [`site:${site}`],
        },
      ) as unknown as Collection
    const office = await hub(rows(z.string()))
    const ana = await edge(rows(z.enum(['a'])), { seed: 1 })
    await ordersOf(office.replica).create({ site: 'SEA', rows: [{ id: 'x', kind: 'new' }] }, { id: '1' })
    await meet(office.replica, ana.replica)
    await ordersOf(ana.replica).update('1', (draft) => {
      draft.rows = [{ id: 'y', kind: 'a' }, ...(draft.rows as JsonObject[])]
    })
    expect(await ordersOf(ana.replica).get('1')).toMatchObject({
      rows: [{ id: 'y' }, { id: 'x', kind: 'new' }],
    })
    await expect(
      ordersOf(ana.replica).update('1', (draft) => {
        draft.rows = [...(draft.rows as JsonObject[]), { id: 'z', kind: 'other' }]
      }),
    ).rejects.toThrow(/\/rows\/2\/kind/)
  })

  test('so does an edit that was set aside, when it is made again', async () => {
    const office = await hub(2)
    const disk = new MemoryDisk()
    const ana = await edge(1, { disk, grant: { write: [] } })
    const ben = await edge(2, { seed: 2 })
    await ordersOf(ben.replica).create(newOrder[2]!, { id: '1' })
    await meet(office.replica, ben.replica)
    await pull(office.replica, ana.replica)
    await ordersOf(ana.replica).update('1', (draft) => {
      draft.hours = 2
    })
    expect(await push(ana.replica, office.replica)).toMatchObject([{ code: 'read-only' }])
    const [first] = await ana.replica.aside()
    await ana.replica.reapply(first!.key)
    expect(await ordersOf(ana.replica).get('1')).toMatchObject({ hours: 2, status: 'paused' })
    expect(await push(ana.replica, office.replica)).toMatchObject([{ code: 'read-only' }])
    await ana.replica.close()
    // The app was updated meanwhile: the edit says the same to the newer version.
    const later = await edge(2, { disk, seed: 3 })
    const [aside] = await later.replica.aside()
    expect(await ordersOf(later.replica).get('1')).not.toHaveProperty('minutes')
    await later.replica.reapply(aside!.key)
    expect(await ordersOf(later.replica).get('1')).toMatchObject({ minutes: 120, status: 'paused' })
  })
})

describe('V-12: the version of an edit', () => {
  test('imports of two versions have actors of their own, and one version makes the same bytes twice', async () => {
    const importing = async (version: number, seed: number) => {
      const { replica } = await hub(version, { seed })
      await replica.transact((tx) =>
        importRow(tx, 'work_orders/1', {
          system: 'crm',
          externalId: 'x',
          externalVersion: '1',
          fork: undefined,
          value: newOrder[version]!,
        }),
      )
      return (await replica.entriesOf('work_orders/1')).map(({ bytes }) => bytes.length > 0 && bytes)
    }
    const actorsOf = async (version: number, seed: number) => {
      const { replica } = await hub(version, { seed })
      await importing(version, seed + 50)
      await replica.transact((tx) =>
        importRow(tx, 'work_orders/1', {
          system: 'crm',
          externalId: 'x',
          externalVersion: '1',
          fork: undefined,
          value: newOrder[version]!,
        }),
      )
      return (await ordersOf(replica).history('1')).map(({ actor, hash }) => ({ actor, hash }))
    }
    const [second, again, third] = [await actorsOf(2, 11), await actorsOf(2, 12), await actorsOf(3, 13)]
    expect(second).toEqual(again)
    expect(second[0]!.actor).not.toBe(third[0]!.actor)
  })

  test('a transaction assigns, and a bridge imports on a fork, in the names of this version', async () => {
    const { replica } = await hub(3)
    const from = { system: 'crm', externalId: 'x' }
    const value = { ...newOrder[3]!, minutes: 60 }
    const { agreed } = await replica.transact((tx) =>
      importRow(tx, 'work_orders/1', { ...from, externalVersion: '1', fork: undefined, value }),
    )
    await replica.transact((tx) => tx.assign('work_orders/1', { ...value, summary: 'ours' }))
    const merged = await replica.transact((tx) =>
      importRow(tx, 'work_orders/1', {
        ...from,
        externalVersion: '2',
        fork: agreed,
        value: { ...value, minutes: 120 },
      }),
    )
    expect(merged.value).toMatchObject({ summary: 'ours', minutes: 120 })
  })
})

test('V-13: two versions that make the same container at once share it', async () => {
  const { ana, ben, meet } = await mixed(1, [2, 3])
  await ana.update('1', (draft) => {
    draft.log = { a: 'second' }
    draft.parts = [{ sku: 'x', count: 1, note: 'ab' }]
  })
  await ben.update('1', (draft) => {
    draft.log = { b: 'third' }
    draft.parts = [{ sku: 'x', count: 1, note: 'cd', used: 3 }]
  })
  await meet()
  await meet()
  for (const one of [ana, ben]) {
    const order = (await one.get('1'))!
    expect(order.log).toEqual({ a: 'second', b: 'third' })
    const [row] = order.parts as JsonObject[]
    expect(row).toMatchObject({ sku: 'x', used: 3 })
    expect([...(row!.note as string)].sort().join('')).toBe('abcd')
  }
})

test('R-24: what no lens of this version names is shown, kept, and not to be written', async () => {
  const grown = collection(
    'work_orders',
    z.object({ title: z.string(), site: z.string(), extra: z.object({ n: counter() }).optional() }),
    { version: 2, migrations: { 2: [lens.add('extra')] }, channels: ({ site }) => [`site:${site}`] },
  ) as unknown as Collection
  const plain = collection('work_orders', z.object({ title: z.string(), site: z.string() }), {
    channels: ({ site }) => [`site:${site}`],
  }) as unknown as Collection
  const office = await hub(plain)
  const [ana, ben] = [await edge(plain, { seed: 1 }), await edge(grown, { seed: 2 })]
  await ordersOf(ben.replica).create({ title: 't', site: 'SEA', extra: { n: 1 } }, { id: '1' })
  await meet(office.replica, ben.replica, ana.replica)
  await ordersOf(ana.replica).update('1', (draft) => {
    draft.title = 'u'
  })
  expect(await ordersOf(ana.replica).get('1')).toMatchObject({ title: 'u', extra: { n: 1 } })
  await expect(
    ordersOf(ana.replica).update('1', (draft) => {
      draft.extra = { n: 2 }
    }),
  ).rejects.toThrow(/extra: the schema has no such field/)
})
