/**
 * What is known about a run of readings without looking at each: it stands in every segment's header, so that buckets
 * and thresholds need not decode a segment that they can answer from it.
 *
 * NaN is how a sensor says that it has no value. Such a reading is kept, but it is a gap: no statistic counts it.
 */

/** With no measured value, `min` and `max` are NaN and `sum` is 0. */
export interface Statistics {
  /** Readings whose value is not NaN. */
  measuredCount: number
  min: number
  max: number
  /** Added up in order, so that every host gets the same bits. */
  sum: number
}

/** One pass over `values`. */
export function statisticsOf(values: Float64Array): Statistics {
  let measuredCount = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let sum = 0
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    measuredCount += 1
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  if (measuredCount === 0) return { measuredCount, min: Number.NaN, max: Number.NaN, sum }
  return { measuredCount, min, max, sum }
}

/** Whether both are the same to the last bit that matters (NaN equals NaN, 0 differs from -0). */
export function sameStatistics(a: Statistics, b: Statistics): boolean {
  return (
    a.measuredCount === b.measuredCount &&
    Object.is(a.min, b.min) &&
    Object.is(a.max, b.max) &&
    Object.is(a.sum, b.sum)
  )
}
