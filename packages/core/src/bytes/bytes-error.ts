// The one way reading or writing bytes fails: a closed set of codes, and a message that names offset, value
// and limit.

export type BytesErrorCode =
  | 'truncated'
  | 'varint-overflow'
  | 'varint-overlong'
  | 'too-long'
  | 'invalid-utf8'
  | 'not-hex'

/** Thrown by `ByteReader`, `ByteWriter` and `fromHex`. `offset` counts bytes from the start of the input. */
export class BytesError extends Error {
  readonly code: BytesErrorCode
  readonly offset: number

  constructor(code: BytesErrorCode, offset: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'BytesError'
    this.code = code
    this.offset = offset
  }
}
