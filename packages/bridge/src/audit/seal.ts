/**
 * Values as the log keeps them: salted hashes, so that a value can be recognised by whoever has it and not be read by whoever has the log (SPEC B-154). Each record has a salt of its own;
 * without it nobody can try values against the hashes, so that a record is erased by taking its salt away, and the chain stays whole (SPEC B-162).
 */
import { encodeUtf8, type Json, toHex } from '@skerry/core'
import { canonical } from '../canonical.ts'
import type { BridgeHost } from '../context.ts'
import type { FactValues } from './audit-fact.ts'

/** 128 bits: nobody tries them all, and nobody finds another value for a hash. */
export const SALT_BYTES = 16
const HASH_DIGITS = 32

/** What stands in the log for a value; null for one that is empty. @param name what it is a value of: equal values of two fields do not look equal */
export function sealed(
  { sha256 }: Pick<BridgeHost, 'sha256'>,
  salt: Uint8Array,
  name: string,
  value: Json | undefined,
): string | null {
  if (value === undefined || value === null) return null
  const message = encodeUtf8(`${JSON.stringify(name)}${canonical(value)}`)
  const bytes = new Uint8Array(SALT_BYTES + message.length)
  bytes.set(salt.subarray(0, SALT_BYTES))
  bytes.set(message, SALT_BYTES)
  return toHex(sha256(bytes)).slice(0, HASH_DIGITS)
}

/** Stands in an entry for the salt that its hashes were made with, so that a salt which was replaced or taken away is noticed (SPEC B-151). Chance of 128 bits cannot be found from it. */
export function markOf({ sha256 }: Pick<BridgeHost, 'sha256'>, salt: Uint8Array): string {
  return toHex(sha256(salt.subarray(0, SALT_BYTES))).slice(0, HASH_DIGITS)
}

/** Names the reason of a fact among its values. */
export const REASON = '(reason)'

export function sealValues(
  host: Pick<BridgeHost, 'sha256'>,
  salt: Uint8Array,
  values: FactValues,
): FactValues<string | null> {
  const each = Object.entries(values).map(([name, sides]) => {
    // What a row said is, more often than not, what the record became.
    const known = new Map<Json, string | null>()
    const hashes = Object.entries(sides).map(([side, value]) => {
      const hash = known.get(value) ?? sealed(host, salt, name, value)
      known.set(value, hash)
      return [side, hash] as const
    })
    return [name, Object.fromEntries(hashes)] as const
  })
  return Object.fromEntries(each)
}
