/** HMAC-SHA256 (RFC 2104, FIPS 198-1) over the host's hash, and what a hashed field says in the system (SPEC B-158). */
import { encodeUtf8, type Host, type Json, toHex } from '@skerry/core'
import { canonical } from '../canonical.ts'

type Hash = Pick<Host, 'sha256'>

/** Bytes of a block of SHA-256. */
const BLOCK_BYTES = 64
const INNER = 0x36
const OUTER = 0x5c

export function hmacSha256({ sha256 }: Hash, key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key)
  const padded = (pad: number) => block.map((byte) => byte ^ pad)
  return sha256(joined(padded(OUTER), sha256(joined(padded(INNER), message))))
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** Hex digits of what stands in the row. */
export const HASH_LENGTH = 64

/** What stands in the row for a value of a field: HASH_LENGTH hex digits. */
export type Hasher = (field: { collection: string; name: string }, value: Json) => string

/** Salted by what it is a value of: equal values of two fields, or in two systems, do not look equal. */
export function hasherOf(host: Hash, system: string, key: string): Hasher {
  const bytes = encodeUtf8(key)
  return ({ collection, name }, value) =>
    toHex(
      hmacSha256(host, bytes, encodeUtf8(`${JSON.stringify([system, collection, name])}${canonical(value)}`)),
    )
}
