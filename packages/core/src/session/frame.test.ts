import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../bytes/crc32.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { frame, PROPERTY } from './arbitraries.test-support.ts'
import { decodeFrame, deflateFrame, encodeFrame, type Frame, type FrameItem, itemBytesMax } from './frame.ts'
import * as limit from './limits.ts'
import { ProtocolError } from './port.ts'

const host = new VirtualWorld(1).host()
const decode = (bytes: Uint8Array) => decodeFrame(bytes, host.inflateRaw)
const deflate = (bytes: Uint8Array) => deflateFrame(bytes, host.deflateRaw)
const frameOf = (...items: FrameItem[]): Frame => ({
  items,
  position: undefined,
  current: false,
})
const entry = (seq: number, bytes: number): FrameItem => ({
  kind: 'entry',
  seq,
  bytes: new Uint8Array(bytes),
})

function refusal(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

/** A frame of this body, with a right checksum, so that only the rule under test can refuse it. */
function crafted(flags: number, ...body: number[]): Uint8Array {
  const sum = crc32(Uint8Array.from(body))
  return Uint8Array.of(0x10, flags, ...body, sum & 0xff, (sum >>> 8) & 0xff, (sum >>> 16) & 0xff, sum >>> 24)
}

describe('frames', () => {
  it('come back as they were, deflated or not', () => {
    fc.assert(
      fc.property(frame, (one) => {
        const bytes = encodeFrame(one)
        expect(decode(bytes)).toEqual(one)
        expect(decode(deflate(bytes))).toEqual(one)
      }),
      PROPERTY,
    )
  })

  it('are no longer than their items were reckoned', () => {
    fc.assert(
      fc.property(frame, (one) => {
        const reckoned = one.items.reduce((sum, item) => sum + itemBytesMax(item), 0)
        expect(encodeFrame({ ...one, position: undefined }).length).toBeLessThanOrEqual(reckoned + 7)
      }),
      PROPERTY,
    )
  })

  it('I1: with any byte of the body changed fail their checksum', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, change) => {
        const bytes = encodeFrame(one)
        bytes[2 + (at % (bytes.length - 2))]! ^= change
        expect(refusal(() => decode(bytes))).toBe('malformed')
      }),
      PROPERTY,
    )
  })

  it('I1: of hostile bytes with a right checksum fail with a ProtocolError and nothing else', () => {
    const random = new SeededRandom(11)
    for (let i = 0; i < 20_000; i++) {
      const body = [...random.bytes(1 + random.below(60))]
      body[0] = random.below(6)
      refusal(() => decode(crafted(random.below(16), ...body)))
    }
  })

  it('I1: flags that version 1 does not know are malformed', () => {
    expect(refusal(() => decode(crafted(0, 0)))).toBeUndefined()
    expect(refusal(() => decode(crafted(64, 0)))).toBe('malformed')
    // Views have no position and no run; they may be the last.
    expect([32, 32 | 4].map((flags) => refusal(() => decode(crafted(flags, 0))))).toEqual([
      undefined,
      undefined,
    ])
    for (const flag of [2, 8, 16]) expect(refusal(() => decode(crafted(32 | flag, 0, 0)))).toBe('malformed')
    // What is missing has no position, no run, and says nothing of the stream's end.
    for (const flag of [2, 4, 8]) expect(refusal(() => decode(crafted(16 | flag, 0, 0)))).toBe('malformed')
    // A run is named without a position.
    expect(refusal(() => decode(crafted(8, 0, ...new Array(16).fill(1))))).toBe('malformed')
  })

  it('I1: sequence 0, unknown tags, and bytes after the end are malformed', () => {
    expect(refusal(() => decode(crafted(0, 1, 0, 0, 0)))).toBe('malformed')
    expect(refusal(() => decode(crafted(0, 6, 0)))).toBe('malformed')
    expect(refusal(() => decode(crafted(0, 0, 0)))).toBe('malformed')
    expect(refusal(() => decode(crafted(2, 0, 0)))).toBe('malformed')
    expect(refusal(() => decode(Uint8Array.of(0x10)))).toBe('malformed')
    expect(refusal(() => decode(Uint8Array.of(0x10, 0, 0, 0)))).toBe('malformed')
  })

  it('U6: views among other items, and another item among views, are malformed', () => {
    const views = [5, 2, 0x5b, 0x5d]
    const told: FrameItem = { kind: 'views', bytes: Uint8Array.of(0x5b, 0x5d) }
    expect(decode(crafted(32, ...views, 0))).toEqual({ ...frameOf(told), beside: 'views' })
    for (const flags of [0, 16]) expect(refusal(() => decode(crafted(flags, ...views, 0)))).toBe('malformed')
    expect(refusal(() => decode(crafted(32, 4, 1, 0x74, 0)))).toBe('malformed')
  })

  it('VIEWS_BYTES_MAX: as many pass, more are refused by writer and reader', () => {
    const views = (bytes: number): Frame => ({
      ...frameOf({ kind: 'views', bytes: new Uint8Array(bytes) }),
      beside: 'views',
    })
    const largest = views(limit.VIEWS_BYTES_MAX)
    expect(decode(encodeFrame(largest))).toEqual(largest)
    expect(() => encodeFrame(views(limit.VIEWS_BYTES_MAX + 1))).toThrow(RangeError)
    const length = limit.VIEWS_BYTES_MAX + 1
    const varint = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]
    expect(refusal(() => decode(crafted(32, 5, ...varint, 0)))).toBe('malformed')
  })

  it('FRAME_BYTES_MAX: several items up to it pass, beyond it are too large; one item alone may be larger', () => {
    const head = 1 + 1 + 3
    const half = limit.FRAME_BYTES_MAX / 2
    const full = encodeFrame(frameOf(entry(1, half - head), entry(2, half - head)))
    expect(decode(full).items).toHaveLength(2)
    expect(
      refusal(() => decode(encodeFrame(frameOf(entry(1, half - head), entry(2, half - head + 1))))),
    ).toBe('frame-too-large')
    expect(decode(encodeFrame(frameOf(entry(1, limit.FRAME_BYTES_MAX + 1)))).items).toHaveLength(1)
  })

  it('ENTRY_BYTES_MAX: an entry of it passes, a larger one is refused by writer and reader', () => {
    const largest = encodeFrame(frameOf(entry(1, limit.ENTRY_BYTES_MAX)))
    expect(largest.length).toBeLessThanOrEqual(limit.MESSAGE_BYTES_MAX)
    expect(decode(largest).items).toHaveLength(1)
    expect(() => encodeFrame(frameOf(entry(1, limit.ENTRY_BYTES_MAX + 1)))).toThrow(RangeError)
    const length = limit.ENTRY_BYTES_MAX + 1
    const varint = [
      (length & 0x7f) | 0x80,
      ((length >> 7) & 0x7f) | 0x80,
      ((length >> 14) & 0x7f) | 0x80,
      length >> 21,
    ]
    expect(refusal(() => decode(crafted(0, 1, 1, ...varint, 0)))).toBe('malformed')
  })

  it('RECORD_BYTES_MAX and CHANNEL_BYTES_MAX hold for marks', () => {
    const mark = (channel: number, record: number) =>
      frameOf({ kind: 'enter', seq: 1, channel: 'c'.repeat(channel), record: 'r'.repeat(record) })
    const largest = mark(limit.CHANNEL_BYTES_MAX, limit.RECORD_BYTES_MAX)
    expect(decode(encodeFrame(largest))).toEqual(largest)
    expect(() => encodeFrame(mark(limit.CHANNEL_BYTES_MAX + 1, 1))).toThrow(RangeError)
    expect(() => encodeFrame(mark(1, limit.RECORD_BYTES_MAX + 1))).toThrow(RangeError)
  })

  it('I1: what inflates to more than it says, to less, or to more than a message, is refused', () => {
    const deflated = deflate(encodeFrame(frameOf(entry(1, 2000))))
    expect(deflated.length).toBeLessThan(200)
    const said = (change: number) => {
      const bytes = deflated.slice()
      bytes[2]! += change
      return bytes
    }
    expect(refusal(() => decode(said(0)))).toBeUndefined()
    expect(refusal(() => decode(said(1)))).toBe('malformed')
    expect(refusal(() => decode(said(-1)))).toBe('malformed')
    const bomb = (bytes: number) => {
      const length = [
        (bytes & 0x7f) | 0x80,
        ((bytes >> 7) & 0x7f) | 0x80,
        ((bytes >> 14) & 0x7f) | 0x80,
        bytes >> 21,
      ]
      return Uint8Array.of(0x10, 1, ...length, 1, 255, 0)
    }
    expect(refusal(() => decode(bomb(limit.MESSAGE_BYTES_MAX + 1)))).toBe('frame-too-large')
    expect(refusal(() => decode(bomb(limit.MESSAGE_BYTES_MAX)))).toBe('malformed')
  })

  it('O11: stay plain when deflating saves less than a tenth', () => {
    const random = new SeededRandom(3)
    const noise = encodeFrame(frameOf({ kind: 'entry', seq: 1, bytes: random.bytes(2000) }))
    expect(deflate(noise)).toBe(noise)
  })
})
