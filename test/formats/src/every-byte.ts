/** Whether a reader looks at all that it is given: any other byte anywhere must be refused, or be read as something else. */
import { isDeepStrictEqual } from 'node:util'

export interface Unnoticed {
  at: number
  of: number
}

/** Offsets at which another byte makes no difference; empty is good. One byte less, or one more, must be refused. */
export function unnoticed(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): Unnoticed[] {
  const said = read(bytes)
  const found: Unnoticed[] = []
  for (let at = 0; at < bytes.length; at++) {
    const other = Uint8Array.from(bytes)
    other[at]! ^= 1
    if (!isRefused(other, read) && isDeepStrictEqual(read(other), said)) found.push({ at, of: bytes.length })
  }
  if (bytes.length > 0 && !isRefused(bytes.slice(0, -1), read)) found.push({ at: -1, of: bytes.length })
  if (!isRefused(Buffer.concat([bytes, Uint8Array.of(0)]), read)) found.push({ at: bytes.length, of: bytes.length })
  return found
}

function isRefused(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): boolean {
  try {
    read(bytes)
    return false
  } catch {
    return true
  }
}
