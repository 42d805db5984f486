/** Generators of readings: the shapes that sensors have, and the ones that only an adversary has. */

import fc from 'fast-check'
import type { Readings } from '../src/segment.ts'
import { seededRandom } from './seeded-random.ts'

/** Every float64 there is, the odd ones often. */
export const anyValue: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Infinity,
    -Infinity,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
    2 ** 53,
    -(2 ** 53),
  ),
  fc.integer({ min: -20_000, max: 20_000 }).map((tenths) => tenths / 10),
)

/** What a sensor sends: steps of a decimal, with a gap now and then. */
export const sensorValues: fc.Arbitrary<number[]> = fc
  .tuple(
    fc.integer({ min: 0, max: 6 }),
    fc.array(fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -30, max: 30 }) }, fc.constant(null)), {
      minLength: 1,
      maxLength: 300,
    }),
  )
  .map(([places, steps]) => {
    let scaled = 0
    return steps.map((step) => {
      if (step === null) return Number.NaN
      scaled += step
      return scaled / 10 ** places
    })
  })

/** Non-decreasing whole milliseconds, steady or not, `count` of them. */
export function timesFor(count: number): fc.Arbitrary<Float64Array> {
  const spacing = fc.oneof(
    { weight: 10, arbitrary: fc.constant(1_000) },
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 2 ** 31 }),
  )
  return fc
    .tuple(fc.integer({ min: -1e12, max: 1e13 }), fc.array(spacing, { minLength: count, maxLength: count }))
    .map(([first, spacings]) => {
      let time = first
      return Float64Array.from(spacings, (ms) => {
        time += ms
        return time
      })
    })
}

/** Readings with values of either kind. */
export const anyReadings: fc.Arbitrary<Readings> = fc
  .oneof(sensorValues, fc.array(anyValue, { minLength: 1, maxLength: 300 }))
  .chain((values) => timesFor(values.length).map((times) => ({ times, values: Float64Array.from(values) })))

/** `count` noisy readings, one a second, the same for the same seed: too many to generate one by one. */
export function noisyReadings(count: number, seed: number): Readings {
  const random = seededRandom(seed)
  return {
    times: Float64Array.from({ length: count }, (_, i) => 1_700_000_000_000 + i * 1_000),
    values: Float64Array.from({ length: count }, () => (random() - 0.5) * 10 ** (random() * 300) + random()),
  }
}

/** The bits of every value, so that -0, NaN and its payloads are compared too. */
export function bitsOf(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.slice().buffer)
}
