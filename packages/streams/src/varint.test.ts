import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { ColumnReader, unzigzag, writeVarint, zigzag } from './varint.ts'

function written(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  return bytes.subarray(0, writeVarint(bytes, 0, value))
}

describe('varints', () => {
  it('read back as written, up to 2^53 - 1', () => {
    checkProperty(
      fc.property(fc.maxSafeNat(), (value) => {
        const reader = new ColumnReader(written(value))
        expect(reader.readVarint()).toBe(value)
        reader.expectEnd()
      }),
      500,
    )
  })

  it.each([
    [0, 1],
    [127, 1],
    [128, 2],
    [2 ** 31 - 1, 5],
    [2 ** 31, 5],
    [2 ** 49 - 1, 7],
    [2 ** 49, 8],
    [Number.MAX_SAFE_INTEGER, 8],
  ])('%d takes %d bytes', (value, length) => {
    expect(written(value).length).toBe(length)
    expect(new ColumnReader(written(value)).readVarint()).toBe(value)
  })

  it('refuse a number beyond 2^53 and more than 8 bytes', () => {
    const beyond = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f)
    expect(() => new ColumnReader(beyond).readVarint()).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
    const endless = new Uint8Array(100).fill(0x80)
    expect(() => new ColumnReader(endless).readVarint()).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
  })

  it('refuse to be longer than they need be', () => {
    expect(() => new ColumnReader(Uint8Array.of(0x81, 0x00)).readVarint()).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
  })

  it('refuse to be read past the end, or left over', () => {
    expect(() => new ColumnReader(Uint8Array.of(0x80)).readVarint()).toThrow(/0 bytes left of 1 needed/)
    expect(() => new ColumnReader(Uint8Array.of(1)).expectEnd()).toThrow(/1 bytes over/)
  })
})

it('zigzag keeps the sign and stays small', () => {
  expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4])
  checkProperty(
    fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (value) => {
      expect(unzigzag(zigzag(value)) + 0).toBe(value + 0)
    }),
    300,
  )
})
