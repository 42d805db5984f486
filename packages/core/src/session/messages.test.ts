import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXPIRY_MS, HOPS_MAX, VALUE_BYTES_MAX } from '../ephemeral/limits.ts'
import { COUNTER_MAX } from '../ephemeral/said.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { message, OWN_LOG, PROPERTY } from './arbitraries.test-support.ts'
import * as limit from './limits.ts'
import {
  type ControlName,
  decodeMessage,
  encodeMessage,
  type Message,
  messageName,
  messageTypes,
} from './messages.ts'
import { ProtocolError } from './port.ts'

const decode = (bytes: Uint8Array) => decodeMessage(messageName(bytes) as ControlName, bytes, OWN_LOG)

/** The code of the ProtocolError that `work` ends with; anything else it throws is thrown on. */
function refusal(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

describe('messages', () => {
  it('come back as they were, and have one encoding', () => {
    fc.assert(
      fc.property(message, (one) => {
        const bytes = encodeMessage(one)
        const back = decode(bytes)
        expect(back).toEqual(one)
        expect(encodeMessage(back)).toEqual(bytes)
      }),
      PROPERTY,
    )
  })

  it('cut anywhere are malformed', () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, at) => {
        const bytes = encodeMessage(one)
        if (bytes.length === 1) return
        expect(refusal(() => decode(bytes.subarray(0, 1 + (at % (bytes.length - 1)))))).toBe('malformed')
      }),
      PROPERTY,
    )
  })

  it('with a byte too many are malformed', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(refusal(() => decode(Uint8Array.of(...encodeMessage(one), 0)))).toBe('malformed')
      }),
      PROPERTY,
    )
  })

  it('of hostile bytes fail with a ProtocolError and nothing else', () => {
    const random = new SeededRandom(7)
    const types = Object.values(messageTypes).filter((type) => type !== messageTypes.frame)
    for (let i = 0; i < 20_000; i++) {
      const bytes = random.bytes(1 + random.below(120))
      bytes[0] = random.pick(types)
      refusal(() => decode(bytes))
    }
  })

  it('changed in one byte fail with a ProtocolError, or are another message', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, change) => {
        const bytes = encodeMessage(one)
        if (bytes.length === 1) return
        bytes[1 + (at % (bytes.length - 1))]! ^= change
        refusal(() => decode(bytes))
      }),
      PROPERTY,
    )
  })

  it('without bytes are malformed; of a reserved or unknown type they are unexpected', () => {
    expect(refusal(() => messageName(new Uint8Array()))).toBe('malformed')
    for (const type of [0x00, 0x05, 0x16, 0x24, 0x2f, 0x34, 0x3f, 0x40, 0x4f, 0xff]) {
      expect(refusal(() => messageName(Uint8Array.of(type)))).toBe('unexpected-message')
    }
  })
})

const zeros = (length: number) => new Uint8Array(length)
const hello = (change: object): Message => ({
  type: 'hello',
  version: 1,
  key: zeros(32),
  log: OWN_LOG,
  runs: [{ run: OWN_LOG, first: 1 }],
  nonce: zeros(32),
  credential: { hash: '0'.repeat(64), token: '' },
  show: false,
  want: { kind: 'nothing' },
  proof: zeros(64),
  ...change,
})
const runs = (count: number) => Array.from({ length: count }, (_, i) => ({ run: OWN_LOG, first: i + 1 }))
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)
const channels = (count: number) => ({
  kind: 'channels' as const,
  cursors: new Map(names(count).map((name) => [name, undefined])),
})
const refusals = (count: number) => Array.from({ length: count }, () => ({ seq: 1, code: 'x', reason: 'y' }))
const granted = (change: object): Message => ({
  type: 'granted',
  wantNumber: 0,
  read: [],
  write: [],
  refused: [],
  ...change,
})
const presence = (change: object): Message => ({
  type: 'presence',
  kind: 'here',
  hops: 0,
  ageMs: 0,
  channel: 'a',
  credential: '0'.repeat(64),
  instance: OWN_LOG,
  counter: 1,
  value: zeros(2),
  signature: zeros(64),
  ...change,
})

/** A message at a limit, and the same beyond it. */
const limits: Record<string, [max: number, at: (size: number) => Message]> = {
  RUNS_LISTED_MAX: [limit.RUNS_LISTED_MAX, (size) => hello({ runs: runs(size) })],
  'CHANNELS_MAX of a want': [limit.CHANNELS_MAX, (size) => ({ type: 'want', want: channels(size) })],
  'CHANNELS_MAX of a grant': [limit.CHANNELS_MAX, (size) => granted({ read: names(size) })],
  REFUSALS_PER_ACK_MAX: [
    limit.REFUSALS_PER_ACK_MAX,
    (size) => ({ type: 'ack', position: 1, head: 1, refusals: refusals(size) }),
  ],
  CHANNEL_BYTES_MAX: [limit.CHANNEL_BYTES_MAX, (size) => granted({ write: ['c'.repeat(size)] })],
  'CHANNEL_BYTES_MAX of a presence': [
    limit.CHANNEL_BYTES_MAX,
    (size) => presence({ channel: 'c'.repeat(size) }),
  ],
  VALUE_BYTES_MAX: [VALUE_BYTES_MAX, (size) => presence({ value: zeros(size) })],
  HOPS_MAX: [HOPS_MAX, (hops) => presence({ hops })],
  EXPIRY_MS: [EXPIRY_MS, (ageMs) => presence({ ageMs })],
  COUNTER_MAX: [COUNTER_MAX, (counter) => presence({ counter })],
  'TOKEN_BYTES_MAX of an author': [
    limit.TOKEN_BYTES_MAX,
    (size) => ({ type: 'author', token: 't'.repeat(size) }),
  ],
  TOKEN_BYTES_MAX: [limit.TOKEN_BYTES_MAX, (size) => ({ type: 'credential', token: 't'.repeat(size) })],
  REFUSAL_CODE_BYTES_MAX: [
    limit.REFUSAL_CODE_BYTES_MAX,
    (size) => ({
      type: 'ack',
      position: 1,
      head: 1,
      refusals: [{ seq: 1, code: 'c'.repeat(size), reason: '' }],
    }),
  ],
  REFUSAL_REASON_BYTES_MAX: [
    limit.REFUSAL_REASON_BYTES_MAX,
    (size) => ({
      type: 'ack',
      position: 1,
      head: 1,
      refusals: [{ seq: 1, code: '', reason: 'r'.repeat(size) }],
    }),
  ],
  BYE_CODE_BYTES_MAX: [
    limit.BYE_CODE_BYTES_MAX,
    (size) => ({ type: 'bye', code: 'c'.repeat(size), problem: '' }),
  ],
  PROBLEM_BYTES_MAX: [
    limit.PROBLEM_BYTES_MAX,
    (size) => ({ type: 'bye', code: '', problem: 'p'.repeat(size) }),
  ],
  SPACE_BYTES_MAX: [
    limit.SPACE_BYTES_MAX,
    (size) => ({
      type: 'challenge',
      versionMin: 1,
      versionMax: 1,
      space: 's'.repeat(size),
      key: zeros(32),
      log: OWN_LOG,
      credential: '0'.repeat(64),
      nonce: zeros(32),
    }),
  ],
}

describe('limits of messages', () => {
  for (const [name, [max, at]] of Object.entries(limits)) {
    it(`${name}: ${max} passes, one more is refused by the writer`, () => {
      expect(decode(encodeMessage(at(max)))).toEqual(at(max))
      expect(() => encodeMessage(at(max + 1))).toThrow(RangeError)
    })
  }

  it('are checked by the reader too', () => {
    const list = (count: number) => Uint8Array.of(0x11, 1, ...varint(count))
    expect(refusal(() => decode(list(limit.REFUSALS_PER_ACK_MAX + 1)))).toBe('malformed')
    const token = (size: number) => Uint8Array.of(0x14, ...varint(size), ...zeros(size))
    expect(refusal(() => decode(token(limit.TOKEN_BYTES_MAX)))).toBeUndefined()
    expect(refusal(() => decode(token(limit.TOKEN_BYTES_MAX + 1)))).toBe('malformed')
    expect(refusal(() => decode(Uint8Array.of(0x13, 2, ...varint(limit.CHANNELS_MAX + 1))))).toBe('malformed')
    const noRuns = encodeMessage(hello({ runs: [] }))
    expect(refusal(() => decode(noRuns))).toBe('malformed')
  })

  it('of a presence are checked by the reader too', () => {
    const head = (kind: number, hops: number, ageMs: number) => [
      0x30,
      kind,
      ...varint(hops),
      ...varint(ageMs),
    ]
    const rest = [...encodeMessage(presence({})).subarray(4)]
    const read = (...bytes: number[]) => refusal(() => decode(Uint8Array.of(...bytes)))
    expect(read(...head(1, HOPS_MAX, EXPIRY_MS), ...rest)).toBeUndefined()
    expect(read(...head(1, HOPS_MAX + 1, 0), ...rest)).toBe('malformed')
    expect(read(...head(1, 0, EXPIRY_MS + 1), ...rest)).toBe('malformed')
    expect(read(...head(3, 0, 0), ...rest)).toBe('malformed')
    const named = [1, 97, ...zeros(48), 1]
    const value = (size: number) => [...varint(size), ...zeros(size), ...zeros(64)]
    expect(read(...head(1, 0, 0), ...named, ...value(VALUE_BYTES_MAX))).toBeUndefined()
    expect(read(...head(1, 0, 0), ...named, ...value(VALUE_BYTES_MAX + 1))).toBe('malformed')
    const counted = [1, 97, ...zeros(48), ...varint(COUNTER_MAX + 1)]
    expect(read(...head(2, 0, 0), ...counted)).toBe('malformed')
  })

  it('a want names a channel once, and known kinds', () => {
    const twice = Uint8Array.of(0x13, 2, 0, 2, 1, 97, 0, 1, 97, 0)
    expect(refusal(() => decode(twice))).toBe('malformed')
    expect(refusal(() => decode(Uint8Array.of(0x13, 3)))).toBe('malformed')
    expect(refusal(() => decode(Uint8Array.of(0x13, 2, 0, 1, 1, 97, 1, 5)))).toBe('malformed')
  })
})

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))]
}
