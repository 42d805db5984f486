import { MemorySystem } from '@skerry/bridge'
import { nodeHost, startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridged, jobMapping, openNode, type TestNode } from '../../test/nodes.ts'
import { Shared } from '../bridge-life.ts'
import { Gate } from '../gate.ts'
import { SEEN_ROWS_MAX } from '../limits.ts'
import { makeMappings } from '../mapping.ts'
import { OutboxIndex } from '../outbox-index.ts'
import { unlimited } from './budget.ts'
import { findMissing } from './missing.ts'
import { hashOf, isAmong, keptNotes, partOf, passingNotes, type WalkNotes } from './notes.ts'
import { dueWalk } from './walk.ts'
import { WalkRun } from './walk-run.ts'

beforeAll(startEngine)

const host = nodeHost()

function sharedOf(node: TestNode, system: MemorySystem): Shared {
  const mappings = makeMappings([jobMapping], node.replica.collections)
  return new Shared({
    context: { system: 'memory', host: node.host, mappings, report: () => undefined },
    replica: node.replica,
    adapter: system.adapter(),
    gate: new Gate(node.host, 1),
    index: new OutboxIndex(node.host),
    signal: new AbortController().signal,
    changed: () => undefined,
    reconcileIsDue: () => undefined,
  })
}

async function allOf(notes: WalkNotes, parts: number): Promise<number[]> {
  const all: number[] = []
  for (let part = 0; part < parts; part++) all.push(...(await partOf(notes, part, parts)))
  return all
}

describe('B-118', () => {
  test('hashes are whole numbers of 53 bits, others under another salt', () => {
    const hashes = Array.from({ length: 1_000 }, (_, i) => hashOf(host, 7, `CASES-${i}`))
    expect(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true)
    expect(new Set(hashes).size).toBe(1_000)
    expect(Math.max(...hashes)).toBeGreaterThan(2 ** 52)
    expect(hashOf(host, 8, 'CASES-0')).not.toBe(hashes[0])
  })

  test.each(['kept', 'passing'])(
    '%s notes: parts are ascending, disjoint and whole; a page that is kept twice counts once',
    async (kind) => {
      const node = await openNode()
      const shared = sharedOf(node, new MemorySystem())
      const notes = kind === 'kept' ? keptNotes(shared, 'cases') : passingNotes()
      const hashes = Array.from({ length: 5_000 }, (_, i) => hashOf(host, 7, `CASES-${i}`))
      for (const twice of [0, 1])
        await shared.transact(async (tables) => {
          for (let page = 0; page < 5; page++)
            notes.keepPage(tables, page, Float64Array.from(hashes.slice(page * 1_000, (page + 1) * 1_000)))
          notes.keepMissing(tables, `row ${twice}`)
        })
      for (const parts of [1, 3])
        expect((await allOf(notes, parts)).sort((a, b) => a - b)).toEqual(hashes.toSorted((a, b) => a - b))
      const part = await partOf(notes, 1, 3)
      expect(part.toSorted()).toEqual(part)
      expect(hashes.filter((hash) => isAmong(part, hash))).toHaveLength(part.length)
      expect([isAmong(part, -1), isAmong(part, 2 ** 53), isAmong(new Float64Array(), 0)]).toEqual([
        false,
        false,
        false,
      ])
      expect((await notes.missing(1)).length).toBe(1)
      await shared.transact(async (tables) => notes.dropMissing(tables, 'row 0'))
      expect(await notes.missing(10)).toEqual(['row 1'])
      await notes.clear()
      expect([await allOf(notes, 1), await notes.missing(10)]).toEqual([[], []])
    },
  )

  test.each([SEEN_ROWS_MAX, SEEN_ROWS_MAX + 1])(
    'of %i listed rows those that are missing are found',
    async (listed) => {
      const node = await openNode()
      const system = new MemorySystem()
      const rows = Array.from({ length: 20 }, (_, i) => system.edit('cases', {}, { Title: `row ${i}` }).id)
      const { bridge } = await bridged(node, system)
      await bridge.pollNow()
      await bridge.close()
      const shared = sharedOf(node, system)
      const walk = { ...dueWalk('cases', 'demand', false), startedAt: 7 }
      // As if so many rows had been listed: then they are compared in more than one pass.
      walk.report.listed = listed
      const run = new WalkRun(shared, shared.context.mappings[0]!, walk, unlimited)
      const seen = rows.filter((_, i) => i % 4 !== 0)
      await shared.transact(async (tables) =>
        run.notes.keepPage(
          tables,
          0,
          Float64Array.from(seen, (id) => hashOf(node.host, 7, id)),
        ),
      )
      await findMissing(run)
      expect(await run.notes.missing(100)).toEqual(rows.filter((_, i) => i % 4 === 0).sort())
      expect(walk).toMatchObject({
        phase: 'absences',
        part: listed > SEEN_ROWS_MAX ? 2 : 1,
        report: { absent: { found: 5 } },
      })
    },
  )
})
