/**
 * Proof of possession for HTTP (DPoP, RFC 9449): a token alone opens nothing, because tokens travel beside the entries that cite them and so are
 * known to many. With each request the device signs method, address, time and token with the key that its credential names.
 *
 *   Authorization: DPoP <token>        DPoP: <proof>
 *
 * Sessions have a proof of their own (core, session/SPEC.md, H3). A proof may be used again within PROOF_AGE_MS_MAX, for the same method and address only:
 * use it for reading.
 */
import type { Credential } from '@skerry/core'
import { base64url, compactVerify, decodeProtectedHeader, errors, importJWK } from 'jose'
import { KEY_BYTES, PROOF_AGE_MS_MAX, PROOF_LENGTH_MAX } from './limits.ts'

const PROOF_TYPE = 'dpop+jwt'

export interface ProvenRequest {
  method: string
  /** Absolute. Scheme and query are not part of the proof: a proxy may end TLS, and pages differ in their query. */
  url: string
  /** Milliseconds since 1970. */
  at: number
}

export interface ProvingKey {
  /** 32 bytes. */
  publicKey: Uint8Array
  /** Ed25519, 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

export class PossessionError extends Error {
  override readonly name = 'PossessionError'
  readonly code = 'proof-invalid'
}

/** The value of the `DPoP` header. */
export async function provePossession(
  token: string,
  request: ProvenRequest,
  key: ProvingKey,
  sha256: (bytes: Uint8Array) => Uint8Array,
): Promise<string> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url.encode(key.publicKey) }
  const claims = {
    jti: crypto.randomUUID(),
    htm: request.method,
    htu: request.url.split(/[?#]/, 1)[0],
    iat: Math.floor(request.at / 1000),
    ath: tokenHash(token, sha256),
  }
  const part = (value: object) => base64url.encode(JSON.stringify(value))
  const signed = `${part({ alg: 'EdDSA', typ: PROOF_TYPE, jwk })}.${part(claims)}`
  return `${signed}.${base64url.encode(await key.sign(new TextEncoder().encode(signed)))}`
}

/** @throws PossessionError */
export async function checkPossession(
  proof: string,
  credential: Credential,
  request: ProvenRequest,
  sha256: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const { htm, htu, iat, ath } = await verifiedClaims(proof, credential.publicKey)
  if (htm !== request.method)
    throw refused(`it is for ${String(htm).slice(0, 10)}, the request is ${request.method}`)
  if (place(htu) !== place(request.url))
    throw refused(`it is for ${String(htu).slice(0, 200)}, the request is for ${request.url}`)
  if (ath !== tokenHash(credential.token, sha256)) throw refused('it is for another token')
  const ageMs = typeof iat === 'number' ? Math.abs(request.at - iat * 1000) : Number.POSITIVE_INFINITY
  if (!(ageMs <= PROOF_AGE_MS_MAX)) {
    const now = new Date(request.at).toISOString()
    throw refused(
      `its time ${String(iat).slice(0, 20)} is more than ${PROOF_AGE_MS_MAX / 1000} s from ${now}; set the clock`,
    )
  }
}

async function verifiedClaims(proof: string, publicKey: Uint8Array): Promise<Record<string, unknown>> {
  if (proof.length > PROOF_LENGTH_MAX)
    throw refused(`it has ${proof.length} characters, above the limit of ${PROOF_LENGTH_MAX}`)
  if (publicKey.length !== KEY_BYTES)
    throw refused(`the credential's key has ${publicKey.length} bytes, not ${KEY_BYTES}`)
  try {
    // The key of the credential decides, never the one in the proof's header.
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: base64url.encode(publicKey) }, 'EdDSA')
    const { payload } = await compactVerify(proof, key, { algorithms: ['EdDSA'] })
    if (decodeProtectedHeader(proof).typ !== PROOF_TYPE) throw refused(`its type is not '${PROOF_TYPE}'`)
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    if (typeof claims !== 'object' || claims === null) throw refused('its claims are no object')
    return claims as Record<string, unknown>
  } catch (cause) {
    if (cause instanceof PossessionError) throw cause
    if (cause instanceof errors.JWSSignatureVerificationFailed)
      throw refused("it is not signed with the credential's key", cause)
    throw refused(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** Host and path of an address; undefined for what is none, which equals nothing but another nothing, and a request always has one. */
function place(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { host, pathname } = new URL(url)
  return host + pathname
}

function tokenHash(token: string, sha256: (bytes: Uint8Array) => Uint8Array): string {
  return base64url.encode(sha256(new TextEncoder().encode(token)))
}

function refused(what: string, cause?: unknown): PossessionError {
  return new PossessionError(`proof of possession (DPoP header): ${what}`, { cause })
}
