/** A walk over everything there is, compared with what is here, and repaired (SPEC B-112, B-115 to B-124). */
import {
  type Adapter,
  BridgeError,
  importedId,
  type ListAnswer,
  MemorySystem,
  type MemorySystemOptions,
} from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode, type TestNode } from '../../test/nodes.ts'
import { ABSENT_FREE } from '../limits.ts'

beforeAll(startEngine)

type Options = NonNullable<Parameters<typeof bridged>[2]>

/** Pushes are lost, so that nothing but polls and walks finds anything. */
async function world(options: MemorySystemOptions = {}, given: (adapter: Adapter) => Options = () => ({})) {
  const node = await openNode()
  const system = new MemorySystem({ losesPush: () => true, everyWriteCounts: true, ...options })
  const { bridge, events } = await bridged(node, system, {
    reconcileIntervalMs: 0,
    ...given(system.adapter()),
  })
  onTestFinished(() => bridge.close())
  const titles = async () => (await node.replica.jobs.all()).map(({ title }) => title).sort()
  const make = (count: number) =>
    Array.from({ length: count }, (_, i) => system.edit('cases', {}, { Title: `row ${i}` }))
  const calls = (method: string) => system.ledger.filter((call) => call.method === method).length
  return { node, system, bridge, events, titles, make, calls }
}

/** Pages of the listing, of two rows each. */
function inPages(adapter: Adapter): Adapter {
  return { ...adapter, list: (type, position, _, call) => adapter.list!(type, position, 2, call) }
}

const idOf = (node: TestNode, row: string) => importedId(node.host, 'memory', 'cases', row, 0)

describe('B-117 CDC-10 REC-1: what differs', () => {
  test('is read and taken in; what does not is not even asked for', async () => {
    const { system, bridge, titles, make, calls } = await world()
    const rows = make(20)
    await bridge.pollNow()
    system.edit('cases', { id: rows[3]!.id }, { Title: 'changed there' })
    system.edit('cases', { id: rows[9]!.id }, { Unmapped: 'not ours' })
    system.edit('cases', {}, { Title: 'made there' })
    const [report] = await bridge.reconcile({ type: 'cases' })
    expect(calls('read')).toBe(3)
    expect(report).toMatchObject({
      cause: 'demand',
      dryRun: false,
      listed: 21,
      read: 3,
      calls: 4,
      rows: { made: 1, taken: 2, known: 18 },
      drift: [{ field: 'title', side: 'theirs', repair: 'taken', count: 1 }],
    })
    expect(await titles()).toContain('changed there')
    expect(await titles()).toContain('made there')
    expect(await bridge.reports()).toEqual([report])
    const before = system.ledger.length
    const [again] = await bridge.reconcile()
    expect(again).toMatchObject({ read: 0, calls: 1, rows: { known: 21 }, drift: [] })
    expect(system.ledger.length).toBe(before + 1)
  })

  test('many are read by one call where the system has such calls', async () => {
    let calls = 0
    const { system, bridge, make, node } = await world({}, (adapter) => ({
      adapter: {
        ...adapter,
        capabilities: { ...adapter.capabilities, batch: { writesMax: 1, readsMax: 4 } },
        readMany: (type, ids, call) => {
          calls += 1
          return Promise.all(ids.map((id) => adapter.read(type, { id }, call)))
        },
      },
    }))
    make(10)
    const [report] = await bridge.reconcile()
    expect([calls, report!.calls]).toEqual([3, 4])
    expect(await node.replica.jobs.all()).toHaveLength(10)
    expect(system.ledger.filter(({ method }) => method === 'changes')).toHaveLength(1)
  })

  test('both sides changed: the field’s rule decides, and the report says so', async () => {
    const { node, system, bridge, make } = await world({}, () => ({
      mappings: [
        {
          ...jobMapping,
          fields: { title: { field: 'Title', rule: 'this-side' }, site: 'Site', status: 'Status' },
        },
      ],
    }))
    const [row] = make(1)
    await bridge.pollNow()
    await bridge.idle()
    await bridge.close()
    system.edit('cases', { id: row!.id }, { Title: 'theirs', Status: 'done', Site: 'same' })
    await node.replica.jobs.update(idOf(node, row!.id), (draft) => {
      draft.title = 'ours'
      draft.site = 'same'
    })
    const { bridge: next } = await bridged(node, system, {
      mappings: [
        {
          ...jobMapping,
          fields: { title: { field: 'Title', rule: 'this-side' }, site: 'Site', status: 'Status' },
        },
      ],
      adapter: {
        ...system.adapter(),
        upsert: async () => ({ kind: 'unknown', reason: 'silence' }),
        changes: async () => ({ kind: 'page', rows: [], next: '0/9', complete: true }),
      },
    })
    const [plan] = await next.reconcile({ dryRun: true })
    expect(plan?.drift).toEqual([
      { field: 'title', side: 'both', repair: 'decided', count: 1 },
      { field: 'site', side: 'both', repair: 'equal', count: 1 },
      { field: 'status', side: 'theirs', repair: 'taken', count: 1 },
    ])
    await next.close()
  })

  test('a row that was set aside is tried again', async () => {
    const { node, system, bridge } = await world()
    const { id } = system.edit('cases', {}, { Title: 'a', Status: 'unheard of' })
    await bridge.pollNow()
    expect(await node.replica.jobs.all()).toEqual([])
    await bridge.close()
    const lenient = { ...jobMapping, fields: { title: 'Title' } }
    const { bridge: next } = await bridged(node, system, { mappings: [lenient] })
    const [report] = await next.reconcile()
    await next.idle()
    expect(await node.replica.jobs.all()).toMatchObject([{ id: idOf(node, id), title: 'a' }])
    expect(report!.listed).toBe(1)
    await next.close()
  })

  test('a row that is nobody’s here is read once, and again when it changes', async () => {
    const mapping = { ...jobMapping, filter: { in: ({ value }: { value: object }) => 'Mine' in value } }
    const { system, bridge, calls, titles } = await world({}, () => ({ mappings: [mapping] }))
    const { id } = system.edit('cases', {}, { Title: 'a' })
    for (let i = 0; i < 3; i++) await bridge.reconcile()
    expect(calls('read')).toBe(1)
    system.edit('cases', { id }, { Mine: true })
    await bridge.reconcile()
    expect(await titles()).toEqual(['a'])
  })

  test('B-26 a listing that lags is read, not believed', async () => {
    const { node, system, bridge } = await world({ lags: true })
    const { id } = await node.replica.jobs.create({ title: 'ours' })
    await bridge.idle()
    system.index()
    await node.replica.jobs.update(id, (draft) => {
      draft.title = 'later'
    })
    await bridge.idle()
    await bridge.reconcile()
    await bridge.idle()
    expect(await node.replica.jobs.get(id)).toMatchObject({ title: 'later' })
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['later'])
  })
})

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

describe('B-121 RES-5: what should be written and stands in no outbox', () => {
  test('stands there again, and is counted by field', async () => {
    const { node, system, bridge, make } = await world()
    const [row] = make(1)
    await bridge.pollNow()
    await bridge.idle()
    await bridge.close()
    await node.replica.jobs.update(idOf(node, row!.id), (draft) => {
      draft.title = 'ours'
    })
    await node.replica.jobs.create({ title: 'new' })
    // The tables were lost between following the log and writing.
    await node.replica.transact(async (transaction) => {
      node.replica.follower('bridge:memory').advance(transaction, node.replica.head)
    })
    const { bridge: next } = await bridged(node, system)
    await next.idle()
    expect(system.effects('cases')).toEqual([])
    const [plan] = await next.reconcile({ dryRun: true })
    expect(plan?.records).toEqual({ looked: 2, written: 2 })
    await next.idle()
    expect(system.effects('cases')).toEqual([])
    const [report] = await next.reconcile()
    expect(report).toMatchObject({
      records: { looked: 2, written: 2 },
      drift: [{ field: 'title', side: 'ours', repair: 'written', count: 2 }],
    })
    await next.idle()
    expect(
      system
        .rows('cases')
        .map(({ value }) => value.Title)
        .sort(),
    ).toEqual(['new', 'ours'])
    await next.close()
  })
})

describe('B-122', () => {
  test('each call is asked for first, and a walk that may not goes on later', async () => {
    const asked: [number, string][] = []
    let left = 0
    const { node, bridge, make, titles } = await world({}, (adapter) => ({
      adapter: inPages(adapter),
      concurrency: 3,
      walkBudget: {
        allow: (units, tier) => {
          asked.push([units, tier])
          if (left <= 0) {
            left = 4
            return 60_000
          }
          left -= units
          return 0
        },
      },
    }))
    make(9)
    const before = node.host.clock
    const [report] = await bridge.reconcile()
    expect(await titles()).toHaveLength(9)
    expect(asked.every(([, tier]) => tier === 'analytical')).toBe(true)
    expect(node.host.clock - before).toBeGreaterThanOrEqual(120_000)
    expect(report?.rows.made).toBe(9)
  })
})

describe('B-123: a dry run', () => {
  test('says what a walk would do, and leaves no trace', async () => {
    const { node, system, bridge, make, titles, events } = await world({ deletions: 'unseen' })
    const rows = make(5)
    await bridge.pollNow()
    await bridge.idle()
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    system.edit('cases', { id: rows[1]!.id }, { Title: 'theirs' })
    system.edit('cases', {}, { Title: 'new' })
    system.edit('cases', {}, { Title: 'odd', Status: 'unheard of' })
    const tables = async () =>
      (await node.replica.tableRows('bridge/memory/shadow', { limit: 100 })).map(({ key, value }) => [
        key,
        value,
      ])
    const [before, head] = [await tables(), node.replica.head]
    const [plan] = await bridge.reconcile({ dryRun: true })
    expect([await tables(), node.replica.head]).toEqual([before, head])
    expect(await titles()).toEqual(['row 0', 'row 1', 'row 2', 'row 3', 'row 4'])
    expect(events).toEqual([])
    expect(await bridge.reports()).toEqual([])
    const [report] = await bridge.reconcile()
    const { startedAt: _, endedAt: __, dryRun: ___, ...done } = report!
    expect(plan).toMatchObject(done)
    expect(plan?.dryRun).toBe(true)
    expect(report).toMatchObject({ rows: { made: 1, taken: 1, unread: 1 }, absent: { deleted: 1 } })
  })

  test('ends with the reason when the system would not list', async () => {
    const { bridge } = await world({}, (adapter) => ({
      adapter: { ...adapter, list: async () => ({ kind: 'unauthorized', reason: 'who are you' }) },
    }))
    await expect(bridge.reconcile({ dryRun: true })).rejects.toThrow('who are you')
  })
})

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

describe('B-115', () => {
  test('a walk is made when it is time, and a failed one is gone on with', async () => {
    let failures = 3
    const { node, bridge, make, titles, events } = await world({}, (adapter) => ({
      reconcileIntervalMs: 86_400_000,
      adapter: {
        ...adapter,
        list: async (...given) =>
          failures-- > 0 ? { kind: 'later', reason: 'busy' } : adapter.list!(...given),
      },
    }))
    make(2)
    while ((await bridge.reports()).length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(events.filter(({ code }) => code === 'walk-halted')).toHaveLength(3)
    expect(await titles()).toHaveLength(2)
    const first = (await bridge.reports())[0]!
    expect(first.cause).toBe('schedule')
    while ((await bridge.reports())[0]!.startedAt === first.startedAt)
      await new Promise((resolve) => setImmediate(resolve))
    const second = (await bridge.reports())[0]!
    expect(second.startedAt - first.endedAt).toBeGreaterThanOrEqual(86_400_000)
    expect(node.host.clock).toBeGreaterThan(86_400_000)
  })

  test('asked for while one is under way, another follows', async () => {
    const held: { adapter?: HeldAdapter } = {}
    const { system, bridge, make, titles } = await world({}, (adapter) => {
      held.adapter = new HeldAdapter(inPages(adapter))
      return { adapter: held.adapter.adapter }
    })
    const rows = make(4)
    await bridge.pollNow()
    const listing = held.adapter!.hold('list', 'answer')
    const first = bridge.reconcile()
    await listing.arrived
    // The page that has it was listed already.
    system.edit('cases', { id: rows[0]!.id }, { Title: 'too late for the first' })
    const second = bridge.reconcile()
    listing.release()
    const reports = [(await first)[0]!, (await second)[0]!]
    expect(reports.map(({ rows: { taken } }) => taken)).toEqual([0, 1])
    expect(await titles()).toContain('too late for the first')
  })

  test('what cannot be walked is said', async () => {
    const { bridge } = await world()
    await expect(bridge.reconcile({ type: 'invoices' })).rejects.toThrow(
      /no mapping .* 'invoices'; it has cases/,
    )
    const blind = await world({}, ({ list: _, ...adapter }) => ({ adapter }))
    await expect(blind.bridge.reconcile()).rejects.toThrow(BridgeError)
    await expect(blind.bridge.reconcile()).rejects.toThrow('cannot list')
  })

  test('closed before its end, whoever waits hears it, and the walk goes on at the next start', async () => {
    const held: { adapter?: HeldAdapter } = {}
    const { node, system, bridge, make } = await world({}, (adapter) => {
      held.adapter = new HeldAdapter(inPages(adapter))
      return { adapter: held.adapter.adapter }
    })
    make(5)
    const listing = held.adapter!.hold('list', 'answer')
    const walk = bridge.reconcile()
    const heard = expect(walk).rejects.toThrow('goes on when it starts again')
    await listing.arrived
    const closed = bridge.close()
    listing.release({ kind: 'unknown', reason: 'closed' })
    await closed
    await heard
    const { bridge: next } = await bridged(node, system)
    await next.idle()
    expect((await next.reports())[0]).toMatchObject({ listed: 5, cause: 'demand' })
    await next.close()
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
