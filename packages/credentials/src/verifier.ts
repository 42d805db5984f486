/**
 * Checks tokens against the authority's public keys, offline; cheapest check first: size and header, space, signature, claims, revocation, expiry.
 * The key in a token's header never decides anything: only the keys handed in are tried.
 */
import { type Credential, CredentialError, type CredentialVerifier } from '@skerry/core'
import { base64url, compactVerify, errors, importJWK } from 'jose'
import { statementOf } from './claims.ts'
import { AUTHORITY_KEYS_MAX, KEY_BYTES, VERIFIED_TOKENS_MAX } from './limits.ts'
import { takeApart, type UntrustedToken } from './token.ts'
import { VerifiedTokens } from './verified-tokens.ts'

export interface VerifierOptions {
  space: string
  /** Public key of the space's authority, 32 bytes; several while it is being rotated, at most 8. */
  authority: Uint8Array | readonly Uint8Array[]
  sha256(bytes: Uint8Array): Uint8Array
  /** Asked at every check, also of entries written before: a revoked key may be in foreign hands. */
  isRevoked?: (credential: Credential) => boolean
}

type PublicKey = Awaited<ReturnType<typeof importJWK>>

/** @throws RangeError when no key, too many, or one that is not 32 bytes is handed in */
export function credentialVerifier(options: VerifierOptions): CredentialVerifier {
  const authorities = options.authority instanceof Uint8Array ? [options.authority] : [...options.authority]
  if (
    authorities.length === 0 ||
    authorities.length > AUTHORITY_KEYS_MAX ||
    authorities.some((key) => key.length !== KEY_BYTES)
  ) {
    throw new RangeError(
      `verifier of ${options.space}: wants 1 to ${AUTHORITY_KEYS_MAX} authority keys of ${KEY_BYTES} bytes`,
    )
  }
  let keys: Promise<PublicKey[]> | undefined
  const verified = new VerifiedTokens(VERIFIED_TOKENS_MAX)
  return {
    async verify(token, at) {
      let credential = verified.get(token)
      if (!credential) {
        keys ??= importKeys(authorities)
        credential = await check(token, await keys, options)
        verified.put(credential)
      }
      if (options.isRevoked?.(credential)) throw revoked(credential)
      if (at !== undefined && at >= credential.expiresAt) throw expired(credential, at)
      return credential
    },
  }
}

function importKeys(authorities: readonly Uint8Array[]): Promise<PublicKey[]> {
  return Promise.all(
    authorities.map((key) => importJWK({ kty: 'OKP', crv: 'Ed25519', x: base64url.encode(key) }, 'EdDSA')),
  )
}

async function check(
  token: string,
  keys: readonly PublicKey[],
  options: VerifierOptions,
): Promise<Credential> {
  const untrusted = takeApart(token)
  checkSpace(untrusted, options.space)
  await checkSignature(token, keys, options.space)
  const statement = statementOf(untrusted.claims)
  return { ...statement, token, hash: hex(options.sha256(new TextEncoder().encode(token))) }
}

/** Before the signature, because "of another space" is the truer word than "bad signature" for what is refused either way. */
function checkSpace({ claims }: UntrustedToken, space: string): void {
  const said = typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined
  if (said === space) return
  throw new CredentialError(
    'credential-wrong-space',
    `credential: it is for space ${JSON.stringify(said)?.slice(0, 80) ?? 'nothing'}, this is '${space}'; use a credential of this space`,
  )
}

async function checkSignature(token: string, keys: readonly PublicKey[], space: string): Promise<void> {
  for (const key of keys) {
    try {
      await compactVerify(token, key, { algorithms: ['EdDSA'] })
      return
    } catch (cause) {
      if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw malformed(cause)
    }
  }
  throw new CredentialError(
    'credential-bad-signature',
    `credential: its signature is not by the authority of space '${space}' (or the token was altered); ask the operator of the space for a new one`,
  )
}

function malformed(cause: unknown): CredentialError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CredentialError(
    'credential-malformed',
    `credential: ${why}; check that the token was copied whole`,
    { cause },
  )
}

function revoked({ subject, hash }: Credential): CredentialError {
  return new CredentialError(
    'credential-revoked',
    `credential of '${subject}' (${hash.slice(0, 12)}…) was revoked by the operator; ask for a new one, with a new device key if this one was lost`,
  )
}

function expired({ subject, expiresAt }: Credential, at: number): CredentialError {
  return new CredentialError(
    'credential-expired',
    `credential of '${subject}' expired ${date(expiresAt)}, it is ${date(at)} now; ask for a new one (or set the clock, if that is wrong)`,
  )
}

/** RFC 3339, or the number where no date can be made of it. */
function date(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at)
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
