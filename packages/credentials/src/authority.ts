/**
 * The space's authority: one Ed25519 key pair. Whoever holds the private half decides who may read and write what; everybody else
 * needs only the 32 bytes of the public half to check every credential of the space, offline.
 */
import { CredentialError } from '@skerry/core'
import { base64url, exportJWK, generateKeyPair, importJWK } from 'jose'
import { KEY_BYTES } from './limits.ts'

/** An Ed25519 private key as JWK (RFC 8037). `x` and `d` are base64url of 32 bytes. */
export interface AuthorityJwk {
  kty: 'OKP'
  crv: 'Ed25519'
  x: string
  d: string
}

export interface Authority {
  privateJwk: AuthorityJwk
  /** 32 bytes. */
  publicKey: Uint8Array
}

/** Makes the key pair of a new space. Keep `privateJwk` secret: it is the space. */
export async function createAuthority(): Promise<Authority> {
  const pair = await generateKeyPair('EdDSA', { extractable: true })
  const { x, d } = await exportJWK(pair.privateKey)
  return authorityFromJwk({ kty: 'OKP', crv: 'Ed25519', x, d })
}

/** Reads back what was kept of `privateJwk`. @throws CredentialError `credential-malformed` when it is no Ed25519 private key */
export async function authorityFromJwk(jwk: unknown): Promise<Authority> {
  const { kty, crv, x, d } = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Record<string, unknown>
  const publicKey = keyBytes(x)
  const wellFormed =
    kty === 'OKP' && crv === 'Ed25519' && publicKey !== undefined && keyBytes(d) !== undefined
  if (!wellFormed || typeof x !== 'string' || typeof d !== 'string') {
    throw new CredentialError(
      'credential-malformed',
      'reading the authority: expected a JWK {"kty":"OKP","crv":"Ed25519","x":…,"d":…} with keys of 32 bytes; restore the file from a backup',
    )
  }
  const privateJwk: AuthorityJwk = { kty, crv, x, d }
  await checkPair(privateJwk)
  return { privateJwk, publicKey }
}

/** The runtime derives the public half itself and refuses a pair that does not belong together. */
async function checkPair(jwk: AuthorityJwk): Promise<void> {
  try {
    await importJWK({ ...jwk }, 'EdDSA')
  } catch (cause) {
    throw new CredentialError(
      'credential-malformed',
      'reading the authority: its public key x does not belong to its private key d; restore the file from a backup',
      { cause },
    )
  }
}

/** 32 bytes from their base64url, or undefined when it is anything else. */
export function keyBytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > 2 * KEY_BYTES) return undefined
  try {
    const bytes = base64url.decode(text)
    return bytes.length === KEY_BYTES ? bytes : undefined
  } catch {
    return undefined // jose's only failure here is text that is not base64url
  }
}
