import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { anyValue, bitsOf, noisyReadings, sensorValues } from '../test/generated-readings.ts'
import { seededRandom } from '../test/seeded-random.ts'
import { nodeCompressor } from './compressor-node.ts'
import { decodeDecimals, encodeDecimals } from './decimal-values.ts'
import { decodePlanes, encodePlanes } from './plane-values.ts'
import { DECIMAL_ABS_MAX } from './segment-limits.ts'
import { decodeValues, encodeValues, VALUE_ENCODINGS } from './value-column.ts'
import { decodeXor, encodeXor } from './xor-values.ts'

const malformed = expect.objectContaining({ code: 'malformed' })
const columnValues = fc
  .oneof(sensorValues, fc.array(anyValue, { minLength: 1, maxLength: 200 }))
  .map((values) => Float64Array.from(values))

/** A quiet, an infinite and a signalling NaN, as bits: numbers would not show the difference. */
function oddNaNs(): Float64Array {
  return new Float64Array(
    BigUint64Array.of(0x7ff8000000000000n, 0xfff8dead0000beefn, 0x7ff0000000000001n).buffer,
  )
}

describe('SEG-6: every encoding keeps every bit', () => {
  it('xor', () => {
    checkProperty(
      fc.property(columnValues, (values) => {
        expect(bitsOf(decodeXor(encodeXor(values), values.length))).toEqual(bitsOf(values))
      }),
      300,
    )
  })

  it('planes', () => {
    checkProperty(
      fc.property(columnValues, (values) => {
        expect(bitsOf(decodePlanes(encodePlanes(values), values.length))).toEqual(bitsOf(values))
      }),
      200,
    )
  })

  it('decimals, whenever they encode at all', () => {
    checkProperty(
      fc.property(columnValues, (values) => {
        const column = encodeDecimals(values)
        if (column === null) return
        expect(bitsOf(decodeDecimals(column.bytes, values.length, column.places))).toEqual(bitsOf(values))
      }),
      500,
    )
  })

  it('the one that was chosen, of at most 8 bytes a value', () => {
    checkProperty(
      fc.property(columnValues, (values) => {
        const column = encodeValues(values, nodeCompressor)
        expect(column.bytes.length).toBeLessThanOrEqual(values.length * 8)
        expect(bitsOf(decodeValues(column, values.length))).toEqual(bitsOf(values))
      }),
      300,
    )
  })

  it('even the payload of a NaN, in all of them', () => {
    const values = oddNaNs()
    const mixed = new Float64Array(24)
    mixed.set(values, 0)
    expect(bitsOf(decodeXor(encodeXor(values), 3))).toEqual(bitsOf(values))
    expect(bitsOf(decodePlanes(encodePlanes(values), 3))).toEqual(bitsOf(values))
    expect(bitsOf(decodeDecimals(encodeDecimals(mixed)!.bytes, 24, 0))).toEqual(bitsOf(mixed))
  })

  it('of values that are a part of a larger array', () => {
    const part = Float64Array.of(9, 1.5, Number.NaN, 2.5).subarray(1)
    expect(bitsOf(decodeValues(encodeValues(part, nodeCompressor), 3))).toEqual(bitsOf(part))
  })
})

describe('SEG-7: the encoding is chosen by trying', () => {
  const encodingOf = (values: Float64Array) => encodeValues(values, nodeCompressor).encoding
  const walk = (count: number, round: (value: number) => number) => {
    const random = seededRandom(7)
    let value = 20
    return Float64Array.from({ length: count }, () => {
      value += random() - 0.5
      return round(value)
    })
  }

  it('decimals for what sensors report, gaps or not', () => {
    const values = walk(2_000, (value) => Math.round(value * 100) / 100)
    expect(encodingOf(values)).toBe(VALUE_ENCODINGS.decimals)
    values[100] = Number.NaN
    values[200] = Infinity
    expect(encodingOf(values)).toBe(VALUE_ENCODINGS.decimals)
  })

  it('xor for the levels of a converter', () => {
    const levels = walk(2_000, (value) => (Math.round(value * 10) * 3.3) / 4_095)
    expect(encodingOf(levels)).toBe(VALUE_ENCODINGS.xor)
  })

  it('planes for noise', () => {
    expect(encodingOf(noisyReadings(2_000, 3).values)).toBe(VALUE_ENCODINGS.planes)
  })
})

describe('decimals', () => {
  it('are what their picture says', () => {
    const { places, bytes } = encodeDecimals(
      Float64Array.of(1016.6, 1016.5, Number.NaN, 1016.5, 1016.5, 1016.5, 1016.5, 1016.5),
    )!
    expect(places).toBe(1)
    expect(Array.from(bytes)).toEqual([0xed, 0x9e, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 1, 1, 1, 1, 1])
  })

  it.each([0, 1, 2, 3, 4, 5, 6])('need %d places and take no more', (places) => {
    const values = Float64Array.from({ length: 50 }, (_, i) => (i * 10 + 1) / 10 ** places)
    expect(encodeDecimals(values)?.places).toBe(places)
  })

  it('stop at six places', () => {
    expect(encodeDecimals(Float64Array.of(0.1234567))).toBeNull()
  })

  it('take one exception in eight, and no more', () => {
    const values = new Float64Array(16)
    values.fill(Math.PI, 0, 2)
    expect(encodeDecimals(values)).not.toBeNull()
    values.fill(Math.PI, 0, 3)
    expect(encodeDecimals(values)).toBeNull()
  })

  it('reach to 2^50 on both sides of the border', () => {
    const ends = Float64Array.of(DECIMAL_ABS_MAX, -DECIMAL_ABS_MAX, DECIMAL_ABS_MAX)
    const column = encodeDecimals(ends)!
    expect(decodeDecimals(column.bytes, 3, column.places)).toEqual(ends)
    expect(encodeDecimals(Float64Array.of(DECIMAL_ABS_MAX + 1))).toBeNull()
    const oneStepMore = Uint8Array.from([...column.bytes, 3])
    expect(() => decodeDecimals(oneStepMore, 4, 0)).toThrow(malformed)
  })
})

describe('columns that no encoder writes are refused', () => {
  it('xor with more than eight zero bytes, cut short, or left over', () => {
    expect(() => decodeXor(Uint8Array.of(0x90), 1)).toThrow(malformed)
    expect(() => decodeXor(Uint8Array.of(0x45), 1)).toThrow(malformed)
    expect(() => decodeXor(Uint8Array.of(0x70), 1)).toThrow(malformed)
    expect(() => decodeXor(Uint8Array.of(0x80, 0x80), 1)).toThrow(malformed)
  })

  it('planes of another size', () => {
    expect(() => decodePlanes(new Uint8Array(7), 1)).toThrow(malformed)
    expect(() => decodePlanes(new Uint8Array(9), 1)).toThrow(malformed)
  })

  it('decimals cut short or left over', () => {
    expect(() => decodeDecimals(Uint8Array.of(0, 1, 2), 1, 0)).toThrow(malformed)
    expect(() => decodeDecimals(Uint8Array.of(1, 1), 1, 0)).toThrow(malformed)
  })
})
