/** A credential's token, as packages/core/src/log/SPEC.md has it: a JWT that the space's authority signed. */
import { isSignature, sha256 } from './entry.ts'
import { exactly } from './json.ts'

export interface ReadToken {
  hash: string
  space: string
  subject: string
  key: Buffer
  role: string
  read: string[]
  write: string[]
  systems: string[]
  /** Milliseconds since 1970. */
  expiresAt: number
}

interface Claims {
  iss: string
  sub: string
  exp: number
  cnf: { jwk: Record<'kty' | 'crv' | 'x', string> }
  skerry: { role: string; read: string[]; write: string[]; systems: string[] }
}

const unbase64 = (text: string) => Buffer.from(text, 'base64url')

/** @throws Error when the authority did not sign it, or it says anything else than a credential does */
export function readToken(token: string, authority: Uint8Array): ReadToken {
  const [header, claims, signature] = token.split('.')
  if (token.length > 16_384 || signature === undefined) throw new Error('credential-malformed')
  const { alg, typ } = JSON.parse(`${unbase64(header!)}`) as Record<string, string>
  if (alg !== 'EdDSA' || typ !== 'skerry+jwt') throw new Error('credential-malformed')
  if (!isSignature(authority, Buffer.from(`${header}.${claims}`), unbase64(signature)))
    throw new Error('credential-bad-signature')
  const said = exactly<Claims>(JSON.parse(`${unbase64(claims!)}`), [
    ...['iss', 'sub', 'iat', 'exp', 'jti', 'cnf', 'skerry'],
  ])
  const { kty, crv, x } = said.cnf.jwk
  if (kty !== 'OKP' || crv !== 'Ed25519') throw new Error('credential-malformed')
  return {
    ...exactly<Claims['skerry']>(said.skerry, ['role', 'read', 'write', 'systems']),
    ...{ space: said.iss, subject: said.sub, key: unbase64(x), expiresAt: said.exp * 1000 },
    hash: sha256(Buffer.from(token)).toString('hex'),
  }
}
