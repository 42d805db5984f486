import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32 } from '../bytes/crc32.ts'
import { toHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { type EntryKind, entryKinds } from '../store/port.ts'
import {
  CHANGES_PER_ENTRY_MAX,
  credentialCited,
  decodeChanges,
  decodeEntry,
  ENTRY_BYTES_MAX,
  type Entry,
  EntryError,
  encodeChanges,
  encodeEntry,
  RECORD_KEY_BYTES_MAX,
  type SignedStatement,
  statementBytes,
} from './entry.ts'

const PROPERTY = { seed: 20_261_121, numRuns: 200 }
const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const kind = fc.constantFrom(...(Object.keys(entryKinds) as EntryKind[]))
const signature = fc.record({
  actor: fixed(17),
  lastSeq: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  credentialHash: fixed(32),
  signature: fixed(64),
})
const entry: fc.Arbitrary<Entry> = fc.record({
  kind,
  record: fc.string({ unit: 'grapheme', maxLength: 30 }),
  incarnation: fc.nat({ max: 0xffff }),
  signature: fc.option(signature, { nil: undefined }),
  body: fc.uint8Array({ maxLength: 200 }),
})

const sample: Entry = {
  kind: 'changes',
  record: 'work_orders/1',
  incarnation: 0,
  signature: {
    actor: new Uint8Array(17).fill(1),
    lastSeq: 300,
    credentialHash: new Uint8Array(32).fill(2),
    signature: new Uint8Array(64).fill(3),
  },
  body: encodeChanges([new Uint8Array([1, 2, 3]), new Uint8Array([4])]),
}

function code(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(EntryError)
    return (error as EntryError).code
  }
  return undefined
}

/** Bytes of an entry's content with a right checksum behind them. */
function sealed(content: Uint8Array): Uint8Array {
  const crc = crc32(content)
  return new Uint8Array([...content, crc, crc >>> 8, crc >>> 16, crc >>> 24])
}

function changed(at: number, value: number): Uint8Array {
  return sealed(encodeEntry(sample).slice(0, -4).with(at, value))
}

describe('L-1: an entry', () => {
  test('comes back as it was, in one spelling', () => {
    fc.assert(
      fc.property(entry, (one) => {
        const bytes = encodeEntry(one)
        expect(decodeEntry(bytes)).toEqual(one)
        expect(encodeEntry(decodeEntry(bytes))).toEqual(bytes)
      }),
      PROPERTY,
    )
  })

  test('fault C8: is refused with any bit flipped', () => {
    const bytes = encodeEntry(sample)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)))
      expect(
        code(() => decodeEntry(flipped)),
        `bit ${bit}`,
      ).toBe('entry-checksum')
    }
  })

  test('is refused when it is cut off anywhere, or followed by anything', () => {
    const bytes = encodeEntry(sample)
    for (let length = 0; length < bytes.length; length++)
      expect(
        code(() => decodeEntry(bytes.subarray(0, length))),
        `${length} bytes`,
      ).toMatch(/malformed|checksum/)
    expect(code(() => decodeEntry(new Uint8Array([...bytes, 0])))).toBe('entry-checksum')
    expect(code(() => decodeEntry(sealed(new Uint8Array([...bytes.slice(0, -4), 0]))))).toBe(
      'malformed-entry',
    )
  })

  test('of random bytes with a right checksum fails with an EntryError or is one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (content) => {
        code(() => decodeEntry(sealed(content)))
      }),
      { ...PROPERTY, numRuns: 1000 },
    )
  })
})

describe('L-2: what a newer version may send', () => {
  test.each([
    ['another version', 0, 2, 'unknown-version'],
    ['another kind', 1, 8, 'unknown-kind'],
    ['kind 0', 1, 0, 'unknown-kind'],
    ['another flag', 2, 3, 'malformed-entry'],
  ])('%s is named', (_, at, value, expected) => {
    expect(code(() => decodeEntry(changed(at, value)))).toBe(expected)
  })
})

describe('L-3: limits, on both sides', () => {
  const room = encodeEntry({ ...sample, body: new Uint8Array() }).length + 3
  const sized = (bytes: number) => ({ ...sample, body: new Uint8Array(bytes - room) })

  test('of bytes', () => {
    const largest = encodeEntry(sized(ENTRY_BYTES_MAX))
    expect(largest).toHaveLength(ENTRY_BYTES_MAX)
    expect(decodeEntry(largest).body).toHaveLength(ENTRY_BYTES_MAX - room)
    expect(code(() => encodeEntry(sized(ENTRY_BYTES_MAX + 1)))).toBe('entry-too-large')
    expect(code(() => decodeEntry(new Uint8Array(ENTRY_BYTES_MAX + 1)))).toBe('entry-too-large')
  })

  test('of a record key, in bytes', () => {
    const keyed = (record: string) => ({ ...sample, record })
    const longest = 'é'.repeat(RECORD_KEY_BYTES_MAX / 2)
    expect(decodeEntry(encodeEntry(keyed(longest))).record).toBe(longest)
    expect(code(() => encodeEntry(keyed(`${longest}x`)))).toBe('malformed-entry')
  })

  test.each([-1, 0.5, 0x1_0000, Number.NaN])('of an incarnation: %j', (incarnation) => {
    expect(code(() => encodeEntry({ ...sample, incarnation }))).toBe('malformed-entry')
  })

  test('of changes', () => {
    const changes = (count: number) => Array.from({ length: count }, () => new Uint8Array())
    expect(decodeChanges(encodeChanges(changes(CHANGES_PER_ENTRY_MAX)))).toHaveLength(CHANGES_PER_ENTRY_MAX)
    expect(code(() => encodeChanges(changes(CHANGES_PER_ENTRY_MAX + 1)))).toBe('entry-too-large')
    const told = new ByteWriter()
      .varint(CHANGES_PER_ENTRY_MAX + 1)
      .raw(new Uint8Array(CHANGES_PER_ENTRY_MAX + 1))
    expect(code(() => decodeChanges(told.finish()))).toBe('malformed-entry')
  })
})

describe('L-4: changes of an entry', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 8 }), (changes) => {
        expect(decodeChanges(encodeChanges(changes))).toEqual(changes)
      }),
      PROPERTY,
    )
  })

  test.each<[string, number[]]>([
    ['nothing', []],
    ['none', [0]],
    ['too much', [1, 1, 5, 9]],
    ['too little', [2, 1, 5]],
    ['a length beyond the end', [1, 200, 1, 5]],
  ])('with %s in it are refused', (_, body) => {
    expect(code(() => decodeChanges(new Uint8Array(body)))).toBe('malformed-entry')
  })
})

describe('L-5: the credential an entry cites', () => {
  const cited = (credentialHash: Uint8Array) =>
    credentialCited(encodeEntry({ ...sample, signature: { ...sample.signature!, credentialHash } }))

  test('is read without reading the rest', () => {
    const hash = new Uint8Array(32).fill(9)
    expect(cited(hash)).toBe(toHex(hash))
  })

  test('is none when there is no signature, before enrolment, and in what cannot be read', () => {
    expect(credentialCited(encodeEntry({ ...sample, signature: undefined }))).toBeUndefined()
    expect(cited(new Uint8Array(32))).toBeUndefined()
    const bytes = encodeEntry(sample)
    for (let length = 0; length < 60; length++) credentialCited(bytes.subarray(0, length))
    expect(credentialCited(bytes.subarray(0, 40))).toBeUndefined()
  })
})

test('L-6: what is signed differs whenever any part of it does', () => {
  const statement: SignedStatement = {
    space: 'main',
    record: 'a/1',
    kind: 'changes',
    actor: new Uint8Array(17).fill(1),
    lastSeq: 1,
    lastHash: new Uint8Array(32).fill(2),
    credentialHash: new Uint8Array(32).fill(3),
  }
  const others: Partial<SignedStatement>[] = [
    { space: 'other' },
    // The end of one part is not the beginning of the next.
    { space: 'maina', record: '/1' },
    { record: 'a/2' },
    { kind: 'receipt' },
    { actor: new Uint8Array(17) },
    { lastSeq: 2 },
    { lastHash: new Uint8Array(32) },
    { credentialHash: new Uint8Array(32) },
  ]
  const all = [statement, ...others.map((other) => ({ ...statement, ...other }))].map((one) =>
    toHex(statementBytes(one)),
  )
  expect(new Set(all).size).toBe(all.length)
})
