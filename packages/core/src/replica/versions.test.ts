import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { decodeEntry, encodeChanges, encodeEntry } from '../log/entry.ts'
import { type Collection, collection } from '../records/collection.ts'
import * as lens from '../records/lens.ts'
import type { Rule, RuleChange } from '../records/rule.ts'
import { counter, type JsonObject, keyed } from '../records/shape.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch } from '../store/port.ts'
import { newOrder, ofVersion } from './mixed-versions.test-support.ts'
import {
  type Opened,
  type OpenOptions,
  type Orders,
  open,
  openHub,
  pull,
  push,
} from './orders.test-support.ts'
import type { Records } from './records.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const ordersOf = (replica: Orders) => replica.workOrders as unknown as Records<JsonObject>

async function edge(version: Collection | number, options: OpenOptions = {}): Promise<Opened> {
  const of = typeof version === 'number' ? ofVersion(version) : version
  return open({ seed: 7, grant: {}, collection: of, ...options })
}

async function hub(version: Collection | number, options: OpenOptions = {}): Promise<Opened> {
  return openHub({ collection: typeof version === 'number' ? ofVersion(version) : version, ...options })
}

async function meet(at: Orders, ...edges: Orders[]): Promise<void> {
  for (const one of edges) expect(await push(one, at)).toEqual([])
  for (const one of edges) expect(await pull(at, one)).toEqual([])
}

/** `ana` has the older version of the two, `ben` the newer one; both have a record. */
async function mixed(
  hubVersion: number,
  [older, newer]: readonly [number, number] = [1, 2],
  rules: readonly Rule[] = [],
) {
  const office = await hub(hubVersion, { rules })
  const [ana, ben] = [await edge(older, { seed: 1 }), await edge(newer, { seed: 2 })]
  await ordersOf(ana.replica).create(newOrder[older]!, { id: '1' })
  await meet(office.replica, ana.replica, ben.replica)
  return {
    office: office.replica,
    events: office.events,
    ana: ordersOf(ana.replica),
    ben: ordersOf(ben.replica),
    meet: () => meet(office.replica, ana.replica, ben.replica),
  }
}

describe('M-9: a hub of an older version', () => {
  test('leaves what a newer one wrote: values, rows and whole records that its schema does not allow', async () => {
    const { office, events, ana, ben, meet } = await mixed(1, [1, 3])
    await ben.create(newOrder[3]!, { id: '2' })
    await ben.update('1', (draft) => {
      draft['status'] = 'waiting'
      draft['parts'] = [{ sku: 'a', count: 1, used: 2 }]
      draft['tech'] = ['ana', 'ben']
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
      draft['status'] = 'waiting'
      draft['parts'] = [{ sku: 'a', count: 1, used: 2 }]
    })
    await meet()
    await ana.update('1', (draft) => {
      draft['title'] = 'renamed'
      draft['parts'] = [{ sku: 'b', qty: 2 }, ...(draft['parts'] as JsonObject[])]
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
      draft['rows'] = [{ id: 'y', kind: 'a' }, ...(draft['rows'] as JsonObject[])]
    })
    await meet(office.replica, ana.replica, eve.replica)
    const kinds = async () =>
      ((await ordersOf(office.replica).get('1'))!['rows'] as JsonObject[]).map(({ kind }) => kind)
    expect(await kinds()).toEqual(['a', 'new'])
    await ordersOf(eve.replica).update('1', (draft) => {
      draft['rows'] = [
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
        draft['title'] = 'too long'
      })
      await meet(office.replica, ana.replica)
      expect(await ordersOf(office.replica).get('1')).toMatchObject({ title })
    }
  })

  test('runs its rules on what it sees, and they are told the version', async () => {
    const seen: RuleChange[] = []
    const look: Rule = {
      name: 'look',
      collection: 'work_orders',
      check: (change) => {
        seen.push(change)
        return change.after['title'] === 'bad' ? { reason: 'No.' } : undefined
      },
    }
    const { ana, ben, meet } = await mixed(1, [1, 3], [look])
    await ben.update('1', (draft) => {
      draft['summary'] = 'bad'
      draft['visits'] = 4
    })
    await meet()
    expect(seen.map(({ version, changed }) => [version, changed])).toContainEqual([3, ['/title', '/visits']])
    expect(await ben.get('1')).toMatchObject({ summary: 't', visits: 4 })
    expect(await ana.get('1')).toMatchObject({ title: 't' })
  })
})

describe('V-7: every version names fields in its own way', () => {
  test('in receipts', async () => {
    const noRush: Rule = {
      name: 'no-rush',
      collection: 'work_orders',
      check: ({ before, after }) =>
        before && (before['minutes'] !== after['minutes'] || before['place'] !== after['place'])
          ? { reason: 'No.' }
          : undefined,
    }
    const { office, ana, ben, meet } = await mixed(2, [1, 3], [noRush])
    await ana.update('1', (draft) => {
      draft['hours'] = 2
      draft['colour'] = 'blue'
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
      tx.receipt({
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
      draft['hours'] = 1
      draft['colour'] = 'blue'
      draft['tech'] = 'ana'
      draft['parts'] = [{ sku: 'a', qty: 1 }]
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
      draft['hours'] = 2
      draft['parts'] = [{ sku: 'a', qty: 2 }]
    })
    await ben.update('1', (draft) => {
      draft['minutes'] = 180
      draft['parts'] = [{ sku: 'a', count: 3 }]
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
      draft['status'] = 'paused'
    })
    await meet()
    await ana.update('1', (draft) => {
      draft['colour'] = 'blue'
    })
    expect(await ana.get('1')).toMatchObject({ status: 'paused', colour: 'blue' })
    await expect(
      ana.update('1', (draft) => {
        draft['status'] = 'resting'
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
      draft['rows'] = [{ id: 'y', kind: 'a' }, ...(draft['rows'] as JsonObject[])]
    })
    expect(await ordersOf(ana.replica).get('1')).toMatchObject({
      rows: [{ id: 'y' }, { id: 'x', kind: 'new' }],
    })
    await expect(
      ordersOf(ana.replica).update('1', (draft) => {
        draft['rows'] = [...(draft['rows'] as JsonObject[]), { id: 'z', kind: 'other' }]
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
      draft['hours'] = 2
    })
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
        tx.import('work_orders/1', {
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
        tx.import('work_orders/1', {
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
      tx.import('work_orders/1', { ...from, externalVersion: '1', fork: undefined, value }),
    )
    await replica.transact((tx) => tx.assign('work_orders/1', { ...value, summary: 'ours' }))
    const merged = await replica.transact((tx) =>
      tx.import('work_orders/1', {
        ...from,
        externalVersion: '2',
        fork: agreed,
        value: { ...value, minutes: 120 },
      }),
    )
    expect(merged.value).toMatchObject({ summary: 'ours', minutes: 120 })
  })
})

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
      draft['title'] = 'head'
      draft['minutes'] = 180
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

  test('page by page: a crash in the middle costs one page, and another version begins anew', async () => {
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
    const body = encodeChanges([Uint8Array.of(1, 2, 3)])
    const replaced = [
      { ...entry, bytes: encodeEntry({ ...decodeEntry(entry.bytes), body }), channels: ['site:SEA'] },
    ]
    await store.commit({ ...emptyBatch, replaced })
    await store.close()
    const { replica, events } = await edge(2, { disk, seed: 8 })
    expect(events.map(({ code, fields }) => [code, fields?.['record']])).toEqual([
      ['view-not-refreshed', 'work_orders/2'],
      ['views-refreshed', undefined],
    ])
    const shown = (await ordersOf(replica).all()).map((one) => [one.id, one['place'], one['site']])
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

test('V-13: two versions that make the same container at once share it', async () => {
  const { ana, ben, meet } = await mixed(1, [2, 3])
  await ana.update('1', (draft) => {
    draft['log'] = { a: 'second' }
    draft['parts'] = [{ sku: 'x', count: 1, note: 'ab' }]
  })
  await ben.update('1', (draft) => {
    draft['log'] = { b: 'third' }
    draft['parts'] = [{ sku: 'x', count: 1, note: 'cd', used: 3 }]
  })
  await meet()
  await meet()
  for (const one of [ana, ben]) {
    const order = (await one.get('1'))!
    expect(order['log']).toEqual({ a: 'second', b: 'third' })
    const [row] = order['parts'] as JsonObject[]
    expect(row).toMatchObject({ sku: 'x', used: 3 })
    expect([...(row!['note'] as string)].sort().join('')).toBe('abcd')
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
    draft['title'] = 'u'
  })
  expect(await ordersOf(ana.replica).get('1')).toMatchObject({ title: 'u', extra: { n: 1 } })
  await expect(
    ordersOf(ana.replica).update('1', (draft) => {
      draft['extra'] = { n: 2 }
    }),
  ).rejects.toThrow(/extra: the schema has no such field/)
})
