/** What IndexedDB reports, as the port's errors. It names failures by DOMException, and says why a transaction ended only on the transaction. */
import { StoreError } from '@skerry/core'

/** What browsers say of a connection that is gone: Safari after a suspension, any after its storage process died (rule R-1). */
const LOST = new Set(['InvalidStateError', 'UnknownError', 'AbortError'])

export function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : ''
}

export function isLost(error: unknown): boolean {
  return LOST.has(nameOf(error))
}

/** What browsers say of a value that they have and cannot read: Chromium keeps large ones in files of their own. */
const UNREADABLE = new Set(['NotReadableError', 'DataError', 'NotFoundError', 'EncodingError'])

export function isUnreadable(error: unknown): boolean {
  return error instanceof StoreError && UNREADABLE.has(nameOf(error.cause))
}

/** A StoreError of `error`; programming errors stay what they are. */
export function asStoreError(doing: string, error: unknown): Error {
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error
  const words =
    error instanceof Error || error instanceof DOMException ? `${error.name}: ${error.message}` : `${error}`
  if (nameOf(error) === 'QuotaExceededError')
    return new StoreError(
      'full',
      `${doing}: the browser gives this site no more room (${words}); delete something, or let the site keep more`,
      { cause: error },
    )
  return new StoreError('io', `${doing}: ${words}`, { cause: error })
}
