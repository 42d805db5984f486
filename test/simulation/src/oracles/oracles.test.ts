/** Each oracle that is a function of what it is given is content with what is right, and bites where one thing is wrong. `npm run breaks` does the same with the code itself. */
import type { JsonObject, Receipt } from '@skerry/core'
import { encodeEntry } from '@skerry/core/testing'
import { describe, expect, test } from 'vitest'
import { streamOf } from '../machine/random.ts'
import { Scheduler } from '../machine/scheduler.ts'
import { FakeApi } from '../nodes/fake-api.ts'
import type { NodeFace } from '../nodes/surroundings.ts'
import { type AcknowledgedAt, checkAcknowledged } from './acknowledged.ts'
import { checkChained } from './chained.ts'
import { ChannelsOracle } from './channels.ts'
import { checkEffects } from './effects.ts'
import { Ledger } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'
import { ReadsOracle } from './reads.ts'
import { checkReplay } from './replay.ts'
import { ShownOracle } from './shown.ts'
import { Stays } from './stays.ts'

const RECORD = 'visits/1'

function ledgerOf(): Ledger {
  const ledger = new Ledger()
  const edit = { record: RECORD, node: 'edge0', hours: 0 }
  ledger.edits.set('mk00001k', { ...edit, mark: 'mk00001k', title: 'mk00001k', site: 'A' })
  ledger.edits.set('mk00002k', { ...edit, mark: 'mk00002k', hours: 3, note: 'mk00002k' })
  ledger.edits.set('mk00003k', { ...edit, mark: 'mk00003k', part: { sku: 'p1', qty: 3 } })
  return ledger
}

const visit: JsonObject = {
  site: 'A',
  title: 'mk00001k',
  hours: 3,
  notes: 'mk00002k ',
  parts: [{ sku: 'p1', qty: 3 }],
  marks: { mk00001k: true, mk00002k: true, mk00003k: true },
}

describe('replay', () => {
  const check = (change: JsonObject) => () =>
    checkReplay(ledgerOf(), 'hub', RECORD, { ...visit, ...change } as JsonObject)

  test('is content with what the edits add up to', () => {
    expect(check({})).not.toThrow()
  })

  test.each<[string, JsonObject]>([
    ['an increment twice', { hours: 6 }],
    ['half an edit', { notes: '' }],
    ['a word twice', { notes: 'mk00002k mk00002k ' }],
    ['a word that nobody wrote', { notes: 'mk00002k oops ' }],
    ['a title that nobody wrote', { title: 'other' }],
    ['a site that nobody wrote', { site: 'C' }],
    ['a lost row', { parts: [] }],
    ['a row that nobody wrote', { parts: [{ sku: 'p1', qty: 4 }] }],
    ['a mark of nobody', { marks: { ...(visit.marks as JsonObject), mk00009k: true } }],
  ])('finds %s', (_, change) => {
    expect(check(change)).toThrow(OracleFailed)
  })
})

describe('acknowledged', () => {
  const told = (hubRestores: number) => {
    const ledger = ledgerOf()
    ledger.acknowledged.push({ edit: ledger.edits.get('mk00002k')!, hubRestores: 0 })
    ledger.hubRestores = hubRestores
    return ledger
  }
  const without = new Map([[RECORD, { ...visit, marks: {} } as JsonObject]])
  const none: ReadonlySet<string> = new Set()
  const one: ReadonlySet<string> = new Set(['mk00002k'])

  const nothing = { held: none, aside: none, receipts: () => [] }
  const check = (over: Partial<AcknowledgedAt> & Pick<AcknowledgedAt, 'ledger' | 'hub'>) => () =>
    checkAcknowledged({ ...nothing, ...over })

  test('finds what is gone, after a restore where the device still had it', () => {
    const there = new Map([[RECORD, visit]])
    expect(check({ ledger: told(0), hub: there })).not.toThrow()
    expect(check({ ledger: told(0), hub: without })).toThrow(OracleFailed)
    expect(check({ ledger: told(1), hub: without, held: one })).toThrow(OracleFailed)
  })

  test('asks for nothing that the device lost or was refused after a restore', () => {
    expect(check({ ledger: told(1), hub: without })).not.toThrow()
    expect(check({ ledger: told(1), hub: without, held: one, aside: one })).not.toThrow()
  })

  test('asks for nothing that the hub took back from a revoked device, and said so', () => {
    const receipt = (rule: string, mark: string): Receipt => ({
      record: RECORD,
      place: 'hub',
      outcome: 'mended',
      seqs: {},
      at: 0,
      rule,
      fields: [`/marks/${mark}`],
    })
    const told0 = told(0)
    expect(
      check({ ledger: told0, hub: without, receipts: () => [receipt('revoked', 'mk00002k')] }),
    ).not.toThrow()
    expect(
      check({ ledger: told0, hub: without, receipts: () => [receipt('not-granted', 'mk00002k')] }),
    ).not.toThrow()
    expect(check({ ledger: told0, hub: without, receipts: () => [receipt('revoked', 'mk00009k')] })).toThrow()
    expect(check({ ledger: told0, hub: without, receipts: () => [receipt('schema', 'mk00002k')] })).toThrow()
    expect(check({ ledger: told0, hub: new Map(), receipts: () => [receipt('revoked', 'x')] })).not.toThrow()
  })
})

describe('channels', () => {
  const device = (read: string[]) =>
    ({ name: 'edge1', isHub: false, grants: [{ read }], copied: undefined }) as unknown as NodeFace

  test('finds a mark in bytes of a channel that was never granted', () => {
    const ledger = new Ledger()
    ledger.placed('mk00001k', RECORD, 'edge0', 'A')
    const oracle = new ChannelsOracle(ledger)
    const message = new TextEncoder().encode('\u0010\u0000…mk00001k…')
    expect(() => oracle.delivered(device(['A']), message)).not.toThrow()
    expect(() => oracle.delivered(device(['B']), message)).toThrow(OracleFailed)
    ledger.entered(RECORD, 'B')
    expect(() => oracle.delivered(device(['B']), message)).not.toThrow()
  })

  test('knows from when to when a record was in a channel', async () => {
    const stays = new Stays()
    const store = stays.watch({ commit: async () => undefined } as never)
    const mark = (seq: number, kind: 'enter' | 'leave') => ({ channel: 'A', record: RECORD, seq, kind })
    await store.commit({ marks: [mark(2, 'enter'), mark(5, 'leave')] } as never)
    const granted = new Set(['A'])
    expect([1, 4, 5, 6].map((seq) => stays.mayTell(RECORD, seq, granted))).toEqual([true, true, false, false])
    expect(stays.mayTell(RECORD, 1, new Set(['B']))).toBe(false)
  })
})

const [none, one] = [{ marks: {} }, { marks: { mk00001k: true } }]
const commit = (before: JsonObject, after: JsonObject) =>
  ({ changes: [{ record: RECORD, collection: 'visits', before, after }] }) as never

test('reads: finds a mark that a hub kept and a node does not show any more', () => {
  const oracle = new ReadsOracle(new Ledger())
  const [hub, edge] = [{ isHub: true } as NodeFace, { isHub: false } as NodeFace]
  const nothing = { entries: [], records: [] }
  // Not yet kept by a hub: it may have been refused.
  expect(() => oracle.committed(edge, commit(one, none))).not.toThrow()
  oracle.committed(hub, commit(none, one))
  expect(() => oracle.committed(edge, commit(one, none))).toThrow(OracleFailed)
  // The hub refused it, or what it builds on, to this device, and let it in from another.
  const entry = { seq: 4, record: RECORD }
  for (const node of [edge, hub]) {
    oracle.refused(node, [{ seq: 4, code: 'channel-not-granted' }])
    oracle.stored(node, nothing, [entry])
  }
  expect(() => oracle.committed(edge, commit(one, none))).not.toThrow()
  expect(() => oracle.committed(hub, commit(one, none))).toThrow(OracleFailed)
  // In the batch before; of another record; an entry that was not refused, or to another device, or is elsewhere.
  for (const batches of [[[entry], []], [[{ ...entry, record: 'visits/other' }]], [[{ ...entry, seq: 5 }]]]) {
    for (const removed of batches) oracle.stored(edge, nothing, removed)
    expect(() => oracle.committed(edge, commit(one, none))).toThrow(OracleFailed)
  }
  const other = { isHub: false } as NodeFace
  oracle.refused(other, [{ seq: 4, code: 'elsewhere' }])
  oracle.stored(other, nothing, [entry])
  expect(() => oracle.committed(other, commit(one, none))).toThrow(OracleFailed)
  // Its disk was set back: under that number stands something else.
  oracle.restored(edge)
  oracle.stored(edge, nothing, [entry])
  expect(() => oracle.committed(edge, commit(one, none))).toThrow(OracleFailed)
})

describe('reads: what a hub let in and took back in one commit', () => {
  const [hub, relay, edge] = [
    { isHub: true, name: 'hub' } as NodeFace,
    { isHub: true, name: 'relay' } as NodeFace,
    { isHub: false, name: 'edge0' } as NodeFace,
  ]
  const bytes = (rule: string, fields: string[]) =>
    encodeEntry({
      kind: 'receipt',
      record: RECORD,
      incarnation: 0,
      signature: undefined,
      body: new TextEncoder().encode(JSON.stringify({ rule, fields })),
    })
  const tookBack = ({
    rule = 'revoked',
    fields = ['/title', '/marks/mk00001k'],
    view = none,
    origin = false,
  } = {}) => ({
    entries: [
      {
        kind: 'receipt' as const,
        record: RECORD,
        bytes: bytes(rule, fields),
        ...(origin && { origin: { run: '', seq: 1 } }),
      },
    ],
    records: [{ record: RECORD, view: JSON.stringify(view) }],
  })
  const afterIt = (batch = tookBack(), by = hub) => {
    const oracle = new ReadsOracle(new Ledger())
    oracle.stored(by, batch, [])
    oracle.committed(by, commit(none, none))
    return oracle
  }
  const goes = (oracle: ReadsOracle, node: NodeFace) => () => oracle.committed(node, commit(one, none))

  test('goes again from a second hub and from edges, which are told the edit in one frame and the mend in the next', () => {
    const oracle = afterIt()
    oracle.committed(relay, commit(none, one))
    expect(goes(oracle, relay)).not.toThrow()
    expect(goes(oracle, edge)).not.toThrow()
  })

  test('stays where the receipt is of another rule, was heard from somebody else, is an edge’s, or names another mark', () => {
    for (const oracle of [
      afterIt(tookBack({ rule: 'schema' })),
      afterIt(tookBack({ origin: true })),
      afterIt(tookBack(), edge),
      afterIt(tookBack({ fields: ['/marks/mk00002k'] })),
    ]) {
      oracle.committed(relay, commit(none, one))
      expect(goes(oracle, relay)).toThrow(OracleFailed)
    }
  })

  test('goes from another hub too, which kept it and had not heard the same', () => {
    const kept = new ReadsOracle(new Ledger())
    kept.committed(relay, commit(none, one))
    kept.stored(hub, tookBack(), [])
    expect(goes(kept, relay)).not.toThrow()
  })

  test('stays where that hub kept it before, or still shows it', () => {
    const kept = new ReadsOracle(new Ledger())
    kept.committed(hub, commit(none, one))
    kept.committed(hub, commit(one, one))
    kept.stored(hub, tookBack(), [])
    expect(goes(kept, relay)).toThrow(OracleFailed)
    // It showed that itself, and what was kept is not known any more, as another one was set back.
    const shown = new ReadsOracle(new Ledger())
    shown.committed(hub, commit(none, one))
    shown.hubRestored()
    shown.stored(hub, tookBack(), [])
    expect(goes(shown, hub)).toThrow(OracleFailed)
    expect(goes(afterIt(tookBack({ view: one })), relay)).toThrow(OracleFailed)
  })

  test('stays once that hub shows it again, as somebody honest built on it', () => {
    const oracle = afterIt()
    oracle.committed(hub, commit(none, one))
    for (const node of [hub, relay, edge]) expect(goes(oracle, node)).toThrow(OracleFailed)
  })

  test('goes again from that hub too where it was set back, and is told the two itself', () => {
    const oracle = afterIt()
    oracle.restored(hub)
    oracle.hubRestored()
    oracle.committed(hub, commit(none, one))
    expect(goes(oracle, hub)).not.toThrow()
    // Another one was: this one shows it again.
    const other = afterIt()
    other.restored(relay)
    other.hubRestored()
    other.committed(hub, commit(none, one))
    expect(goes(other, hub)).toThrow(OracleFailed)
  })
})

test('presence: finds what was only shown, wherever it is stored', () => {
  const oracle = new ShownOracle()
  oracle.said.add('mk00002k')
  const bytes = (mark: string) => new TextEncoder().encode(`…${mark}…`)
  const batches = (mark: string) =>
    [
      { entries: [{ bytes: bytes(mark) }], tables: [], records: [] },
      { entries: [], tables: [{ key: 'one', value: bytes(mark) }], records: [] },
      { entries: [], tables: [{ key: mark, value: undefined }], records: [] },
      { entries: [], tables: [], records: [{ view: { title: mark } }] },
    ] as never[]
  for (const batch of batches('mk00001k')) expect(() => oracle.committed('hub', batch)).not.toThrow()
  for (const batch of batches('mk00002k')) expect(() => oracle.committed('hub', batch)).toThrow(OracleFailed)
})

test('effects: finds a value that was written twice, and sides that differ', () => {
  const api = new FakeApi(new Scheduler(), streamOf(1, 'api'), { delayMs: 0, lossShare: 0 })
  api.system.edit('case', {}, { Title: 'mk00001k' })
  const orders = new Map([['orders/1', { title: 'mk00001k' } as JsonObject]])
  expect(() => checkEffects(api, orders)).not.toThrow()
  expect(() => checkEffects(api, new Map())).toThrow(OracleFailed)
  const { id } = api.system.edit('case', {}, { Title: 'mk00002k' })
  expect(() => checkEffects(api, orders)).toThrow(OracleFailed)
  api.system.edit('case', { id, deleted: true }, {})
  expect(() => checkEffects(api, orders)).not.toThrow()
  const written = { row: 'CASE-1', field: 'Title', value: 'mk00001k' }
  api.written.push(written, written)
  expect(() => checkEffects(api, orders)).toThrow(/written twice/)
})

test('chained: finds an audit log that is not whole', () => {
  const verdict = { entries: 1, seal: { n: 0, hash: '' }, head: { n: 1, hash: '' } }
  expect(() => checkChained(verdict)).not.toThrow()
  expect(() => checkChained({ ...verdict, problem: 'entry 2 is missing' })).toThrow(
    'chained: entry 2 is missing',
  )
})
