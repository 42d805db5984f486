/** What can be wrong with a range query, as a closed set. */

/**
 * - `bad-range`: bounds or bucket width are no whole milliseconds, or the range is backwards
 * - `too-many-buckets`: more than `BUCKETS_PER_ANSWER_MAX`
 * - `too-many-readings`: more than `READINGS_PER_ANSWER_MAX`
 * - `mixed-streams`: segments of different streams, or one segment twice
 */
export type RangeQueryErrorCode = 'bad-range' | 'too-many-buckets' | 'too-many-readings' | 'mixed-streams'

/** The only error of range queries, besides what opening a segment throws. */
export class RangeQueryError extends Error {
  override readonly name = 'RangeQueryError'
  readonly code: RangeQueryErrorCode

  constructor(code: RangeQueryErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
