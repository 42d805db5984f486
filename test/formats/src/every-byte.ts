/** Whether a reader looks at all that it is given: any other byte anywhere must be refused, or be read as something else. */
import { isDeepStrictEqual } from 'node:util'

export interface Unnoticed {
  at: number
  of: number
}

/** Offsets at which another byte makes no difference; empty is good. So must it be where one byte is missing at the end, or one is too many. */
export function unnoticed(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): Unnoticed[] {
  const said = read(bytes)
  const flipped = Array.from(bytes, (_, at) => {
    const other = Uint8Array.from(bytes)
    other[at]! ^= 1
    return { at, other }
  })
  const shorter = bytes.length === 0 ? [] : [{ at: bytes.length - 1, other: bytes.slice(0, -1) }]
  const longer = { at: bytes.length, other: Uint8Array.from([...bytes, 0]) }
  return [...flipped, ...shorter, longer]
    .filter(({ other }) => !isRefused(other, read) && isDeepStrictEqual(read(other), said))
    .map(({ at }) => ({ at, of: bytes.length }))
}

function isRefused(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): boolean {
  try {
    read(bytes)
    return false
  } catch {
    return true
  }
}
