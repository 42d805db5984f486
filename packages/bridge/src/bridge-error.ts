/** A bridge that cannot start, or a mapping that cannot be used: the operator's to mend. */
export type BridgeErrorCode = 'bridge-config' | 'mapping' | 'mapping-not-a-function' | 'damaged-table'

export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: BridgeErrorCode
  constructor(code: BridgeErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
