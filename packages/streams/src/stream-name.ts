/** Stream names: what may be one, and their bytes in a header. A name is a path such as `gw-1/pressure`. */

import { SegmentError } from './segment-error.ts'
import { STREAM_NAME_BYTES_MAX } from './segment-limits.ts'

/** Every host has these two, but not every host's types do: declared here so that this package needs none. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  encoding: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

/** Names end up in logs and metrics, where a line break would forge a line. */
const CONTROL_CHARACTER = /\p{Cc}/u

/**
 * @returns the UTF-8 bytes of `stream`
 * @throws SegmentError `bad-input` for a name that is empty, too long, no well-formed Unicode or has control characters
 */
export function encodeStreamName(stream: string): Uint8Array {
  const bytes = new TextEncoder().encode(stream)
  const problem = problemOf(stream, bytes.length)
  if (problem === null) return bytes
  throw new SegmentError('bad-input', `Stream name ${JSON.stringify(stream.slice(0, 80))} ${problem}.`)
}

/** @throws SegmentError `malformed` for bytes that `encodeStreamName` never returns */
export function decodeStreamName(bytes: Uint8Array): string {
  const stream = decodeUtf8(bytes)
  const problem = problemOf(stream, bytes.length)
  if (problem === null) return stream
  throw new SegmentError('malformed', `The stream name of a segment ${problem}: discard it.`)
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new SegmentError('malformed', 'The stream name of a segment is not UTF-8: discard it.', { cause })
  }
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
