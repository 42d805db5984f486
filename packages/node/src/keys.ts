/** Ed25519 keys in Node's form, from the 32 raw bytes in which they travel (RFC 8032; the prefixes are the DER of RFC 8410). */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex')
/** Key objects kept, one per author met lately; making one costs about as much as a signature. */
const KEYS_KEPT_MAX = 4_096

const publicKeys = new Map<string, KeyObject>()
const privateKeys = new Map<string, KeyObject>()

export function publicKeyOf(raw: Uint8Array): KeyObject {
  return kept(publicKeys, raw, () =>
    createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: 'der', type: 'spki' }),
  )
}

export function privateKeyOf(seed: Uint8Array): KeyObject {
  return kept(privateKeys, seed, () =>
    createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' }),
  )
}

function kept(keys: Map<string, KeyObject>, raw: Uint8Array, make: () => KeyObject): KeyObject {
  const name = Buffer.from(raw).toString('base64')
  const known = keys.get(name)
  if (known) return known
  if (keys.size >= KEYS_KEPT_MAX) keys.delete(keys.keys().next().value!)
  const made = make()
  keys.set(name, made)
  return made
}
