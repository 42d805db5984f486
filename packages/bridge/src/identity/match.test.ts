/** Rows and records that are both there before the bridge is: which are the same thing (SPEC B-125 to B-130). */
import {
  type Bridge,
  importedId,
  type MappingConfig,
  type MatchConfig,
  MemorySystem,
  type MemorySystemOptions,
} from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode, type TestNode } from '../../test/nodes.ts'
import { CANDIDATES_MAX } from '../limits.ts'

beforeAll(startEngine)

const byTitle: MatchConfig = { how: 'exact', fields: ['title'] }
const matching = (...match: MatchConfig[]): MappingConfig => ({ ...jobMapping, match })

interface There {
  node: TestNode
  system: MemorySystem
  bridge: Bridge
}

/** Records and rows that know nothing of each other, and then the bridge. */
async function meet(
  records: readonly JsonObject[],
  rows: readonly JsonObject[],
  mapping: MappingConfig,
  options: MemorySystemOptions = {},
): Promise<There & { rowIds: string[]; events: { code: string }[] }> {
  const node = await openNode()
  const system = new MemorySystem({ everyWriteCounts: true, ...options })
  for (const [i, record] of records.entries())
    await node.replica.jobs.create({ title: '', ...record } as never, { id: `job-${i}` })
  const rowIds = rows.map((row) => system.edit('cases', {}, row).id)
  const { bridge, events } = await bridged(node, system, { mappings: [mapping], reconcileIntervalMs: 0 })
  onTestFinished(() => bridge.close())
  await rest(bridge)
  return { node, system, bridge, rowIds, events }
}

async function rest(bridge: Bridge): Promise<void> {
  await bridge.pollNow()
  await bridge.idle()
}

async function sides({ node, system }: There): Promise<[records: string[], rows: string[]]> {
  const records = await node.replica.jobs.all()
  const rows = system.rows('cases').filter(({ deleted }) => !deleted)
  return [records.map(({ title }) => title).sort(), rows.map(({ value }) => String(value.Title)).sort()]
}

describe.each([{ namesPositions: false }, { namesPositions: true }])(
  'B-125 REC-3: first contact, $namesPositions',
  (options) => {
    test('what is equal is one thing, what has no other becomes one on the other side', async () => {
      const there = await meet(
        [{ title: 'same', site: 'ours' }, { title: 'only here' }],
        [{ Title: 'same', Status: 'open' }, { Title: 'only there' }],
        matching(byTitle),
        options,
      )
      const all = ['only here', 'only there', 'same']
      expect(await sides(there)).toEqual([all, all])
      expect(await there.node.replica.jobs.get('job-0')).toMatchObject({ site: 'ours', status: 'open' })
      expect(there.system.row('cases', there.rowIds[0]!)?.value).toMatchObject({
        Site: 'ours',
        Status: 'open',
      })
      expect(await there.bridge.pairs()).toEqual([])
      expect(await there.bridge.crossReference('jobs/job-0')).toMatchObject({ row: { id: there.rowIds[0] } })
    })

    test('without a rule they are two things', async () => {
      const there = await meet([{ title: 'same' }], [{ Title: 'same' }], jobMapping, options)
      expect((await sides(there))[0]).toEqual(['same', 'same'])
    })

    test('a record made after first contact is created at once', async () => {
      const there = await meet([], [{ Title: 'a' }], matching(byTitle), options)
      await there.node.replica.jobs.create({ title: 'b' })
      await there.bridge.idle()
      expect((await sides(there))[1]).toEqual(['a', 'b'])
    })

    test('nothing is created before everything there was seen', async () => {
      const node = await openNode()
      const system = new MemorySystem(options)
      for (let i = 0; i < 5; i++) system.edit('cases', {}, { Title: `row ${i}` })
      for (let i = 0; i < 5; i++) await node.replica.jobs.create({ title: `row ${4 - i}` })
      const held = new HeldAdapter({
        ...system.adapter(),
        list: (type, position, _, call) => system.adapter().list!(type, position, 2, call),
        changes: (type, position, _, call) => system.adapter().changes(type, position, 2, call),
      })
      const method = options.namesPositions ? 'list' : 'changes'
      const [first, second] = [held.hold(method, 'answer'), held.hold(method, 'answer')]
      const { bridge } = await bridged(node, system, { adapter: held.adapter, mappings: [matching(byTitle)] })
      await first.arrived
      first.release()
      await second.arrived
      expect(system.effects('cases')).toEqual([])
      second.release()
      await rest(bridge)
      expect(system.effects('cases')).toEqual([])
      expect(system.rows('cases')).toHaveLength(5)
      expect(await node.replica.jobs.all()).toHaveLength(5)
      await bridge.close()
    })
  },
)

describe('B-126 REC-5: rules', () => {
  test('the first rule that finds somebody decides', async () => {
    const there = await meet(
      [
        { title: 'ÅSE  LUND', site: 'x' },
        { title: 'other', site: 'here' },
      ],
      [{ Title: 'Ase Lund', Site: 'here' }],
      matching(byTitle, { how: 'normalised', fields: ['title'] }, { how: 'exact', fields: ['site'] }),
    )
    expect(await there.bridge.crossReference('jobs/job-0')).toMatchObject({ row: { id: there.rowIds[0] } })
    expect((await sides(there))[0]).toHaveLength(2)
  })

  test('two records that are equally good are a question', async () => {
    const there = await meet([{ title: 'a' }, { title: 'a' }], [{ Title: 'a' }], matching(byTitle))
    expect(await there.bridge.pairs()).toMatchObject([
      {
        row: { id: there.rowIds[0] },
        value: { title: 'a' },
        candidates: [
          { record: 'jobs/job-0', score: 1, how: 'exact' },
          { record: 'jobs/job-1', score: 1, how: 'exact' },
        ],
      },
    ])
    expect(there.events.map(({ code }) => code)).toContain('pair-in-doubt')
    expect(await sides(there)).toEqual([['a', 'a'], ['a']])
  })

  const scored: MatchConfig = { how: 'scored', fields: { title: 3, site: 1 }, sure: 0.9, doubtful: 0.5 }

  test.each([
    ['Pump house north', 'Bergen', 'sure'],
    ['Pump house nort', 'Bergen', 'sure'],
    ['Pump station north', 'Bergen', 'doubtful'],
    ['Pump house north', 'Oslo', 'doubtful'],
    ['Boiler room', 'Bergen', 'none'],
  ])('scored: %s in %s is %s', async (title, site, outcome) => {
    const there = await meet(
      [{ title: 'Pump house north', site: 'Bergen' }],
      [{ Title: title, Site: site }],
      matching(scored),
    )
    const reference = await there.bridge.crossReference('jobs/job-0')
    const pairs = await there.bridge.pairs()
    const found = pairs.length > 0 ? 'doubtful' : reference?.row?.id === there.rowIds[0] ? 'sure' : 'none'
    expect(found).toBe(outcome)
  })

  test('a word that more than CANDIDATES_MAX records share finds none of them', async () => {
    const records = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ title: `pump ${String(i).padStart(3, 'x')}` }))
    const likely: MatchConfig = { how: 'scored', fields: { title: 1 }, sure: 1, doubtful: 0.1 }
    const few = await meet(records(CANDIDATES_MAX), [{ Title: 'pump zzz' }], matching(likely))
    expect((await few.bridge.pairs())[0]?.candidates).toHaveLength(CANDIDATES_MAX)
    const many = await meet(records(CANDIDATES_MAX + 1), [{ Title: 'pump zzz' }], matching(likely))
    expect(await many.bridge.pairs()).toEqual([])
  })
})

describe('B-127 B-128 REC-4: a pair in doubt', () => {
  async function inDoubt(options: MemorySystemOptions = {}) {
    const there = await meet(
      [{ title: 'a', site: 'one' }, { title: 'a', site: 'two' }, { title: 'free' }],
      [{ Title: 'a', Status: 'open' }],
      matching(byTitle),
      options,
    )
    const [pair] = await there.bridge.pairs()
    return { ...there, pair: pair! }
  }

  test('neither is created while it is open, nothing else waits, and a restart changes nothing', async () => {
    const there = await inDoubt()
    expect(await sides(there)).toEqual([
      ['a', 'a', 'free'],
      ['a', 'free'],
    ])
    await there.node.replica.jobs.update('job-0', (draft) => {
      draft.notes = 'edited meanwhile'
    })
    await rest(there.bridge)
    await there.bridge.close()
    const { bridge } = await bridged(there.node, there.system, { mappings: [matching(byTitle)] })
    await rest(bridge)
    await bridge.reconcile()
    await bridge.idle()
    expect(await sides(there)).toEqual([
      ['a', 'a', 'free'],
      ['a', 'free'],
    ])
    expect(await bridge.pairs()).toHaveLength(1)
    await bridge.close()
  })

  test('same: they meet, and the other record goes its own way', async () => {
    const there = await inDoubt()
    await there.bridge.pair(there.pair, 'same', 'jobs/job-1')
    await there.bridge.idle()
    expect(await there.bridge.pairs()).toEqual([])
    expect(await there.bridge.crossReference('jobs/job-1')).toMatchObject({ row: { id: there.rowIds[0] } })
    expect(await there.node.replica.jobs.get('job-1')).toMatchObject({ site: 'two', status: 'open' })
    expect(await sides(there)).toEqual([
      ['a', 'a', 'free'],
      ['a', 'a', 'free'],
    ])
  })

  test('different: each becomes its own, and nobody asks again', async () => {
    const there = await inDoubt()
    await there.bridge.pair(there.pair, 'different')
    await there.bridge.idle()
    there.system.edit('cases', { id: there.rowIds[0]! }, { Status: 'done' })
    await rest(there.bridge)
    expect(await there.bridge.pairs()).toEqual([])
    expect(await sides(there)).toEqual([
      ['a', 'a', 'a', 'free'],
      ['a', 'a', 'a', 'free'],
    ])
  })

  test('different from one of them: the other is asked about, or is it', async () => {
    // The one that it is not has no row yet, and could be found again.
    const there = await inDoubt({ refuses: (_, { Site }) => (Site === 'one' ? 'not now' : undefined) })
    await there.bridge.pair(there.pair, 'different', 'jobs/job-0')
    await there.bridge.idle()
    expect(await there.bridge.pairs()).toEqual([])
    expect(await there.bridge.crossReference('jobs/job-1')).toMatchObject({ row: { id: there.rowIds[0] } })
    expect((await sides(there))[1]).toEqual(['a', 'free'])
    expect(await there.bridge.deadLetters()).toMatchObject([{ record: 'jobs/job-0' }])
  })

  test('an answer that fits no open pair is refused', async () => {
    const there = await inDoubt()
    await expect(there.bridge.pair(there.pair, 'same')).rejects.toThrow(
      'may be jobs/job-0, jobs/job-1: say which',
    )
    await expect(there.bridge.pair(there.pair, 'same', 'jobs/free')).rejects.toThrow(
      'was not compared with jobs/free',
    )
    const nobody = { type: 'cases', row: { id: 'CASES-9' } }
    await expect(there.bridge.pair(nobody, 'same')).rejects.toThrow('cases CASES-9 is in no open pair')
    expect(await there.bridge.pairs()).toHaveLength(1)
  })

  test('a change of the record that ends the doubt is enough', async () => {
    const there = await inDoubt()
    await there.node.replica.jobs.update('job-0', (draft) => {
      draft.title = 'somebody else'
    })
    await rest(there.bridge)
    expect(await there.bridge.pairs()).toEqual([])
    expect(await there.bridge.crossReference('jobs/job-1')).toMatchObject({ row: { id: there.rowIds[0] } })
    expect((await sides(there))[1]).toEqual(['a', 'free', 'somebody else'])
  })

  test('so is a change of the row, its deletion, or the deletion of the records', async () => {
    const changed = await inDoubt()
    changed.system.edit('cases', { id: changed.rowIds[0]! }, { Title: 'nobody' })
    await rest(changed.bridge)
    expect(await sides(changed)).toEqual([
      ['a', 'a', 'free', 'nobody'],
      ['a', 'a', 'free', 'nobody'],
    ])
    const gone = await inDoubt()
    gone.system.edit('cases', { id: gone.rowIds[0]!, deleted: true }, {})
    await rest(gone.bridge)
    expect(await sides(gone)).toEqual([
      ['a', 'a', 'free'],
      ['a', 'a', 'free'],
    ])
    const left = await inDoubt()
    for (const id of ['job-0', 'job-1']) await left.node.replica.jobs.delete(id)
    await rest(left.bridge)
    expect(await sides(left)).toEqual([
      ['a', 'free'],
      ['a', 'free'],
    ])
    for (const { bridge } of [changed, gone, left]) expect(await bridge.pairs()).toEqual([])
  })

  test('a row that ceases to be there unseen does not hold the records back for ever', async () => {
    const there = await meet(
      [{ title: 'a' }, { title: 'a' }],
      [{ Title: 'a' }, { Title: 'b' }],
      matching(byTitle),
      {
        deletions: 'unseen',
      },
    )
    there.system.edit('cases', { id: there.rowIds[0]!, deleted: true }, {})
    await rest(there.bridge)
    await there.bridge.reconcile()
    await there.bridge.idle()
    expect(await there.bridge.pairs()).toEqual([])
    expect((await sides(there))[1]).toEqual(['a', 'a', 'b'])
  })

  test('a row that is told while a call is making its record’s row waits for the fate of the call', async () => {
    const node = await openNode()
    const system = new MemorySystem({ everyWriteCounts: true })
    const held = new HeldAdapter(system.adapter())
    const { bridge } = await bridged(node, system, { adapter: held.adapter, mappings: [matching(byTitle)] })
    onTestFinished(() => bridge.close())
    await rest(bridge)
    const call = held.hold('upsert', 'request')
    await node.replica.jobs.create({ title: 'a' }, { id: 'job-0' })
    await call.arrived
    system.edit('cases', {}, { Title: 'a' })
    await bridge.pollNow()
    while (bridge.stats().hints > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(await node.replica.jobs.all()).toHaveLength(1)
    expect(await bridge.pairs()).toHaveLength(1)
    call.release({ kind: 'rejected', reason: 'there is one already' })
    await rest(bridge)
    expect(await bridge.pairs()).toEqual([])
    expect(await bridge.crossReference('jobs/job-0')).toMatchObject({ row: { id: 'CASES-1' } })
    expect(system.rows('cases')).toHaveLength(1)
  })
})

describe('B-129: an external id used twice', () => {
  test('is an error of that row alone; once it is mended the row comes in', async () => {
    const node = await openNode()
    const system = new MemorySystem({ everyWriteCounts: true })
    const { bridge, events } = await bridged(node, system)
    onTestFinished(() => bridge.close())
    await node.replica.jobs.create({ title: 'ours' }, { id: 'job-1' })
    await bridge.idle()
    const [row] = system.rows('cases')
    const twin = system.edit('cases', { externalId: row!.externalId! }, { Title: 'copied there' })
    system.edit('cases', {}, { Title: 'another' })
    await rest(bridge)
    expect(await node.replica.jobs.get('job-1')).toMatchObject({ title: 'ours' })
    expect((await sides({ node, system, bridge }))[0]).toEqual(['another', 'ours'])
    expect(events).toContainEqual(
      expect.objectContaining({
        code: 'row-set-aside',
        message: expect.stringContaining(`has the external id skerry:job-1 of cases ${row!.id}`),
      }),
    )
    // The record is written as before, to its own row.
    await node.replica.jobs.update('job-1', (draft) => {
      draft.title = 'ours, later'
    })
    await rest(bridge)
    expect(system.row('cases', row!.id)?.value.Title).toBe('ours, later')
    expect(system.row('cases', twin.id)?.value.Title).toBe('copied there')
    // The twin's end is not the record's, and no error either.
    const told = events.length
    system.edit('cases', { id: twin.id, deleted: true }, {})
    await rest(bridge)
    expect(await node.replica.jobs.get('job-1')).toMatchObject({ title: 'ours, later' })
    expect(events).toHaveLength(told)
  })

  test('a row that takes the place of one that is gone is the record’s', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system)
    onTestFinished(() => bridge.close())
    const first = system.edit('cases', { externalId: 'erp:7' }, { Title: 'a' })
    await rest(bridge)
    system.edit('cases', { id: first.id, deleted: true }, {})
    await rest(bridge)
    const second = system.edit('cases', { externalId: 'erp:7' }, { Title: 'made anew' })
    await rest(bridge)
    const id = importedId(node.host, 'memory', 'cases', first.id, 0)
    expect(await node.replica.jobs.all()).toMatchObject([{ id, title: 'made anew' }])
    expect(await bridge.crossReference(`jobs/${id}`)).toMatchObject({ row: { id: second.id } })
  })
})

describe('B-130 MAP-4: the cross-reference', () => {
  test('leads both ways, and is told whole in order', async () => {
    const there = await meet([{ title: 'b' }], [{ Title: 'a' }, { Title: 'c' }], matching(byTitle))
    const { bridge, node, system } = there
    const all = []
    for await (const reference of bridge.crossReferences()) all.push(reference)
    const rows = system.rows('cases')
    expect(all.map(({ row }) => row?.id)).toEqual(rows.map(({ id }) => id))
    for (const { record, row } of all) {
      expect(await bridge.crossReference(record)).toEqual(
        await bridge.crossReference({ type: 'cases', row: row!.id }),
      )
      expect(await node.replica.jobs.get(record.slice('jobs/'.length))).toMatchObject({
        title: system.row('cases', row!.id)?.value.Title,
      })
    }
    expect(all[2]).toMatchObject({
      system: 'memory',
      record: 'jobs/job-0',
      row: { externalId: 'skerry:job-0', deleted: false },
      merged: [],
    })
    expect(await bridge.crossReference('jobs/nobody')).toBeUndefined()
    expect(await bridge.crossReference({ type: 'cases', row: 'CASES-99' })).toBeUndefined()
  })
})
