/** Messages at random, within the limits, for round trips. Every property runs from a fixed seed, which its failure prints. */
import fc from 'fast-check'
import { toHex } from '../bytes/hex.ts'
import { emptySum } from '../digest/tree.ts'
import { EXPIRY_MS, HOPS_MAX } from '../ephemeral/limits.ts'
import { COUNTER_MAX } from '../ephemeral/said.ts'
import type { Difference } from '../reconcile/messages.ts'
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
    .chain((cursors) =>
      fc.constantFrom<Want>(
        { kind: 'channels', cursors: new Map(cursors) },
        { kind: 'channels', cursors: new Map(cursors), views: true },
      ),
    ),
)

const of = <T extends Message['type']>(type: T) => fc.constant(type)

const small = fc.nat({ max: 2048 })
const itemHash = fixed(8).map(toHex)
const sum = fc.oneof(
  fc.constant(emptySum),
  fc.record({ count: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), digest: fixed(16) }),
)
const node = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.nat({ max: 0xffff }))
  .map(([digits, value]) => (value % 16 ** digits).toString(16).padStart(digits, '0'))
const tree = fc.record({ kind: fc.constantFrom('records' as const, 'others' as const), channel: text })
const child = fc.integer({ min: 1, max: 2 }).chain((digits) =>
  fc.array(fc.tuple(fc.nat({ max: 16 ** digits - 1 }), sum), { minLength: 1, maxLength: 20 }).map(
    // In the order in which they are written.
    (sums) =>
      new Map(
        [...new Map(sums)]
          .sort(([a], [b]) => a - b)
          .map(([value, of]) => [value.toString(16).padStart(digits, '0'), of] as const),
      ),
  ),
)
const difference: fc.Arbitrary<Difference> = fc.oneof(
  fc.record({ kind: fc.constantFrom('equal' as const, 'left-out' as const, 'too-many' as const) }),
  fc.record({ kind: fc.constant('sums' as const), sums: child }),
  fc.record({
    kind: fc.constant('items' as const),
    items: fc.array(fc.record({ hash: itemHash, digest: fixed(16) }), { maxLength: 10 }),
  }),
)
const state = fc.record({
  incarnation: fc.nat({ max: 65_535 }),
  actors: fc.array(fc.tuple(fixed(17).map(toHex), seq), { maxLength: 5 }).map((actors) => new Map(actors)),
  receipts: fc.array(itemHash, { maxLength: 5 }),
})

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
  fc.record({
    type: of('compare'),
    number: seq,
    opening: fc.constant(undefined),
    nodes: fc.array(fc.record({ tree: small, node, sum }), { maxLength: 10 }),
  }),
  fc
    .record({
      number: seq,
      seed: fc.option(fixed(16), { nil: undefined }),
      roots: fc.array(fc.tuple(tree, sum), { maxLength: 5 }),
    })
    .map(({ number, seed, roots }) => ({
      type: 'compare' as const,
      number,
      opening: { granted: roots.length, trees: roots.map(([named]) => named), seed },
      nodes: roots.map(([, ofRoot], i) => ({ tree: i, node: '', sum: ofRoot })),
    })),
  fc.record({ type: of('differences'), number: seq, answers: fc.array(difference, { maxLength: 10 }) }),
  fc.record({
    type: of('ask'),
    number: seq,
    records: fc.array(
      fc.oneof(
        fc.record({ tree: small, hash: itemHash }),
        fc.record({ tree: small, key: text, state: fc.oneof(fc.constant('large' as const), state) }),
      ),
      { maxLength: 10 },
    ),
    end: fc.option(fc.record({ beginning: fc.array(small, { maxLength: 4 }) }), { nil: undefined }),
  }),
  fc.record({
    type: of('answer'),
    number: seq,
    records: fc.array(
      fc.record({
        state: fc.oneof(fc.constant(undefined), fc.constant('large' as const), state),
        underWay: fc.boolean(),
      }),
      { maxLength: 10 },
    ),
    settled: fc.option(fc.record({ run: id, seq }), { nil: undefined }),
  }),
  fc.record({ type: of('bye'), code: text, problem: text }),
  fc
    .record({
      kind: fc.constantFrom('left' as const, 'here' as const, 'withdrawn' as const),
      hops: fc.nat({ max: HOPS_MAX }),
      ageMs: fc.nat({ max: EXPIRY_MS }),
      channel: text,
      credential: hash,
      instance: id,
      counter: fc.integer({ min: 0, max: COUNTER_MAX }),
      value: fc.uint8Array({ maxLength: 300 }),
      signature: fixed(64),
    })
    .map(({ kind, value, signature, ...rest }) => ({
      type: 'presence' as const,
      ...rest,
      kind,
      value: kind === 'here' ? value : new Uint8Array(),
      signature: kind === 'withdrawn' ? new Uint8Array() : signature,
    })),
  fc.record({ type: of('who'), credential: hash }),
  fc.record({ type: of('author'), token: text }),
  fc.record({ type: of('hush') }),
)

const item: fc.Arbitrary<FrameItem> = fc.oneof(
  fc.record({ kind: fc.constant('entry' as const), seq, bytes: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constantFrom('enter' as const, 'leave' as const), seq, channel: text, record: text }),
  fc.record({ kind: fc.constant('credential' as const), token: text }),
)

const viewsItem: fc.Arbitrary<FrameItem> = fc.record({
  kind: fc.constant('views' as const),
  bytes: fc.uint8Array({ maxLength: 300 }),
})

export const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    items: fc.array(item, { maxLength: 30 }),
    position: fc.option(fc.record({ seq, run: fc.option(id, { nil: undefined }) }), { nil: undefined }),
    current: fc.boolean(),
  }),
  fc.record({
    items: fc.array(item, { maxLength: 30 }),
    position: fc.constant(undefined),
    current: fc.constant(false),
    beside: fc.constant('missing' as const),
  }),
  fc.record({
    items: fc.array(viewsItem, { maxLength: 30 }),
    position: fc.constant(undefined),
    current: fc.boolean(),
    beside: fc.constant('views' as const),
  }),
)
