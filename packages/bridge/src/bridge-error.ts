/** A bridge that cannot start, a mapping that cannot be used, or a decision that cannot be taken: the operator's to mend. */
export type BridgeErrorCode =
  | 'bridge-config'
  | 'mapping'
  | 'mapping-not-a-function'
  | 'damaged-table'
  | 'closed'
  /** Somebody decided already, or the values are not those that were read. */
  | 'review-changed'
  /** The decision is none that this review can have. */
  | 'review-value'
  | 'duplicate-id'
  | 'cannot-reconcile'
  | 'cannot-merge'
  /** The system cannot be read, so that nothing can be said of a run. */
  | 'cannot-plan'
  | 'unknown-pair'
  /** Nothing was ever done for that record or row. */
  | 'unknown-lineage'
  /** No mapping has that field. */
  | 'unknown-field'
  /** The record lives, or something of it is under way. */
  | 'cannot-erase'

export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: BridgeErrorCode
  constructor(code: BridgeErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
