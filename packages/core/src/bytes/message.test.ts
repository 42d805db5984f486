import { describe, expect, it } from 'vitest'
import { BytesError, type BytesErrorCode } from './bytes-error.ts'
import { ByteReader } from './reader.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'
import { ByteWriter } from './writer.ts'

function codeOf(run: () => unknown): BytesErrorCode {
  try {
    run()
  } catch (error) {
    if (error instanceof BytesError) return error.code
    throw error
  }
  throw new Error('expected a BytesError')
}

const texts = [
  '',
  'a',
  'work order',
  'é',
  '部件',
  '👩‍🔧',
  '\ufeffmark',
  'a\u0000b',
  'x'.repeat(15),
  'x'.repeat(16),
  'x'.repeat(17),
]
const longTexts = [
  'x'.repeat(47),
  'x'.repeat(48),
  'x'.repeat(49),
  `${'x'.repeat(47)}é`,
  'é'.repeat(70),
  'x'.repeat(5000),
]

describe('a message', () => {
  it('comes back field by field', () => {
    const bytes = new ByteWriter(4)
      .u8(7)
      .varint(300)
      .bytes(Uint8Array.of(1, 2, 3))
      .string('pump')
      .raw(Uint8Array.of(9, 9))
      .finish()
    const reader = new ByteReader(bytes)
    expect(reader.u8()).toBe(7)
    expect(reader.varint()).toBe(300)
    expect([...reader.bytes(3)]).toEqual([1, 2, 3])
    expect(reader.string(4)).toBe('pump')
    expect([...reader.raw(2)]).toEqual([9, 9])
    expect(reader.remaining).toBe(0)
  })

  it.each([...texts, ...longTexts])('carries the text %j', (text) => {
    const bytes = new ByteWriter().string(text).finish()
    const byPlatform = new TextEncoder().encode(text)
    expect(bytes.subarray(bytes.length - byPlatform.length)).toEqual(byPlatform)
    expect(new ByteReader(bytes).string(byPlatform.length)).toBe(text)
  })

  it('accepts a length at the limit and refuses one above', () => {
    const bytes = new ByteWriter().string('pump').finish()
    expect(new ByteReader(bytes).string(4)).toBe('pump')
    expect(codeOf(() => new ByteReader(bytes).string(3))).toBe('too-long')
    expect(codeOf(() => new ByteReader(bytes).bytes(3))).toBe('too-long')
  })

  it('refuses a length that the input does not hold', () => {
    const bytes = Uint8Array.of(200, 1, 65)
    expect(codeOf(() => new ByteReader(bytes).bytes(1000))).toBe('truncated')
    expect(codeOf(() => new ByteReader(bytes).raw(4))).toBe('truncated')
    expect(codeOf(() => new ByteReader(bytes, 3).u8())).toBe('truncated')
  })

  it('reads inside its bounds only', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3, 4), 1, 3)
    expect([reader.u8(), reader.u8()]).toEqual([2, 3])
    expect(codeOf(() => reader.u8())).toBe('truncated')
  })

  it.each([[[0xff]], [[0xc3]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]]])(
    'refuses %j as text',
    (bytes) => {
      const input = new ByteWriter().bytes(Uint8Array.from(bytes)).finish()
      expect(codeOf(() => new ByteReader(input).string(10))).toBe('invalid-utf8')
      const long = new ByteWriter().bytes(Uint8Array.from([...new Array(100).fill(65), ...bytes])).finish()
      expect(codeOf(() => new ByteReader(long).string(1000))).toBe('invalid-utf8')
    },
  )

  it('decodes a part of an array', () => {
    const bytes = encodeUtf8('aéb')
    expect(decodeUtf8(bytes, 1, 3)).toBe('é')
    expect(decodeUtf8(bytes, 1, 2)).toBeUndefined()
  })
})

describe('ByteWriter', () => {
  it('grows, counts, and starts over without touching what it handed out', () => {
    const writer = new ByteWriter(1)
    for (let i = 0; i < 1000; i++) writer.u8(i & 0xff)
    const first = writer.finish()
    expect(first).toHaveLength(1000)
    expect(writer.reset().length).toBe(0)
    writer.u8(255)
    expect([first[0], first[999]]).toEqual([0, 999 & 0xff])
    expect([...writer.finish()]).toEqual([255])
  })

  it('holds its limit and refuses one byte more', () => {
    const writer = new ByteWriter(4, 10)
    writer.raw(new Uint8Array(10))
    expect(codeOf(() => writer.u8(1))).toBe('too-long')
    expect(writer.length).toBe(10)
  })
})
