/**
 * Checks tokens against the authority's public keys, offline; cheapest check first: size and header, space, signature, claims, expiry.
 * The key in a token's header never decides anything: only the keys handed in are tried. What is signed is the token up to its last dot (RFC 7515, section 5.2; RFC 8037 for Ed25519): the one
 * algorithm that is accepted needs no library for all of them, which every app would load.
 */
import { type Credential, CredentialError, type CredentialVerifier } from '@skerry/core'
import { base64url } from 'jose'
import { statementOf } from './claims.ts'
import { AUTHORITY_KEYS_MAX, KEY_BYTES, VERIFIED_TOKENS_MAX } from './limits.ts'
import { takeApart, type UntrustedToken } from './token.ts'
import { VerifiedTokens } from './verified-tokens.ts'

export interface VerifierOptions {
  space: string
  /** Public key of the space's authority, 32 bytes; several while it is being rotated, at most 8. */
  authority: Uint8Array | readonly Uint8Array[]
  sha256(bytes: Uint8Array): Uint8Array
  /** Whether an Ed25519 signature (64 bytes) of this message is by this key (32 bytes). Default: WebCrypto's, which older browsers and pages of plain HTTP lack. */
  verify?: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>
}

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
  const verified = new VerifiedTokens(VERIFIED_TOKENS_MAX)
  return {
    async verify(token, at) {
      let credential = verified.get(token)
      if (!credential) {
        credential = await check(token, authorities, options)
        verified.put(credential)
      }
      if (at !== undefined && at >= credential.expiresAt) throw expired(credential, at)
      return credential
    },
  }
}

async function check(
  token: string,
  authorities: readonly Uint8Array[],
  options: VerifierOptions,
): Promise<Credential> {
  const untrusted = takeApart(token)
  checkSpace(untrusted, options.space)
  await checkSignature(token, authorities, options)
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

async function checkSignature(
  token: string,
  authorities: readonly Uint8Array[],
  { space, verify = byWebCrypto }: VerifierOptions,
): Promise<void> {
  const end = token.lastIndexOf('.')
  const signed = new TextEncoder().encode(token.slice(0, end))
  const signature = signatureIn(token.slice(end + 1))
  for (const key of authorities) if (await verify(key, signed, signature)) return
  throw new CredentialError(
    'credential-bad-signature',
    `credential: its signature is not by the authority of space '${space}' (or the token was altered); ask the operator of the space for a new one`,
  )
}

async function byWebCrypto(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message))
}

function signatureIn(part: string): Uint8Array {
  try {
    const signature = base64url.decode(part)
    // Its last character has bits that say nothing: the same signature under another hash would not be found among those revoked.
    if (base64url.encode(signature) !== part)
      throw new RangeError('it is written in another way than it is made')
    return signature
  } catch (cause) {
    throw new CredentialError(
      'credential-malformed',
      'credential: its signature is not base64url; check that the token was copied whole',
      { cause },
    )
  }
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
