import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { nodeCompressor } from './compressor-node.ts'
import { SEAL_POLICY_DEFAULT, Sealer, type SealPolicy } from './sealer.ts'
import { decodeSegment, encodeSegment } from './segment.ts'
import { READINGS_PER_SEGMENT_MAX, SEGMENT_NUMBER_MAX, TIME_MS_ABS_MAX } from './segment-limits.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const policy = (changes: Partial<SealPolicy>): SealPolicy => ({ ...SEAL_POLICY_DEFAULT, ...changes })

describe('SEAL-1: what goes in comes out, in numbered segments', () => {
  it('for any readings within the allowed lateness, as a stable sort would order them', () => {
    const reading = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.double())
    checkProperty(
      fc.property(fc.array(reading, { maxLength: 300 }), (steps) => {
        const sealer = new Sealer('gw-1/x', policy({ lateMsMax: 20 }))
        const given: { time: number; value: number }[] = []
        let newest = 1_000
        for (const [step, value] of steps) {
          given.push({ time: newest + step, value })
          sealer.append(newest + step, value)
          newest = Math.max(newest, newest + step)
        }
        const segment = sealer.seal()
        const expected = [...given].sort((a, b) => a.time - b.time)
        expect(Array.from(segment?.times ?? [])).toEqual(expected.map(({ time }) => time))
        expect(Array.from(segment?.values ?? [])).toEqual(expected.map(({ value }) => value))
      }),
      200,
    )
  })

  it('counts segments up from 1, and goes on where a stream stood', () => {
    const sealer = new Sealer('gw-1/x')
    sealer.append(1, 10)
    expect(sealer.seal()).toMatchObject({ stream: 'gw-1/x', number: 1 })
    sealer.append(2, 20)
    expect(sealer.seal()).toMatchObject({ number: 2, values: Float64Array.of(20) })
    const restarted = new Sealer('gw-1/x', SEAL_POLICY_DEFAULT, { number: 2, newestMs: 2 })
    expect(() => restarted.append(1, 0)).toThrow(code('unordered'))
    restarted.append(2, 30)
    expect(restarted.seal()).toMatchObject({ number: 3 })
  })

  it('seals nothing when there is nothing, without using up a number', () => {
    const sealer = new Sealer('gw-1/x')
    expect(sealer.seal()).toBeNull()
    sealer.append(1, 1)
    expect(sealer.seal()?.number).toBe(1)
    expect(sealer.seal()).toBeNull()
    expect(sealer.openReadings).toBe(0)
  })

  it('gives readings that later ones do not overwrite', () => {
    const sealer = new Sealer('gw-1/x')
    sealer.append(1, 1)
    const first = sealer.seal()
    sealer.append(2, 2)
    expect(first?.values).toEqual(Float64Array.of(1))
  })

  it('fits the codec', () => {
    const sealer = new Sealer('gw-1/x')
    for (let i = 0; i < 500; i += 1) sealer.append(i * 1_000, i / 10)
    const segment = sealer.seal()!
    expect(decodeSegment(encodeSegment(segment, nodeCompressor), nodeCompressor)).toMatchObject(segment)
  })
})

describe('SEAL-2: when to seal', () => {
  it('never while empty', () => {
    expect(new Sealer('gw-1/x').sealReason(TIME_MS_ABS_MAX)).toBeNull()
  })

  it('at readingsMax, not one before', () => {
    const sealer = new Sealer('gw-1/x', policy({ readingsMax: 3 }))
    sealer.append(1, 0)
    sealer.append(2, 0)
    expect(sealer.sealReason(2)).toBeNull()
    sealer.append(3, 0)
    expect(sealer.sealReason(3)).toBe('readings')
  })

  it('at spanMsMax, not a millisecond before, though no reading comes', () => {
    const sealer = new Sealer('gw-1/x', policy({ spanMsMax: 1_000 }))
    sealer.append(5_000, 0)
    expect(sealer.sealReason(5_999)).toBeNull()
    expect(sealer.sealReason(6_000)).toBe('span')
  })

  it('by the readings where they are ahead of the clock', () => {
    const sealer = new Sealer('gw-1/x', policy({ spanMsMax: 1_000 }))
    sealer.append(5_000, 0)
    sealer.append(6_000, 0)
    expect(sealer.sealReason(0)).toBe('span')
  })
})

describe('SEAL-3: what is refused changes nothing', () => {
  it('a reading further back than lateMsMax, also behind a sealed segment', () => {
    const sealer = new Sealer('gw-1/x', policy({ lateMsMax: 10 }))
    sealer.append(100, 1)
    sealer.append(90, 2)
    expect(() => sealer.append(89, 3)).toThrow(code('unordered'))
    expect(sealer.seal()?.times).toEqual(Float64Array.of(90, 100))
    expect(() => sealer.append(89, 3)).toThrow(code('unordered'))
    sealer.append(90, 4)
    expect(sealer.seal()?.times).toEqual(Float64Array.of(90))
  })

  it('a time that is no whole millisecond in range', () => {
    const sealer = new Sealer('gw-1/x')
    for (const time of [0.5, Number.NaN, Infinity, TIME_MS_ABS_MAX + 1]) {
      expect(() => sealer.append(time, 1)).toThrow(code('bad-input'))
    }
    expect(sealer.openReadings).toBe(0)
    sealer.append(TIME_MS_ABS_MAX, 1)
    expect(sealer.openReadings).toBe(1)
  })

  it('a reading beyond READINGS_PER_SEGMENT_MAX', () => {
    const sealer = new Sealer('gw-1/x', policy({ readingsMax: READINGS_PER_SEGMENT_MAX }))
    for (let i = 0; i < READINGS_PER_SEGMENT_MAX; i += 1) sealer.append(i, i)
    expect(() => sealer.append(READINGS_PER_SEGMENT_MAX, 0)).toThrow(code('too-many-readings'))
    expect(sealer.seal()?.values.at(-1)).toBe(READINGS_PER_SEGMENT_MAX - 1)
    sealer.append(READINGS_PER_SEGMENT_MAX, 0)
  })

  it('a segment beyond SEGMENT_NUMBER_MAX', () => {
    const sealer = new Sealer('gw-1/x', SEAL_POLICY_DEFAULT, {
      number: SEGMENT_NUMBER_MAX - 1,
      newestMs: null,
    })
    sealer.append(1, 1)
    expect(sealer.seal()?.number).toBe(SEGMENT_NUMBER_MAX)
    sealer.append(2, 2)
    expect(() => sealer.seal()).toThrow(code('bad-input'))
    expect(sealer.openReadings).toBe(1)
  })

  it.each<[string, () => Sealer]>([
    ['an empty stream name', () => new Sealer('')],
    ['readingsMax 0', () => new Sealer('x', policy({ readingsMax: 0 }))],
    [
      'readingsMax above a segment',
      () => new Sealer('x', policy({ readingsMax: READINGS_PER_SEGMENT_MAX + 1 })),
    ],
    ['a negative span', () => new Sealer('x', policy({ spanMsMax: -1 }))],
    ['a negative lateness', () => new Sealer('x', policy({ lateMsMax: -1 }))],
    ['lateness NaN', () => new Sealer('x', policy({ lateMsMax: Number.NaN }))],
    ['a negative number', () => new Sealer('x', SEAL_POLICY_DEFAULT, { number: -1, newestMs: null })],
    ['a newest time that is none', () => new Sealer('x', SEAL_POLICY_DEFAULT, { number: 1, newestMs: 0.5 })],
  ])('%s', (_, make) => {
    expect(make).toThrow(code('bad-input'))
  })
})
