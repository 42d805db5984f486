/** A bridge that cannot start, a mapping that cannot be used, or a decision that cannot be taken: the operator's to mend. */
export type BridgeErrorCode =
  | 'bridge-config'
  | 'mapping'
  | 'damaged-table'
  | 'closed'
  /** Somebody decided already, or the values are not those that were read. */
  | 'review-changed'
  /** The decision is none that this review can have. */
  | 'review-value'
  | 'duplicate-id'
  | 'cannot-reconcile'
  | 'cannot-merge'
  | 'unknown-pair'

export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: BridgeErrorCode
  constructor(code: BridgeErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
