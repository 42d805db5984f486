import { performance } from 'node:perf_hooks'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  compressChange,
  craftBody,
  craftChange,
  hexBytes,
  seal,
  threeNulls,
  threeNullsBut,
} from './craft.test-support.ts'
import { Automerge, host, runActor } from './engine.test-support.ts'
import { type ChangeLimits, defaultChangeLimits } from './limits.ts'
import { parseChange } from './parse.ts'
import { type ChangeRefusalCode, ChangeRefused } from './refused.ts'

const limits = defaultChangeLimits
const hashA = 'aa'.repeat(32)
const hashB = 'bb'.repeat(32)
/** Milliseconds for a claim that is refused: an engine that believed it took a second and more, and a busy machine takes a tenth of one. */
const HARMLESS_MS = 1_000

function parse(bytes: Uint8Array, changed: Partial<ChangeLimits> = {}) {
  return parseChange(bytes, host, { ...limits, ...changed })
}

function refusal(bytes: Uint8Array, changed: Partial<ChangeLimits> = {}): ChangeRefused {
  try {
    parse(bytes, changed)
  } catch (error) {
    if (error instanceof ChangeRefused) return error
    throw error
  }
  throw new Error('expected a refusal')
}

function code(bytes: Uint8Array, changed: Partial<ChangeLimits> = {}): ChangeRefusalCode {
  return refusal(bytes, changed).code
}

describe('an honest change', () => {
  const base = Automerge.change(
    Automerge.init<Record<string, unknown>>({ actor: runActor(1) }),
    { time: -7, message: 'früh' },
    (d) => {
      Object.assign(d, {
        title: new Automerge.ImmutableString('pump'),
        parts: { a: 1 },
        list: [1, null, 2.5],
        note: 'text',
        n: new Automerge.Counter(2),
      })
    },
  )
  const other = Automerge.change(Automerge.clone(base, { actor: runActor(2) }), { time: 2 ** 40 }, (d) => {
    d.title = new Automerge.ImmutableString('pump 7')
  })

  it.each([
    ['first', base],
    ['later', other],
  ])('reads as the engine reads it: %s', (_name, doc) => {
    const bytes = Automerge.getLastLocalChange(doc)!
    const decoded = Automerge.decodeChange(bytes)
    const parsed = parse(bytes)
    expect(parsed).toMatchObject({
      hashHex: decoded.hash,
      actorHex: decoded.actor,
      seq: decoded.seq,
      startOp: decoded.startOp,
      maxOp: decoded.startOp + decoded.ops.length - 1,
      operations: decoded.ops.length,
      time: decoded.time,
      message: decoded.message ?? '',
      deps: decoded.deps,
      rawBytes: bytes.length,
    })
    expect(Buffer.from(parsed.hash).toString('hex')).toBe(decoded.hash)
    expect(Buffer.from(parsed.actor).toString('hex')).toBe(decoded.actor)
    expect(parsed.bytes).toBe(bytes)
  })

  it('names the other actors', () => {
    expect(parse(Automerge.getLastLocalChange(other)!).otherActors).toEqual([runActor(1)])
  })

  it('may have no operations at all', () => {
    const parsed = parse(Automerge.getLastLocalChange(Automerge.emptyChange(base, { time: 0 }))!)
    expect([parsed.operations, parsed.maxOp]).toEqual([0, parsed.startOp - 1])
  })

  it('may carry an author (C-8)', () => {
    const doc = Automerge.clone(Automerge.init<{ a: number }>({ author: 'aabbcc' }), { actor: runActor(3) })
    const bytes = Automerge.getLastLocalChange(
      Automerge.change(doc, { time: 0 }, (d) => {
        d.a = 1
      }),
    )!
    expect(Automerge.decodeChange(bytes)).toMatchObject({ author: 'aabbcc' })
    expect(parse(bytes).operations).toBe(1)
  })

  it('is the same change when compressed', () => {
    const body = craftBody({})
    const parsed = parse(compressChange(body))
    expect(parsed.hashHex).toBe(parse(seal(body)).hashHex)
    expect(parsed.operations).toBe(3)
    expect(Automerge.decodeChange(compressChange(body)).hash).toBe(parsed.hashHex)
  })
})

describe('envelope', () => {
  const good = craftChange({})

  it('C-1: the size limit holds on both sides', () => {
    expect(parse(good, { rawBytesMax: good.length }).operations).toBe(3)
    const error = refusal(good, { rawBytesMax: good.length - 1 })
    expect(error.code).toBe('too-large')
    expect(error.message).toContain(`${good.length}, limit ${good.length - 1}`)
  })

  it('C-2: exactly one chunk of a known type', () => {
    expect(code(new Uint8Array())).toBe('truncated')
    expect(code(good.subarray(0, 9))).toBe('truncated')
    expect(code(good.subarray(0, good.length - 1))).toBe('truncated')
    expect(code(Uint8Array.of(...good, 0))).toBe('malformed')
    expect(code(Uint8Array.of(0x84, ...good.subarray(1)))).toBe('bad-magic')
    for (const type of [3, 4, 255]) expect(code(good.with(8, type))).toBe('bad-type')
    expect(code(Automerge.save(Automerge.from({ a: 1 })))).toBe('bad-type')
    expect(code(hexBytes('856f4a83 00000000 01 ffffffffffffffffff7f'))).toBe('malformed')
  })

  it('C-3: an inflated body may reach its limit and not exceed it', () => {
    const body = craftBody({ columns: threeNullsBut({ 86: '02 00 7f 868004', 87: '41'.repeat(4096) }) })
    const chunk = compressChange(body)
    expect(parse(chunk, { inflatedBytesMax: body.length }).operations).toBe(3)
    expect(code(chunk, { inflatedBytesMax: body.length - 1 })).toBe('inflate-bomb')
  })

  it('fault C2: nine kilobytes of a ten megabyte string are refused in no time (C-3)', () => {
    const stored = deflateRawSync(new Uint8Array(10_000_000))
    const chunk = compressChange(new Uint8Array(10_000_000))
    expect(stored.length).toBeLessThan(10_000)
    expect(code(chunk)).toBe('inflate-bomb')
  })

  it('C-3: a damaged stream is refused', () => {
    expect(code(hexBytes('856f4a83 00000000 02 03 ffffff'))).toBe('inflate-bomb')
  })

  it('fault C8: C-4: every flipped bit is refused', () => {
    const bytes = good.slice()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => parse(bytes), `bit ${bit}`).toThrow(ChangeRefused)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
    }
    expect(code(good.with(4, good[4]! ^ 1))).toBe('bad-checksum')
    expect(code(good.with(good.length - 1, 0x7f))).toBe('bad-checksum')
  })

  it('C-4: every flipped bit of a compressed chunk is refused or changes nothing', () => {
    const chunk = compressChange(craftBody({ message: 'seal replaced, seal tested, seal signed' }))
    const { hashHex } = parse(chunk)
    for (let bit = 0; bit < chunk.length * 8; bit++) {
      const flipped = chunk.with(bit >> 3, chunk[bit >> 3]! ^ (1 << (bit & 7)))
      let outcome = 'refused'
      try {
        outcome = parse(flipped).hashHex
      } catch (error) {
        expect(error).toBeInstanceOf(ChangeRefused)
      }
      expect(['refused', hashHex], `bit ${bit}`).toContain(outcome)
    }
  })
})

describe('fields', () => {
  it('C-5: dependencies ascend and stay within their limit', () => {
    expect(parse(craftChange({ deps: [hashA, hashB] })).deps).toEqual([hashA, hashB])
    expect(code(craftChange({ deps: [hashB, hashA] }))).toBe('not-canonical')
    expect(code(craftChange({ deps: [hashA, hashA] }))).toBe('not-canonical')
    const many = Array.from({ length: 4097 }, (_, i) => (i + 4096).toString(16).repeat(16))
    expect(parse(craftChange({ deps: many.slice(0, 4096) })).deps).toHaveLength(4096)
    expect(code(craftChange({ deps: many }))).toBe('too-many-dependencies')
  })

  it.each(['', 'ab'.repeat(16), `03${'ab'.repeat(16)}`, `00${'ab'.repeat(15)}`, `00${'ab'.repeat(17)}`])(
    'C-6: refuses the actor %j',
    (actor) => {
      expect(code(craftChange({ actor }))).toBe('bad-actor')
    },
  )

  it('C-6: other actors ascend, are ours, are others, and are needed', () => {
    const replacing = (others: string[], actors: string) =>
      craftChange({
        actor: runActor(5),
        startOp: 2,
        others,
        columns: [
          [0x15, '7f 016b'],
          [0x34, '01'],
          [0x42, '7f 01'],
          [0x56, '7f 00'],
          [0x70, '7f 02'],
          [0x71, actors],
          [0x73, '7e 01 00'],
        ],
      })
    expect(parse(replacing([runActor(1), runActor(2)], '7e 01 02')).otherActors).toHaveLength(2)
    expect(code(replacing([runActor(2), runActor(1)], '7e 02 01'))).toBe('not-canonical')
    expect(code(replacing([runActor(1), runActor(1)], '7e 01 02'))).toBe('not-canonical')
    expect(code(replacing([runActor(1), runActor(5)], '7e 01 02'))).toBe('not-canonical')
    expect(code(replacing([runActor(1), runActor(2)], '02 01'))).toBe('not-canonical')
    expect(code(replacing([runActor(1), 'ab'.repeat(16)], '7e 01 02'))).toBe('bad-actor')
    expect(code(replacing([runActor(1), runActor(2)], '7e 01 03'))).toBe('malformed')
    expect(parse(replacing([runActor(1), runActor(2)], '7e 01 02'), { otherActorsMax: 2 }).operations).toBe(1)
    expect(code(replacing([runActor(1), runActor(2)], '7e 01 02'), { otherActorsMax: 1 })).toBe(
      'too-many-actors',
    )
  })

  it('C-7: numbers begin at one and end where the engine does', () => {
    expect(code(craftChange({ seq: 0 }))).toBe('malformed')
    expect(code(craftChange({ startOp: 0 }))).toBe('malformed')
    expect(parse(craftChange({ startOp: 2 ** 32 - 3 })).maxOp).toBe(2 ** 32 - 1)
    expect(code(craftChange({ startOp: 2 ** 32 - 2 }))).toBe('malformed')
    expect(code(craftChange({ startOp: 2 ** 32 }))).toBe('malformed')
    expect(code(craftChange({ time: '80 00' }))).toBe('malformed')
    expect(code(craftChange({ time: 'ff ff ff ff ff ff ff ff 00' }))).toBe('malformed')
  })

  it('C-8: message and extra bytes stay within their limits', () => {
    expect(parse(craftChange({ message: 'é'.repeat(2048) })).message).toHaveLength(2048)
    expect(code(craftChange({ message: `${'é'.repeat(2048)}x` }))).toBe('message-too-long')
    const broken = craftBody({ message: 'AA' })
    broken.set([0xc3, 0x41], broken.indexOf(0x41))
    expect(code(seal(broken))).toBe('malformed')
    expect(parse(craftChange({ extra: '00'.repeat(256) })).operations).toBe(3)
    expect(code(craftChange({ extra: '00'.repeat(257) }))).toBe('too-large')
  })
})

describe('columns', () => {
  /** A list of n nulls, as in hazards' bomb: one make, one run of inserts. */
  const bomb = (runs: string, nulls: string) =>
    craftChange({
      columns: [
        [0x01, `0001 ${runs} 00`],
        [0x02, `0001 ${runs} 01`],
        [0x13, '0001 7f 00'],
        [0x15, '7f 016c 0001'],
        [0x34, `01 ${nulls}`],
        [0x42, `7f 02 ${runs} 01`],
        [0x56, `${runs} 00`],
        [0x70, `${runs} 00`],
      ],
    })

  it('fault C1: eight million operations in a hundred bytes are refused within 5 ms (C-10)', () => {
    const bytes = bomb('80a4e803', '80a4e803')
    expect(bytes.length).toBeLessThan(125)
    parse(craftChange({}))
    const fastest = Math.min(
      ...Array.from({ length: 5 }, () => {
        const start = performance.now()
        expect(code(bytes)).toBe('too-many-operations')
        return performance.now() - start
      }),
    )
    expect(fastest).toBeLessThan(5)
  })

  it('C-10: the limit holds on both sides', () => {
    expect(parse(craftChange({}), { operationsMax: 3 }).operations).toBe(3)
    const error = refusal(craftChange({}), { operationsMax: 2 })
    expect(error.code).toBe('too-many-operations')
    expect(error.message).toMatch(/3, limit 2/)
  })

  it('C-10: runs that add up beyond counting are refused', () => {
    expect(code(craftChange({ columns: threeNullsBut({ 66: 'ffffffffffffff0f 01' }) }))).toBe(
      'too-many-operations',
    )
    expect(code(craftChange({ columns: threeNullsBut({ 66: 'ffffffffffffffff7f 01' }) }))).toBe('malformed')
  })

  it('C-11: predecessors are counted before they are read', () => {
    const with8Million = threeNullsBut({ 112: '7f 80a4e803 02 00', 113: '80a4e803 00', 115: '80a4e803 00' })
    expect(code(craftChange({ columns: with8Million }))).toBe('too-many-predecessors')
    const two = craftChange({
      startOp: 9,
      columns: threeNullsBut({ 112: '7f 02 02 00', 113: '02 00', 115: '02 01' }),
    })
    expect(parse(two, { predecessorsMax: 2 }).operations).toBe(3)
    expect(code(two, { predecessorsMax: 1 })).toBe('too-many-predecessors')
  })

  const claims: [string, Record<number, string | undefined>, ChangeRefusalCode][] = [
    ['C-12: too many value rows', { 86: '80a4e803 00' }, 'malformed'],
    ['C-12: too many nulls in the key column', { 21: '7d 0161 0162 0163 00 8080ff03' }, 'malformed'],
    ['C-12: too many inserts', { 52: '8080ff03' }, 'malformed'],
    ['C-12: too few inserts', { 52: '02' }, 'malformed'],
    ['C-12: no inserts', { 52: undefined }, 'malformed'],
    ['C-12: too few keys', { 21: '7e 0161 0162' }, 'malformed'],
    ['C-12: too few predecessor counts', { 112: '02 00' }, 'malformed'],
    ['C-12: no predecessor counts', { 112: undefined }, 'malformed'],
    ['C-12: predecessors without actors', { 112: '7f 01 02 00', 115: '7f 01' }, 'malformed'],
    ['C-12: actors without predecessors', { 113: '7f 00' }, 'malformed'],
    ['C-12: object actors without counters', { 1: '03 00' }, 'malformed'],
    ['C-12: null action', { 66: '02 01 00 01' }, 'malformed'],
    ['C-12: null value', { 86: '02 00 00 01' }, 'malformed'],
    ['C-12: values longer than the column', { 86: '03 16', 87: '4141' }, 'malformed'],
    ['C-12: values shorter than the column', { 86: '03 16', 87: '41414141' }, 'not-canonical'],
    ['C-12: a text run past its column', { 21: '7d 0161 0162 7f63' }, 'truncated'],
    ['C-12: an object counter above 32 bits', { 1: '03 00', 2: '03 8080808010' }, 'malformed'],
    ['C-12: a key counter below zero', { 17: '03 00', 19: '03 7f', 21: undefined }, 'malformed'],
    ['C-13: literal instead of run', { 66: '7d 01 01 01' }, 'not-canonical'],
    ['C-13: split run', { 66: '02 01 7f 01' }, 'not-canonical'],
    ['C-13: run after run of the same', { 86: '02 00 02 00' }, 'not-canonical'],
    ['C-13: run of one', { 86: '01 00 7e 00 00' }, 'not-canonical'],
    ['C-13: two literals', { 21: '7f 0161 7e 0162 0163' }, 'not-canonical'],
    ['C-13: literal that ends as the run begins', { 21: '7f 0161 02 0161' }, 'not-canonical'],
    ['C-13: equal neighbours', { 21: '7d 0161 0162 0162' }, 'not-canonical'],
    ['C-13: nulls after nulls', { 21: '00 01 00 01 7f 0161' }, 'not-canonical'],
    ['C-13: no nulls', { 21: '00 00 7d 0161 0162 0163' }, 'not-canonical'],
    ['C-13: long spelling of a run', { 66: '8300 01' }, 'malformed'],
    ['C-13: split inserts', { 52: '01 00 02' }, 'not-canonical'],
    ['C-13: trailing insert run of none', { 52: '03 00' }, 'not-canonical'],
    ['C-13: nothing but an empty insert run', { 52: '00' }, 'not-canonical'],
    ['C-14: column of nulls', { 1: '00 03', 2: '00 03' }, 'not-canonical'],
    ['C-14: empty column', { 87: '' }, 'not-canonical'],
    ['C-14: unknown column', { 178: '03 01' }, 'malformed'],
    ['C-14: document column', { 33: '03 00' }, 'malformed'],
    ['C-14: compressed column', { 66: undefined, 74: '03 01' }, 'malformed'],
    ['C-15: link', { 66: '03 06' }, 'unsupported-operation'],
    ['C-15: mark', { 66: '03 07' }, 'unsupported-operation'],
    ['C-15: mark name', { 165: '03 0161' }, 'unsupported-operation'],
    ['C-15: expand', { 148: '00 03' }, 'unsupported-operation'],
    ['C-16: unknown value type', { 86: '03 1a', 87: '010101' }, 'malformed'],
    ['C-16: null with bytes', { 86: '03 10', 87: '010101' }, 'malformed'],
    ['C-16: float of one byte', { 86: '03 15', 87: '010101' }, 'malformed'],
    ['C-16: integer of no bytes', { 86: '03 04' }, 'malformed'],
    ['C-16: integer of nine bytes', { 86: '03 9401', 87: '00'.repeat(27) }, 'unsafe-integer'],
    ['C-16: unsigned integer', { 86: '03 13', 87: '010101' }, 'unsafe-integer'],
  ]
  it.each(claims)('%s', (_name, columns, expected) => {
    const start = performance.now()
    expect(code(craftChange({ columns: threeNullsBut(columns) }))).toBe(expected)
    expect(performance.now() - start).toBeLessThan(HARMLESS_MS)
  })

  it('C-14: columns in the wrong order are refused', () => {
    expect(code(craftChange({ columns: threeNulls.toReversed() }))).toBe('not-canonical')
    expect(code(craftChange({ columns: [threeNulls[0]!, ...threeNulls] }))).toBe('not-canonical')
    expect(code(craftChange({ columns: new Array(13).fill(threeNulls[0]) }))).toBe('malformed')
  })

  it('fault C10: C-17: keys stay within their limits, repeated ones included', () => {
    const keyed = (bytes: number, lengthHex: string) =>
      craftChange({ columns: threeNullsBut({ 21: `03 ${lengthHex} ${'61'.repeat(bytes)}` }) })
    expect(parse(keyed(1024, '8008')).operations).toBe(3)
    expect(code(keyed(1025, '8108'))).toBe('key-too-long')
    expect(parse(keyed(1024, '8008'), { keyBytesTotalMax: 3072 }).operations).toBe(3)
    expect(code(keyed(1024, '8008'), { keyBytesTotalMax: 3071 })).toBe('key-too-long')
  })
})
