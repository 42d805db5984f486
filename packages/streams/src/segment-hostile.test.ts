import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { noisyReadings } from '../test/generated-readings.ts'
import { resealed } from '../test/resealed.ts'
import { seattleReadings } from '../test/seattle.ts'
import { nodeCompressor } from './compressor-node.ts'
import { decodeSegment, encodeSegment } from './segment.ts'
import { SegmentError } from './segment-error.ts'
import { readSegmentHeader } from './segment-header.ts'

const stream = 'gw-1/pressure'
const deflated = encodeSegment({ stream, number: 1, ...seattleReadings('pressure') }, nodeCompressor)
const plain = encodeSegment({ stream, number: 1, ...noisyReadings(20, 1) }, nodeCompressor)
const tiny = encodeSegment(
  { stream, number: 1, times: Float64Array.of(5, 6, 8), values: Float64Array.of(1, 2, 4) },
  nodeCompressor,
)
const DECODE_MS_MAX = 1_000

/** The code with which `bytes` are refused, or null when they decode. Anything but a SegmentError fails the test. */
function refusalOf(bytes: Uint8Array): string | null {
  try {
    decodeSegment(bytes, nodeCompressor)
    return null
  } catch (error) {
    if (error instanceof SegmentError) return error.code
    throw error
  }
}

const forged = (forge: (view: DataView, bytes: Uint8Array) => void, segment = tiny) =>
  refusalOf(resealed(segment, forge))

describe('fault C8: SEG-8: damage is found', () => {
  it.each([
    ['deflated', deflated],
    ['plain', plain],
    ['tiny', tiny],
  ])('every cut of a %s segment is refused', (_, segment) => {
    for (let length = 0; length < segment.length; length += 1) {
      expect(refusalOf(segment.subarray(0, length))).toBe('truncated')
    }
  })

  it('every flipped bit is refused', () => {
    for (const segment of [plain, tiny]) {
      for (let bit = 0; bit < segment.length * 8; bit += 1) {
        const damaged = segment.slice()
        damaged[bit >>> 3]! ^= 1 << (bit & 7)
        expect(refusalOf(damaged)).not.toBeNull()
      }
    }
  })

  it('a flipped bit behind the name length is told by its checksum', () => {
    for (const at of [10, 60, 90, deflated.length - 1]) {
      const damaged = deflated.slice()
      damaged[at]! ^= 1
      expect(refusalOf(damaged)).toBe('bad-checksum')
    }
  })

  it('the header alone checks itself, and nothing behind it', () => {
    const damagedBody = deflated.slice()
    damagedBody[deflated.length - 1]! ^= 1
    expect(readSegmentHeader(damagedBody)).toEqual(readSegmentHeader(deflated))
    const damagedSum = deflated.slice()
    damagedSum[72]! ^= 1
    expect(() => readSegmentHeader(damagedSum)).toThrow(expect.objectContaining({ code: 'bad-checksum' }))
  })
})

describe('SEG-9: a forged segment with right checksums is refused, by its code', () => {
  it.each<[string, string, (view: DataView, bytes: Uint8Array) => void]>([
    ['another magic', 'malformed', (view) => view.setUint8(0, 0)],
    ['version 0', 'bad-version', (view) => view.setUint8(3, 0)],
    ['version 2', 'bad-version', (view) => view.setUint8(3, 2)],
    ['number 0', 'malformed', (view) => view.setUint32(8, 0, true)],
    ['no readings', 'malformed', (view) => view.setUint32(12, 0, true)],
    ['65,537 readings', 'too-many-readings', (view) => view.setUint32(12, 65_537, true)],
    ['4,294,967,295 readings', 'too-many-readings', (view) => view.setUint32(12, 0xffffffff, true)],
    ['one reading too many', 'malformed', (view) => view.setUint32(12, 4, true)],
    ['one reading too few', 'malformed', (view) => view.setUint32(12, 2, true)],
    ['more measured than read', 'malformed', (view) => view.setUint32(16, 4, true)],
    ['less measured than there', 'malformed', (view) => view.setUint32(16, 2, true)],
    ['more stored than there', 'truncated', (view) => add(view, 20, 24, 1)],
    ['less stored than there', 'malformed', (view) => add(view, 20, 24, -1)],
    ['sizes that contradict', 'malformed', (view) => add(view, 24, 24, 1)],
    ['a huge body', 'inflate-bomb', (view) => view.setUint32(24, 0xffffffff, true)],
    ['a time column beyond the body', 'malformed', (view) => view.setUint32(28, 1_000, true)],
    ['no time column', 'malformed', (view) => view.setUint32(28, 0, true)],
    ['a deflate flag on a plain body', 'malformed', (view) => view.setUint8(36, 1)],
    ['an unknown flag', 'malformed', (view) => view.setUint8(36, 2)],
    ['an unknown encoding', 'malformed', (view) => view.setUint8(37, 3)],
    ['another encoding', 'malformed', (view) => view.setUint8(37, 0)],
    ['seven places', 'malformed', (view) => view.setUint8(38, 7)],
    ['another number of places', 'malformed', (view) => view.setUint8(38, 1)],
    ['a reserved byte', 'malformed', (view) => view.setUint8(39, 1)],
    ['a first time that is no integer', 'malformed', (view) => view.setFloat64(40, 0.5, true)],
    ['a first time out of range', 'malformed', (view) => view.setFloat64(40, -(2 ** 51), true)],
    ['a first time of NaN', 'malformed', (view) => view.setFloat64(40, Number.NaN, true)],
    ['first after last', 'malformed', (view) => view.setFloat64(40, 9, true)],
    ['another last time', 'malformed', (view) => view.setFloat64(48, 9, true)],
    ['another minimum', 'malformed', (view) => view.setFloat64(56, 0, true)],
    ['another maximum', 'malformed', (view) => view.setFloat64(64, 5, true)],
    ['a minimum above the maximum', 'malformed', (view) => view.setFloat64(56, 9, true)],
    ['a maximum of NaN', 'malformed', (view) => view.setFloat64(64, Number.NaN, true)],
    ['another sum', 'malformed', (view) => view.setFloat64(72, 8, true)],
    ['no stream name', 'malformed', (view) => view.setUint16(80, 0, true)],
    ['a stream name beyond the end', 'truncated', (view) => view.setUint16(80, 256, true)],
    ['a stream name of 257 bytes', 'malformed', (view) => view.setUint16(80, 257, true)],
    ['a stream name that is no UTF-8', 'malformed', (view) => view.setUint8(82, 0xff)],
    ['a line break in the stream name', 'malformed', (view) => view.setUint8(82, 0x0a)],
    ['a time that goes back', 'unordered', (_, bytes) => bytes.set([1], 95)],
  ])('%s: %s', (_, expected, forge) => {
    expect(forged(forge)).toBe(expected)
  })

  it('bytes after the end', () => {
    expect(refusalOf(Uint8Array.from([...tiny, 0]))).toBe('malformed')
  })

  it('a body that inflates to more, or to less, than it declares', () => {
    expect(forged((view) => add(view, 24, 24, -1), deflated)).toBe('inflate-bomb')
    expect(forged((view) => add(view, 24, 24, 1), deflated)).toBe('malformed')
  })

  it('a body that inflates to what its readings can never need', () => {
    const bomb = nodeCompressor.deflateRaw(new Uint8Array(100 * 1024 * 1024))
    const bytes = new Uint8Array(95 + bomb.length)
    bytes.set(tiny.subarray(0, 95))
    bytes.set(bomb, 95)
    const declares = (inflatedBytes: number) =>
      refusalOf(
        resealed(bytes, (view) => {
          view.setUint32(12, 65_536, true)
          view.setUint32(20, bomb.length, true)
          view.setUint32(24, inflatedBytes, true)
          view.setUint8(36, 1)
        }),
      )
    expect(declares(65_536 * 16)).toBe('inflate-bomb')
    expect(declares(65_536 * 16 + 1)).toBe('inflate-bomb')
    expect(declares(100 * 1024 * 1024)).toBe('inflate-bomb')
  })

  it('a body is refused unread from the first byte beyond 16 a reading', () => {
    const declares = (inflatedBytes: number) =>
      forged((view) => {
        view.setUint32(24, inflatedBytes, true)
        view.setUint8(36, 1)
      })
    expect(declares(3 * 16)).toBe('malformed')
    expect(declares(3 * 16 + 1)).toBe('inflate-bomb')
  })

  it('a header that contradicts itself, though only the header is read', () => {
    const moreMeasured = resealed(tiny, (view) => view.setUint32(16, 4, true))
    expect(() => readSegmentHeader(moreMeasured)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it('a compressor that ignores its ceiling is not believed', () => {
    const careless = { ...nodeCompressor, inflateRaw: () => new Uint8Array(1_000_000) }
    expect(() => decodeSegment(deflated, careless)).toThrow(expect.objectContaining({ code: 'inflate-bomb' }))
  })
})

describe('SEG-10: hostile bytes only ever give a SegmentError, soon', () => {
  const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) })

  it('random bytes', () => {
    checkProperty(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(refusalOf(bytes)).not.toBeNull()
      }),
      1_000,
    )
  })

  it('random bytes behind a right magic, name length and checksums', () => {
    checkProperty(
      fc.property(fc.uint8Array({ minLength: 96, maxLength: 400 }), (bytes) => {
        const refused = forged((view, forgedBytes) => {
          forgedBytes.set([0x53, 0x4b, 0x47, 1])
          view.setUint16(80, view.getUint8(80) % 14, true)
        }, bytes)
        expect(refused).not.toBeNull()
      }),
      1_000,
    )
  })

  it.each([
    ['deflated', deflated],
    ['plain', plain],
    ['tiny', tiny],
  ])('changed bytes of a %s segment with right checksums', (_, segment) => {
    checkProperty(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 8 }), (mutations) => {
        const start = performance.now()
        forged((_view, bytes) => {
          for (const { at, byte } of mutations) bytes[at % bytes.length] = byte
        }, segment)
        expect(performance.now() - start).toBeLessThan(DECODE_MS_MAX)
      }),
      2_000,
    )
  })

  it('random columns behind a plain header', () => {
    checkProperty(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 60 }),
        fc.integer({ min: 0, max: 2 }),
        (body, encoding) => {
          const bytes = Uint8Array.from([...tiny.subarray(0, 95), ...body])
          forged((view) => {
            view.setUint32(12, 4 + (body[0]! % 8), true)
            add(view, 20, 24, body.length - view.getUint32(20, true))
            view.setUint32(28, body[1]! % body.length, true)
            view.setUint8(37, encoding)
            view.setUint8(38, 0)
          }, bytes)
        },
      ),
      3_000,
    )
  })
})

/** Adds `delta` to the u32 fields from `first` to `last`. */
function add(view: DataView, first: number, last: number, delta: number): void {
  for (let at = first; at <= last; at += 4) view.setUint32(at, view.getUint32(at, true) + delta, true)
}
