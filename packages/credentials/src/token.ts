/** Taking a token apart without believing a word of it: sizes, header and claims as they stand, before any signature was checked. */
import { CredentialError } from '@skerry/core'
import { base64url, decodeProtectedHeader } from 'jose'
import { keyBytes } from './authority.ts'
import { CREDENTIAL_TYPE } from './issue.ts'
import { TOKEN_LENGTH_MAX } from './limits.ts'

export interface UntrustedToken {
  /** The authority named in the header: 32 bytes. Undefined when there is none. */
  authority: Uint8Array | undefined
  claims: unknown
}

/** @throws CredentialError `credential-malformed` for what is no credential, `credential-bad-signature` for another algorithm */
export function takeApart(token: string): UntrustedToken {
  if (typeof token !== 'string') throw malformed('it is not a string')
  if (token.length > TOKEN_LENGTH_MAX)
    throw malformed(`it has ${token.length} characters, above the limit of ${TOKEN_LENGTH_MAX}`)
  const parts = token.split('.')
  if (parts.length !== 3) throw malformed(`it has ${parts.length} parts, not 3 (header.claims.signature)`)
  const header = headerOf(token)
  if (header.alg !== 'EdDSA') {
    throw new CredentialError(
      'credential-bad-signature',
      `credential: it is signed with ${String(header.alg).slice(0, 20)}, only EdDSA (Ed25519) is accepted; ask the operator for a new one`,
    )
  }
  if (header.typ !== CREDENTIAL_TYPE)
    throw malformed(`its type is '${String(header.typ).slice(0, 40)}', not '${CREDENTIAL_TYPE}'`)
  if ('crit' in header)
    throw malformed(`its header demands extensions that are not known here: ${quoted(header.crit)}`)
  const { kty, crv, x } = header.jwk ?? {}
  return {
    authority: kty === 'OKP' && crv === 'Ed25519' ? keyBytes(x) : undefined,
    claims: claimsIn(parts[1]!),
  }
}

/**
 * The authority's public key as the token's header tells it, **without trusting anything**: for a device that was handed its first credential by its
 * operator and pins the space's authority from it. Never use it to verify a token that came over the network.
 * @throws CredentialError
 */
export function pinnedAuthority(token: string): Uint8Array {
  const { authority } = takeApart(token)
  if (!authority) throw malformed('its header names no authority (jwk), so there is none to pin')
  return authority
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80)
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token)
  } catch (cause) {
    throw malformed('its header is not base64url JSON', cause)
  }
}

function claimsIn(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(base64url.decode(part)))
  } catch (cause) {
    throw malformed('its claims are not base64url JSON', cause)
  }
}

function malformed(what: string, cause?: unknown): CredentialError {
  return new CredentialError(
    'credential-malformed',
    `credential: ${what}; check that the token was copied whole`,
    { cause },
  )
}
