/** Two records that are the same thing become one, with their rows (SPEC B-131 to B-134). */
import { type Bridge, type MappingConfig, MemorySystem, type MergeConfig } from '@skerry/bridge'
import { MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode, testHost } from '../../test/nodes.ts'
import { Power } from '../../test/power.ts'
import { type Side, survive } from './survive.ts'

beforeAll(startEngine)

describe('B-132 REC-3: what survives', () => {
  const side = (record: string, value: Side['value'], given: Partial<Side> = {}): Side => ({
    record,
    value,
    hasRow: false,
    changedAt: () => undefined,
    ...given,
  })
  const titles = (
    ours: string | undefined,
    theirs: string | undefined,
    config: MergeConfig,
    given: Partial<Side>[] = [],
  ) =>
    survive(
      side('a', ours === undefined ? {} : { title: ours }, given[0]),
      side('b', theirs === undefined ? {} : { title: theirs }, given[1]),
      config,
    ).title

  test('by default the survivor’s, unless it has none', () => {
    expect(titles('ours', 'theirs', {})).toBe('ours')
    expect(titles('', 'theirs', {})).toBe('theirs')
    expect(titles(undefined, 'theirs', {})).toBe('theirs')
    expect(titles('ours', undefined, {})).toBe('ours')
    expect(survive(side('a', { tags: [] }), side('b', { tags: ['x'] }), {})).toEqual({ tags: ['x'] })
    expect(survive(side('a', { note: null }), side('b', {}), {})).toEqual({ note: null })
  })

  test('the most recent, the longest, that side; ties go to the survivor', () => {
    const at = (ours: number | undefined, theirs: number | undefined) =>
      titles('ours', 'theirs', { fields: { title: 'most-recent' } }, [
        { changedAt: () => ours },
        { changedAt: () => theirs },
      ])
    expect([
      at(1, 2),
      at(2, 1),
      at(1, 1),
      at(undefined, 1),
      at(1, undefined),
      at(undefined, undefined),
    ]).toEqual(['theirs', 'ours', 'ours', 'theirs', 'ours', 'ours'])
    const longest = { fields: { title: 'longest' } } as const
    expect([
      titles('aa', 'aaa', longest),
      titles('aaa', 'aaa!'.slice(0, 3), longest),
      titles('', 'a', longest),
    ]).toEqual(['aaa', 'aaa', 'a'])
    const there = (ours: boolean, theirs: boolean) =>
      titles('ours', 'theirs', { fields: { title: 'that-side' } }, [{ hasRow: ours }, { hasRow: theirs }])
    expect([there(false, true), there(true, false), there(true, true), there(false, false)]).toEqual([
      'theirs',
      'ours',
      'ours',
      'ours',
    ])
  })

  test('a function sees both sides, and may drop the field', () => {
    const both = titles('ours', 'theirs', {
      fields: { title: (sides) => sides.map(({ record, value }) => `${record}:${value}`).join() },
    })
    expect(both).toBe('a:ours,b:theirs')
    expect(titles('ours', 'theirs', { fields: { title: () => undefined } })).toBeUndefined()
  })
})

async function twins(merge: MergeConfig = {}, given: { rows?: 'both' | 'survivor' | 'other' | 'none' } = {}) {
  const { rows = 'both' } = given
  const node = await openNode()
  const isWritten = ({ title }: { title?: unknown }) =>
    rows === 'both' ||
    (rows === 'survivor' && title === 'survivor') ||
    (rows === 'other' && title === 'other')
  let isOpen = false
  const system = new MemorySystem({ everyWriteCounts: true, now: () => node.host.clock })
  const mapping: MappingConfig = {
    ...jobMapping,
    merge,
    filter: { out: (record) => isOpen || isWritten(record) },
  }
  const held = new HeldAdapter(system.adapter())
  const { bridge } = await bridged(node, system, { mappings: [mapping], adapter: held.adapter })
  onTestFinished(() => bridge.close())
  await node.replica.jobs.create({ title: 'survivor', site: 'S' }, { id: 'a' })
  await node.replica.jobs.create(
    { title: 'other', status: 'open', notes: 'kept', inside: 'unmapped' },
    { id: 'b' },
  )
  await bridge.idle()
  isOpen = true
  const alive = () => system.rows('cases').filter(({ deleted }) => !deleted)
  return { node, system, bridge, alive, held, jobs: node.replica.jobs }
}

const asked = { survivor: 'jobs/a', other: 'jobs/b' }

describe('B-131 B-133 REC-3: two records become one', () => {
  test('the survivor has what survives, the other and its row are gone, and the answer says so', async () => {
    const { bridge, jobs, system, alive } = await twins()
    const golden = { title: 'survivor', site: 'S', status: 'open', notes: 'kept', inside: 'unmapped' }
    expect(await bridge.merge(asked)).toEqual({ survivor: 'jobs/a', other: 'jobs/b', value: golden })
    await bridge.idle()
    expect(await jobs.all()).toEqual([{ id: 'a', ...golden }])
    expect(alive().map(({ value }) => value)).toEqual([
      { Title: 'survivor', Site: 'S', Status: 'open', Notes: 'kept' },
    ])
    expect(system.rows('cases')).toHaveLength(2)
    expect(await bridge.crossReference('jobs/b')).toMatchObject({
      mergedInto: 'jobs/a',
      row: { deleted: true },
    })
    expect(await bridge.crossReference('jobs/a')).toMatchObject({ merged: ['jobs/b'] })
    await bridge.pollNow()
    await bridge.idle()
    expect(await jobs.all()).toHaveLength(1)
  })

  test('rows are named as well as records, and the newest that they say is weighed', async () => {
    const { bridge, system, jobs, alive, node } = await twins({ fields: { title: 'most-recent' } })
    const [survivor, other] = system.rows('cases').map(({ id }) => ({ type: 'cases', row: id }))
    node.host.clock += 60_000
    system.edit('cases', { id: other!.row }, { Title: 'newest' })
    await bridge.merge({ survivor: survivor!, other: other! })
    await bridge.idle()
    expect(await jobs.all()).toMatchObject([{ id: 'a', title: 'newest' }])
    expect(alive().map(({ value }) => value.Title)).toEqual(['newest'])
  })

  test('where the mapping says how, the other one is marked and stays', async () => {
    const { bridge, jobs, alive } = await twins({ other: { mark: { status: 'done', notes: 'duplicate' } } })
    await bridge.merge(asked)
    await bridge.idle()
    expect(await jobs.get('b')).toMatchObject({ title: 'other', status: 'done', notes: 'duplicate' })
    expect(alive().map(({ value: { Title, Status, Notes } }) => [Title, Status, Notes])).toEqual([
      ['survivor', 'open', 'kept'],
      ['other', 'done', 'duplicate'],
    ])
  })

  test('a row that only the other has is the survivor’s from then on', async () => {
    const { bridge, jobs, system, alive } = await twins({}, { rows: 'other' })
    const [row] = alive()
    await bridge.merge(asked)
    await bridge.idle()
    expect(await jobs.all()).toMatchObject([{ id: 'a', title: 'survivor' }])
    expect(alive()).toMatchObject([
      { id: row!.id, value: { Title: 'survivor', Site: 'S', Status: 'open', Notes: 'kept' } },
    ])
    expect(system.effects('cases').map(({ method }) => method)).toEqual(['upsert', 'upsert'])
    system.edit('cases', { id: row!.id }, { Title: 'from there' })
    await bridge.pollNow()
    await bridge.idle()
    expect(await jobs.get('a')).toMatchObject({ title: 'from there' })
    expect(await bridge.crossReference({ type: 'cases', row: row!.id })).toMatchObject({ record: 'jobs/a' })
  })

  test('a row that only the survivor has stays, and without rows one is made', async () => {
    for (const rows of ['survivor', 'none'] as const) {
      const { bridge, jobs, system, alive } = await twins({ other: { mark: { status: 'done' } } }, { rows })
      await bridge.merge(asked)
      await bridge.idle()
      expect((await jobs.all()).map(({ id }) => id)).toEqual(['a'])
      expect(alive().map(({ value: { Title, Notes } }) => [Title, Notes])).toEqual([['survivor', 'kept']])
      expect(system.rows('cases')).toHaveLength(1)
    }
  })

  test('what refers to the other is repointed in the same append', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system, {
      repoint: async (transaction, { from, to }) => {
        const { value } = await transaction.record('jobs/child')
        if (value?.site === from) await transaction.assign('jobs/child', { ...value, site: to })
      },
    })
    onTestFinished(() => bridge.close())
    const { jobs } = node.replica
    for (const id of ['a', 'b']) await jobs.create({ title: id }, { id })
    await jobs.create({ title: 'child', site: 'jobs/b' }, { id: 'child' })
    await bridge.idle()
    await bridge.merge(asked)
    await bridge.idle()
    expect(await jobs.get('child')).toMatchObject({ site: 'jobs/a' })
    expect(system.rows('cases')[2]).toMatchObject({ value: { Site: 'jobs/a' } })
  })
})

describe('B-134', () => {
  test('receipts say on each of them what became of it', async () => {
    const { bridge, jobs } = await twins({ fields: { title: 'longest' } })
    await jobs.update('b', (draft) => {
      draft.title = 'a longer title'
    })
    await bridge.idle()
    await bridge.merge(asked)
    await bridge.idle()
    const overruled = async (id: string) =>
      (await jobs.receipts(id)).filter(({ outcome }) => outcome === 'overruled')
    expect(await overruled('a')).toMatchObject([
      {
        rule: 'merge',
        fields: expect.arrayContaining(['/title', '/status']),
        values: { '/title': { was: 'survivor', became: 'a longer title' } },
      },
    ])
    expect(await overruled('b')).toMatchObject([
      { rule: 'merge', reason: expect.stringContaining('merged into'), values: { '': { became: null } } },
    ])
  })

  test('again is nothing, and the same answer', async () => {
    const { bridge, system, node } = await twins()
    const first = await bridge.merge(asked)
    await bridge.idle()
    const [head, calls] = [node.replica.head, system.ledger.length]
    expect(await bridge.merge(asked)).toEqual(first)
    await bridge.idle()
    expect([node.replica.head, system.ledger.length]).toEqual([head, calls])
  })

  test('the power goes at every await there is: one thing in the end, and nothing lost', async () => {
    const live = async (cutAt: number) => {
      const [disk, host] = [new MemoryDisk(), testHost(cutAt + 1)]
      const system = new MemorySystem({ everyWriteCounts: true })
      const day = async (power: Power) => {
        const node = await openNode({ disk, host, store: (of) => power.store(of) })
        const { bridge } = await bridged(node, system, { adapter: power.adapter(system.adapter()) })
        const { jobs } = node.replica
        if (!(await bridge.crossReference('jobs/b'))?.mergedInto) {
          for (const [id, site] of [
            ['a', undefined],
            ['b', 'B'],
          ] as const)
            if (!(await jobs.get(id))) await jobs.create({ title: id, ...(site && { site }) }, { id })
          await bridge.idle()
        }
        await bridge.merge(asked)
        await bridge.idle()
        await bridge.close()
        return jobs.all()
      }
      const power = new Power(cutAt, () => {
        disk.crash()
        host.dead = true
      })
      const lived = day(power).catch((error: unknown) => {
        if (!power.isOff) throw error
      })
      await Promise.race([lived, power.gone])
      const { points } = power
      if (power.isOff) {
        host.dead = false
        expect(await day(new Power(0, () => undefined))).toEqual([{ id: 'a', title: 'a', site: 'B' }])
      }
      expect(
        system
          .rows('cases')
          .filter(({ deleted }) => !deleted)
          .map(({ value }) => value),
      ).toEqual([{ Title: 'a', Site: 'B' }])
      return points
    }
    const points = await live(0)
    expect(points).toBeGreaterThan(15)
    for (let cutAt = 1; cutAt <= points; cutAt++)
      await live(cutAt).catch((cause: unknown) => {
        throw new Error(`cut ${cutAt}: ${String(cause)}`, { cause })
      })
  })
})

describe('B-131: what cannot be merged is said', () => {
  async function refused(bridge: Bridge, survivor: string, other: string): Promise<string> {
    return bridge.merge({ survivor, other }).then(
      () => 'merged',
      (error: Error & { code: string }) => `${error.code}: ${error.message}`,
    )
  }

  test('one record, two collections, nobody, somebody who went elsewhere', async () => {
    const { bridge, jobs } = await twins()
    await jobs.create({ title: 'c' }, { id: 'c' })
    await bridge.idle()
    expect(await refused(bridge, 'jobs/a', 'jobs/a')).toContain('is one record already')
    expect(await refused(bridge, 'tasks/a', 'jobs/b')).toContain('no mapping of memory has tasks/a')
    expect(await refused(bridge, 'jobs/a', 'jobs/z')).toContain('there is no jobs/z here')
    await expect(
      bridge.merge({ survivor: 'jobs/a', other: { type: 'cases', row: 'CASES-9' } }),
    ).rejects.toThrow('the row of no record here')
    await bridge.merge(asked)
    expect(await refused(bridge, 'jobs/c', 'jobs/b')).toContain('was merged into jobs/a already')
  })

  test('EVT-12: what would not fit the schema, a rule that throws, a row that cannot be read: nothing is changed', async () => {
    const odd = await twins({ fields: { status: () => 'unheard of' } })
    expect(await refused(odd.bridge, 'jobs/a', 'jobs/b')).toContain('does not fit jobs: /status')
    const throwing = await twins({
      fields: {
        status: () => {
          throw new Error('no idea')
        },
      },
    })
    expect(await refused(throwing.bridge, 'jobs/a', 'jobs/b')).toContain('a rule of merge failed: no idea')
    const silent = await twins()
    const read = silent.held.hold('read', 'answer')
    const answer = refused(silent.bridge, 'jobs/a', 'jobs/b')
    await read.arrived
    read.release({ kind: 'unknown', reason: 'silence' })
    expect(await answer).toContain('could not be read: silence')
    for (const { jobs, bridge, alive } of [odd, throwing, silent]) {
      expect((await jobs.all()).map(({ title }) => title)).toEqual(['survivor', 'other'])
      expect((await bridge.crossReference('jobs/b'))?.mergedInto).toBeUndefined()
      expect(alive()).toHaveLength(2)
    }
  })

  test('a call of unknown fate comes first', async () => {
    const { bridge, jobs, held } = await twins()
    const call = held.hold('upsert', 'answer')
    await jobs.update('b', (draft) => {
      draft.title = 'on its way'
    })
    await call.arrived
    const merging = refused(bridge, 'jobs/a', 'jobs/b')
    const again = held.hold('upsert', 'answer')
    call.release({ kind: 'unknown', reason: 'lost', retryAfterMs: 1 })
    expect(await merging).toContain('a call of jobs/b is under way')
    await again.arrived
    again.release()
    await bridge.idle()
    await bridge.merge(asked)
    expect(await jobs.all()).toHaveLength(1)
  })
})
