import { describe, expect, it } from 'vitest'
import { BytesError, type BytesErrorCode } from './bytes-error.ts'
import { ByteReader } from './reader.ts'
import { ByteWriter } from './writer.ts'

const MAX = Number.MAX_SAFE_INTEGER
const edges = [
  0,
  1,
  0x7f,
  0x80,
  0x3fff,
  0x4000,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 49 - 1,
  2 ** 49,
  MAX - 1,
  MAX,
]

function failure(run: () => unknown): BytesError {
  try {
    run()
  } catch (error) {
    if (error instanceof BytesError) return error
    throw error
  }
  throw new Error('expected a BytesError')
}

function codeOf(run: () => unknown): BytesErrorCode {
  return failure(run).code
}

describe('unsigned varint', () => {
  it.each(edges)('carries %d', (value) => {
    const bytes = new ByteWriter().varint(value).finish()
    const reader = new ByteReader(bytes)
    expect(reader.varint()).toBe(value)
    expect(reader.remaining).toBe(0)
  })

  it('writes the bytes LEB128 names', () => {
    expect([...new ByteWriter().varint(624485).finish()]).toEqual([0xe5, 0x8e, 0x26])
    expect(new ByteWriter().varint(MAX).finish()).toHaveLength(8)
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MAX + 1])('does not write %d', (value) => {
    expect(codeOf(() => new ByteWriter().varint(value))).toBe('varint-overflow')
  })

  it('refuses 2^53 and above, however it is spelled', () => {
    const twoTo53 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    const endless = new Array(20).fill(0xff)
    const zerosThenMore = [...new Array(9).fill(0x80), 0x80, 0x01]
    for (const bytes of [twoTo53, endless, zerosThenMore]) {
      expect(codeOf(() => new ByteReader(Uint8Array.from(bytes)).varint())).toBe('varint-overflow')
    }
  })

  it('refuses a second spelling of the same number', () => {
    for (const bytes of [
      [0x80, 0x00],
      [0x85, 0x80, 0x00],
      [...new Array(8).fill(0x80), 0x00],
    ]) {
      expect(codeOf(() => new ByteReader(Uint8Array.from(bytes)).varint())).toBe('varint-overlong')
    }
  })

  it('accepts the limit and refuses one above, naming both', () => {
    const bytes = new ByteWriter().varint(1000).finish()
    expect(new ByteReader(bytes).varint(1000)).toBe(1000)
    const error = failure(() => new ByteReader(bytes).varint(999))
    expect(error.code).toBe('varint-overflow')
    expect(error.message).toMatch(/offset 0.*1000.*limit 999/)
  })

  it('says where the bytes end', () => {
    const error = failure(() => new ByteReader(Uint8Array.of(0x80, 0x80)).varint())
    expect([error.code, error.offset]).toEqual(['truncated', 2])
  })
})

describe('signed varint', () => {
  const cases: [number[], number][] = [
    [[0x00], 0],
    [[0x7f], -1],
    [[0x3f], 63],
    [[0x40], -64],
    [[0x80, 0x01], 128],
    [[0xff, 0x3f], 8191],
    [[0x80, 0x40], -8192],
    [[0xc0, 0x00], 64],
    [[0xbf, 0x7f], -65],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], MAX],
    [[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x70], -MAX],
  ]
  it.each(cases)('reads %j as %d', (bytes, value) => {
    expect(new ByteReader(Uint8Array.from(bytes)).signedVarint()).toBe(value)
  })

  it.each(cases)('writes %j for %d', (bytes, value) => {
    expect([...new ByteWriter().signedVarint(value).finish()]).toEqual(bytes)
  })

  it.each([MAX + 1, 0.5, Number.NaN])('does not write %d', (value) => {
    expect(codeOf(() => new ByteWriter().signedVarint(value))).toBe('varint-overflow')
  })

  it.each(cases)('writes %j for %d', (bytes, value) => {
    expect([...new ByteWriter().signedVarint(value).finish()]).toEqual(bytes)
  })

  it.each([MAX + 1, 0.5, Number.NaN])('does not write %d', (value) => {
    expect(codeOf(() => new ByteWriter().signedVarint(value))).toBe('varint-overflow')
  })

  it('refuses a second spelling of the same number', () => {
    for (const bytes of [
      [0x80, 0x00],
      [0xbf, 0x00],
      [0xff, 0x7f],
      [0x81, 0xff, 0x7f],
    ]) {
      expect(codeOf(() => new ByteReader(Uint8Array.from(bytes)).signedVarint())).toBe('varint-overlong')
    }
  })

  it('refuses what is no safe integer', () => {
    const twoTo53 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    for (const bytes of [twoTo53, new Array(20).fill(0xff)]) {
      expect(codeOf(() => new ByteReader(Uint8Array.from(bytes)).signedVarint())).toBe('varint-overflow')
    }
  })
})
