/** Why no app was made, or not all of one, in words for whoever asked for it. */

/** `usage`: asked wrongly, nothing was made. `folder`: something is in the way, nothing was made. `packages`: what --packages names is none. `install`: the app is there, its packages are not. */
export type CreateErrorCode = 'usage' | 'folder' | 'packages' | 'install'

export class CreateError extends Error {
  readonly code: CreateErrorCode
  constructor(code: CreateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CreateError'
    this.code = code
  }
}
