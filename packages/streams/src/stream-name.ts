/** Stream names: what may be one, and their bytes in a header. A name is a path such as `gw-1/pressure`. */

import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import { SegmentError } from './segment-error.ts'
import { STREAM_NAME_BYTES_MAX } from './segment-limits.ts'

/** Names end up in logs and metrics, where a line break would forge a line. */
const CONTROL_CHARACTER = /\p{Cc}/u

/**
 * @returns the UTF-8 bytes of `stream`
 * @throws SegmentError `bad-input` for a name that is empty, too long, no well-formed Unicode or has control characters
 */
export function encodeStreamName(stream: string): Uint8Array {
  const bytes = encodeUtf8(stream)
  const problem = problemOf(stream, bytes.length)
  if (problem === null) return bytes
  throw new SegmentError('bad-input', `Stream name ${JSON.stringify(stream.slice(0, 80))} ${problem}.`)
}

/** @throws SegmentError `malformed` for bytes that `encodeStreamName` never returns */
export function decodeStreamName(bytes: Uint8Array): string {
  const stream = decodeUtf8(bytes)
  if (stream === undefined)
    throw new SegmentError('malformed', 'The stream name of a segment is not UTF-8: discard it.')
  const problem = problemOf(stream, bytes.length)
  if (problem === null) return stream
  throw new SegmentError('malformed', `The stream name of a segment ${problem}: discard it.`)
}

function problemOf(stream: string, bytesLength: number): string | null {
  if (stream.length === 0) return 'is empty; give 1 character or more'
  if (bytesLength > STREAM_NAME_BYTES_MAX) {
    return `has ${bytesLength} bytes of UTF-8; give at most ${STREAM_NAME_BYTES_MAX}`
  }
  if (!stream.isWellFormed()) return 'has a lone surrogate; give well-formed Unicode'
  if (CONTROL_CHARACTER.test(stream)) return 'has a control character; give printable ones'
  return null
}
