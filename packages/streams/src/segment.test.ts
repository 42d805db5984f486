import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { anyReadings, bitsOf, noisyReadings } from '../test/generated-readings.ts'
import { SEATTLE_SERIES, seattleReadings } from '../test/seattle.ts'
import type { Compressor } from './compressor.ts'
import { nodeCompressor } from './compressor-node.ts'
import { decodeSegment, encodeSegment } from './segment.ts'
import { readSegmentHeader } from './segment-header.ts'
import {
  READINGS_PER_SEGMENT_MAX,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES_MAX,
  SEGMENT_NUMBER_MAX,
  STREAM_NAME_BYTES_MAX,
} from './segment-limits.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const one = { stream: 'gw-1/pressure', number: 1, times: Float64Array.of(0), values: Float64Array.of(1) }

/** Header, its floats, the stream name, the two columns. Checked by hand against the picture in segment.ts. */
const PINNED_HEX =
  '534b47013f957d730700000004000000040000000c0000000c0000000600000033aa4bf000020100' +
  '0000000000408f40000000000058ab400000000000c48f403333333333c78f400000000000c5af400d00' +
  '67772d312f7072657373757265' +
  'd00f0001e707ed9e01020109'

/** A host that cannot deflate: what it "deflates" is never kept, so nothing need be inflated. */
const neverSmaller: Compressor = {
  deflateRaw: (bytes) => bytes,
  inflateRaw: () => {
    throw new Error('nothing was deflated')
  },
}

describe('SEG-1: a segment decodes to the readings it was made of', () => {
  it.each([
    ['deflated', nodeCompressor],
    ['plain', neverSmaller],
  ])('bit for bit, %s', (_, compressor) => {
    checkProperty(
      fc.property(anyReadings, fc.integer({ min: 1, max: SEGMENT_NUMBER_MAX }), (readings, number) => {
        const bytes = encodeSegment({ stream: 'gw-1/x', number, ...readings }, compressor)
        const segment = decodeSegment(bytes, compressor)
        expect(segment.times).toEqual(readings.times)
        expect(bitsOf(segment.values)).toEqual(bitsOf(readings.values))
        expect(segment).toMatchObject({ stream: 'gw-1/x', number, count: readings.times.length })
      }),
      200,
    )
  })

  it('wherever in a buffer its bytes lie', () => {
    const bytes = encodeSegment(one, nodeCompressor)
    const within = new Uint8Array(bytes.length + 3)
    within.set(bytes, 3)
    expect(decodeSegment(within.subarray(3), nodeCompressor)).toEqual(decodeSegment(bytes, nodeCompressor))
  })

  it('with a time of -0 as 0', () => {
    const bytes = encodeSegment({ ...one, times: Float64Array.of(-0) }, nodeCompressor)
    expect(decodeSegment(bytes, nodeCompressor)).toMatchObject({
      firstMs: 0,
      lastMs: 0,
      times: Float64Array.of(0),
    })
  })
})

describe('SEG-2: the format', () => {
  it('is pinned: these bytes must decode for ever', () => {
    const readings = {
      times: Float64Array.of(1_000, 2_000, 3_000, 3_500),
      values: Float64Array.of(1016.6, 1016.5, 1016.5, 1016.9),
    }
    const bytes = encodeSegment({ stream: 'gw-1/pressure', number: 7, ...readings }, neverSmaller)
    expect(Buffer.from(bytes).toString('hex')).toBe(PINNED_HEX)
    expect(decodeSegment(Buffer.from(PINNED_HEX, 'hex'), neverSmaller)).toMatchObject({
      number: 7,
      ...readings,
    })
  })

  it('holds the statistics, which leave NaN out', () => {
    const values = Float64Array.of(2, Number.NaN, -3, 4.5)
    const bytes = encodeSegment({ ...one, times: Float64Array.of(1, 2, 2, 9), values }, nodeCompressor)
    expect(readSegmentHeader(bytes)).toEqual({
      stream: 'gw-1/pressure',
      number: 1,
      count: 4,
      measuredCount: 3,
      firstMs: 1,
      lastMs: 9,
      min: -3,
      max: 4.5,
      sum: 3.5,
    })
  })

  it('says so when nothing was measured', () => {
    const bytes = encodeSegment({ ...one, values: Float64Array.of(Number.NaN) }, nodeCompressor)
    expect(decodeSegment(bytes, nodeCompressor)).toMatchObject({
      measuredCount: 0,
      min: NaN,
      max: NaN,
      sum: 0,
    })
  })

  it('keeps the deflated body only when it is smaller', () => {
    const noisy = { ...one, ...noisyReadings(20, 1) }
    const deflates = (bytes: Uint8Array) => bytes[36] === 1
    expect(deflates(encodeSegment({ ...one, ...seattleReadings('wind') }, nodeCompressor))).toBe(true)
    expect(deflates(encodeSegment(noisy, nodeCompressor))).toBe(false)
  })
})

describe('SEG-3: both sides of each ceiling', () => {
  it('READINGS_PER_SEGMENT_MAX, within SEGMENT_BYTES_MAX even for noise under the longest name', () => {
    const most = noisyReadings(READINGS_PER_SEGMENT_MAX, 5)
    const longest = 'n'.repeat(STREAM_NAME_BYTES_MAX)
    const bytes = encodeSegment({ stream: longest, number: 1, ...most }, nodeCompressor)
    expect(bytes.length).toBeLessThanOrEqual(SEGMENT_BYTES_MAX)
    expect(bitsOf(decodeSegment(bytes, nodeCompressor).values)).toEqual(bitsOf(most.values))
    const tooMany = noisyReadings(READINGS_PER_SEGMENT_MAX + 1, 5)
    expect(() => encodeSegment({ ...one, ...tooMany }, nodeCompressor)).toThrow(code('too-many-readings'))
  })

  it('SEGMENT_BYTES_MAX is refused before anything is read', () => {
    const atMost = () => decodeSegment(new Uint8Array(SEGMENT_BYTES_MAX), nodeCompressor)
    const above = () => decodeSegment(new Uint8Array(SEGMENT_BYTES_MAX + 1), nodeCompressor)
    expect(atMost).toThrow(code('malformed'))
    expect(above).toThrow(code('too-large'))
  })

  it('STREAM_NAME_BYTES_MAX counts bytes, and SEGMENT_HEADER_BYTES_MAX is enough for the header', () => {
    const longest = 'ü'.repeat(STREAM_NAME_BYTES_MAX / 2)
    const bytes = encodeSegment({ ...one, stream: longest }, nodeCompressor)
    expect(readSegmentHeader(bytes.subarray(0, SEGMENT_HEADER_BYTES_MAX)).stream).toBe(longest)
    expect(() => encodeSegment({ ...one, stream: `${longest}x` }, nodeCompressor)).toThrow(code('bad-input'))
  })

  it('segment numbers are 1 to SEGMENT_NUMBER_MAX', () => {
    for (const number of [1, SEGMENT_NUMBER_MAX]) {
      expect(decodeSegment(encodeSegment({ ...one, number }, nodeCompressor), nodeCompressor).number).toBe(
        number,
      )
    }
    for (const number of [0, SEGMENT_NUMBER_MAX + 1, 1.5, Number.NaN]) {
      expect(() => encodeSegment({ ...one, number }, nodeCompressor)).toThrow(code('bad-input'))
    }
  })

  it('at least one reading, and as many times as values', () => {
    const none = new Float64Array(0)
    expect(() => encodeSegment({ ...one, times: none, values: none }, nodeCompressor)).toThrow(
      code('bad-input'),
    )
    expect(() => encodeSegment({ ...one, values: Float64Array.of(1, 2) }, nodeCompressor)).toThrow(
      code('bad-input'),
    )
  })

  it.each(['', 'line\nbreak', 'nul\0', 'lone \ud800'])('the stream name %j is refused', (stream) => {
    expect(() => encodeSegment({ ...one, stream }, nodeCompressor)).toThrow(code('bad-input'))
  })

  it('a stream name keeps its byte order mark', () => {
    const bytes = encodeSegment({ ...one, stream: '\ufeffgw' }, nodeCompressor)
    expect(readSegmentHeader(bytes).stream).toBe('\ufeffgw')
  })
})

describe('SEG-4: real readings take few bytes', () => {
  it.each(SEATTLE_SERIES)('%s: at most half a byte a reading', (series) => {
    const readings = seattleReadings(series)
    expect(readings.times.length).toBe(8_759)
    const bytes = encodeSegment({ stream: `seattle/${series}`, number: 1, ...readings }, nodeCompressor)
    expect(bytes.length / readings.times.length).toBeLessThan(0.5)
    expect(decodeSegment(bytes, nodeCompressor)).toMatchObject(readings)
  })

  it.each(SEATTLE_SERIES)('%s: at most 8 bytes a reading when sealed every 24', (series) => {
    const { times, values } = seattleReadings(series)
    let bytes = 0
    for (let start = 0; start < times.length; start += 24) {
      const day = { times: times.subarray(start, start + 24), values: values.subarray(start, start + 24) }
      bytes += encodeSegment({ stream: series, number: start / 24 + 1, ...day }, nodeCompressor).length
    }
    expect(bytes / times.length).toBeLessThan(8)
  })
})
