/** What keeps a hub from starting, as codes that programs can act on. */
export type HubErrorCode =
  /** The config says what a hub cannot use; one line for each mistake. */
  | 'config'
  /** A secret file can be read by others than its owner. */
  | 'secret-exposed'
  /** A secret file is there and is not what it should be. */
  | 'secret-unusable'
  /** Port taken, or not allowed. */
  | 'cannot-listen'
  /** The folder of the app to be served is not there, or has no index.html. */
  | 'app-missing'

export class HubError extends Error {
  override readonly name = 'HubError'
  readonly code: HubErrorCode
  constructor(code: HubErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
