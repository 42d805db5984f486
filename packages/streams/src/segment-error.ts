/** What can be wrong with a segment, as a closed set: a caller can handle every code, and nothing else is thrown. */

/**
 * - `truncated`: the bytes end before the segment does
 * - `bad-checksum`: header or body differs from its crc32
 * - `too-many-readings`: more than `READINGS_PER_SEGMENT_MAX`
 * - `too-large`: more bytes than `SEGMENT_BYTES_MAX`
 * - `inflate-bomb`: the body would inflate to more than its readings can need, or more than it declares
 * - `unordered`: a time lies before the one in front of it
 * - `bad-version`: a format version that this build does not read
 * - `malformed`: bytes that no encoder writes
 * - `bad-input`: the caller's own arguments cannot be a segment (name, number, lengths, a time that is no integer)
 */
export type SegmentErrorCode =
  | 'truncated'
  | 'bad-checksum'
  | 'too-many-readings'
  | 'too-large'
  | 'inflate-bomb'
  | 'unordered'
  | 'bad-version'
  | 'malformed'
  | 'bad-input'

/** The only error that encoding, decoding and sealing throw; `code` is stable, the message is for people. */
export class SegmentError extends Error {
  override readonly name = 'SegmentError'
  readonly code: SegmentErrorCode

  constructor(code: SegmentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
