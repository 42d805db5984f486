/** Messages at random, within the limits, for round trips. Every property runs from a fixed seed, which its failure prints. */
import fc from 'fast-check'
import { toHex } from '../bytes/hex.ts'
import type { RunRow } from '../store/port.ts'
import type { Frame, FrameItem } from './frame.ts'
import type { Message } from './messages.ts'
import type { Cursor, Want } from './port.ts'

export const OWN_LOG = 'ab'.repeat(16)
export const PROPERTY = { seed: 20260101, numRuns: 300 }

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const id = fixed(16).map(toHex)
const hash = fixed(32).map(toHex)
const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const names = fc.uniqueArray(text, { maxLength: 20 })

const runs: fc.Arbitrary<RunRow[]> = fc
  .tuple(
    fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 8 }),
    fc.array(id, { minLength: 8, maxLength: 8 }),
  )
  .map(([steps, ids]) => {
    let first = 1
    return steps.map((step, i) => {
      first += step
      return { run: ids[i]!, first }
    })
  })

const cursor: fc.Arbitrary<Cursor | undefined> = fc.option(
  fc.record({ log: fc.constant(OWN_LOG), run: id, seq }),
  { nil: undefined },
)

const want: fc.Arbitrary<Want> = fc.oneof(
  fc.constant<Want>({ kind: 'nothing' }),
  cursor.map((one): Want => ({ kind: 'log', cursor: one })),
  fc
    .uniqueArray(fc.tuple(text, cursor), { selector: ([name]) => name, maxLength: 20 })
    .map((cursors): Want => ({ kind: 'channels', cursors: new Map(cursors) })),
)

const of = <T extends Message['type']>(type: T) => fc.constant(type)

export const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: of('challenge'),
    versionMin: seq,
    versionMax: seq,
    space: text,
    key: fixed(32),
    log: id,
    credential: hash,
    nonce: fixed(32),
  }),
  fc.record({
    type: of('hello'),
    version: seq,
    key: fixed(32),
    log: id,
    runs,
    nonce: fixed(32),
    credential: fc.record({ hash, token: text }),
    show: fc.boolean(),
    want,
    proof: fixed(64),
  }),
  fc.record({
    type: of('welcome'),
    runs,
    token: text,
    read: names,
    write: names,
    refused: names,
    want,
    creditBytes: seq,
    proof: fixed(64),
  }),
  fc.record({ type: of('show') }),
  fc.record({
    type: of('ack'),
    position: seq,
    head: seq,
    refusals: fc.array(fc.record({ seq, code: text, reason: text }), { maxLength: 20 }),
  }),
  fc.record({ type: of('credit'), bytes: seq }),
  fc.record({ type: of('want'), want }),
  fc.record({ type: of('credential'), token: text }),
  fc.record({ type: of('granted'), wantNumber: seq, read: names, write: names, refused: names }),
  fc.record({ type: of('bye'), code: text, problem: text }),
)

const item: fc.Arbitrary<FrameItem> = fc.oneof(
  fc.record({ kind: fc.constant('entry' as const), seq, bytes: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constantFrom('enter' as const, 'leave' as const), seq, channel: text, record: text }),
  fc.record({ kind: fc.constant('credential' as const), token: text }),
)

export const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    items: fc.array(item, { maxLength: 30 }),
    position: fc.option(fc.record({ seq, run: fc.option(id, { nil: undefined }) }), { nil: undefined }),
    current: fc.boolean(),
    missing: fc.constant(false),
  }),
  fc.record({
    items: fc.array(item, { maxLength: 30 }),
    position: fc.constant(undefined),
    current: fc.constant(false),
    missing: fc.constant(true),
  }),
)
