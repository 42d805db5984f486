/** The secret of hashed fields, as a configuration gives it: read where it is used, and shown in no message. */
import * as z from 'zod'
import { BridgeError } from '../bridge-error.ts'
import { HASH_KEY_LENGTH_MIN } from '../limits.ts'

/** A text, as `process.env.CRM_HASH_KEY` is one, or a `Secret` of `@skerry/bridge/http`. */
export type HashKey = string | { readonly value: string }

export const hashKeySchema = z.custom<HashKey>((given) => {
  return typeof given === 'string' || (typeof given === 'object' && given !== null && 'value' in given)
}, 'want a text of the environment, or a Secret')

/** @throws BridgeError bridge-config */
export function keyOf(given: HashKey): string {
  const key = typeof given === 'string' ? given : given.value
  if (typeof key === 'string' && key.length >= HASH_KEY_LENGTH_MIN) return key
  throw new BridgeError(
    'bridge-config',
    `bridge: hashKey has ${typeof key === 'string' ? `${key.length} characters` : `type ${typeof key}`}; want at least ${HASH_KEY_LENGTH_MIN} characters that nobody guesses`,
  )
}
