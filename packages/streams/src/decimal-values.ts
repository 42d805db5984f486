/**
 * Values as scaled decimals. What a sensor reports is nearly always a short decimal (1016.6), whose float64 has a
 * random-looking mantissa; as k / 10^p it is a small integer, and its neighbours differ by a few units:
 *
 *     values   1016.6   1016.5   NaN          1016.5
 *     k, p=1    10166    10165                 10165
 *     column   zigzag(10166)+1  zigzag(-1)+1  0 + 8 bytes  zigzag(0)+1
 *
 * A value that is not exactly k / 10^p (a gap written as NaN, an infinity, -0, a true float) is an exception: code 0,
 * then its bits. So one gap does not cost the whole column its encoding.
 */

import { readFloatBits, writeFloatBits } from './float-bits.ts'
import { SegmentError } from './segment-error.ts'
import { DECIMAL_ABS_MAX, DECIMAL_PLACES_MAX } from './segment-limits.ts'
import { ColumnReader, unzigzag, writeVarint, zigzag } from './varint.ts'

const EXCEPTION_BYTES = 9
const POWERS_OF_TEN = Float64Array.from({ length: DECIMAL_PLACES_MAX + 1 }, (_, places) => 10 ** places)

/** `places` is the p of k / 10^p. */
export interface DecimalColumn {
  places: number
  bytes: Uint8Array
}

/**
 * Encodes `values`, or returns null when so many are no short decimals that this encoding cannot win.
 * The bits of every value survive.
 */
export function encodeDecimals(values: Float64Array): DecimalColumn | null {
  const places = placesOf(values)
  if (places === null) return null
  const power = POWERS_OF_TEN[places]!
  const bytes = new Uint8Array(values.length * EXCEPTION_BYTES)
  let position = 0
  let previous = 0
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!
    const scaled = Math.round(value * power)
    if (fits(value, scaled, power)) {
      position = writeVarint(bytes, position, zigzag(scaled - previous) + 1)
      previous = scaled
    } else {
      bytes[position] = 0
      position = writeFloatBits(bytes, position + 1, values, i)
    }
  }
  return { places, bytes: bytes.subarray(0, position) }
}

/** @throws SegmentError `malformed` */
export function decodeDecimals(bytes: Uint8Array, count: number, places: number): Float64Array {
  const power = POWERS_OF_TEN[places]!
  const values = new Float64Array(count)
  const reader = new ColumnReader(bytes)
  let scaled = 0
  for (let i = 0; i < count; i += 1) {
    const code = reader.readVarint()
    if (code === 0) {
      readFloatBits(reader, values, i)
      continue
    }
    scaled += unzigzag(code - 1)
    if (scaled > DECIMAL_ABS_MAX || scaled < -DECIMAL_ABS_MAX) throw beyondRange(scaled)
    values[i] = scaled / power
  }
  reader.expectEnd()
  return values
}

/**
 * The fewest decimal places that suit all values but the exceptions, or null when more than one value in eight is an
 * exception. One pass is enough: a decimal of fewer places divides to the same float64 with more.
 */
function placesOf(values: Float64Array): number | null {
  const exceptionsMax = values.length / 8
  let exceptions = 0
  let places = 0
  for (let i = 0; i < values.length; i += 1) {
    const needed = placesNeeded(values[i]!, places)
    if (needed !== null) {
      places = needed
    } else {
      exceptions += 1
      if (exceptions > exceptionsMax) return null
    }
  }
  return places
}

function placesNeeded(value: number, placesMin: number): number | null {
  for (let places = placesMin; places <= DECIMAL_PLACES_MAX; places += 1) {
    const power = POWERS_OF_TEN[places]!
    if (fits(value, Math.round(value * power), power)) return places
  }
  return null
}

/** Both numbers are exact and division is correctly rounded (IEEE 754), so equal here is equal at the other side. */
function fits(value: number, scaled: number, power: number): boolean {
  return (
    scaled / power === value &&
    scaled <= DECIMAL_ABS_MAX &&
    scaled >= -DECIMAL_ABS_MAX &&
    !(value === 0 && Object.is(value, -0))
  )
}

function beyondRange(scaled: number): SegmentError {
  return new SegmentError(
    'malformed',
    `Decoding decimals reached ${scaled}, beyond ±${DECIMAL_ABS_MAX}: discard the segment.`,
  )
}
