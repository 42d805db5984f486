/** Issuing: the authority signs a statement. The header carries the authority's public key, so that a device can pin it at first use. */
import { type Credential, CredentialError } from '@skerry/core'
import { CompactSign, importJWK } from 'jose'
import type { Authority } from './authority.ts'
import { claimsOf } from './claims.ts'
import { TOKEN_LENGTH_MAX } from './limits.ts'

/** JWT `typ` (RFC 8725, section 3.11): a token made for something else never passes for a credential. */
export const CREDENTIAL_TYPE = 'skerry+jwt'

export interface CredentialRequest {
  space: string
  /** Who this is, for people: `tech:ana`. At most 200 characters. */
  subject: string
  /** The device's Ed25519 public key, 32 bytes. */
  publicKey: Uint8Array
  role: Credential['role']
  /** Channels by exact name, or `['*']`. At most 1,024. */
  read: readonly string[]
  write: readonly string[]
  /** External systems this node may write imports and receipts for. */
  systems: readonly string[]
  /** Milliseconds since 1970; kept in whole seconds, rounded down. */
  expiresAt: number
  issuedAt: number
  /** `jti`; absent: a random UUID. */
  id?: string
}

/** Resolves with the signed token. @throws CredentialError `credential-malformed` when the request breaks a limit */
export async function issueCredential(authority: Authority, request: CredentialRequest): Promise<string> {
  const { issuedAt, id = crypto.randomUUID(), ...statement } = request
  const claims = claimsOf(statement, issuedAt, id)
  const { kty, crv, x } = authority.privateJwk
  const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', typ: CREDENTIAL_TYPE, jwk: { kty, crv, x } })
    .sign(await importJWK({ ...authority.privateJwk }, 'EdDSA'))
  if (token.length > TOKEN_LENGTH_MAX) {
    throw new CredentialError(
      'credential-malformed',
      `issuing a credential for ${request.subject}: the token has ${token.length} characters, above the limit of ${TOKEN_LENGTH_MAX}; grant fewer or shorter channel names`,
    )
  }
  return token
}
