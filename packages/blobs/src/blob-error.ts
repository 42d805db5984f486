/** What goes wrong with a blob, as codes for programs and words for people. */
export type BlobErrorCode =
  /** Refused before it was taken. */
  | 'empty'
  | 'too-large'
  | 'wrong-type'
  | 'unreadable'
  /** The content is not what its name says. */
  | 'wrong-hash'
  /** It was, and is not any more. */
  | 'damaged'
  /** There is no room. */
  | 'full'
  /** It cannot be had. */
  | 'missing'
  | 'closed'

export class BlobError extends Error {
  override readonly name = 'BlobError'
  readonly code: BlobErrorCode
  constructor(code: BlobErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
