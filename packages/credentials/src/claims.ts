/**
 * What a credential says, as the claims of its JWT, checked in both directions: before it is signed and after it was read. Known claims
 * only (RFC 7519, RFC 7800); the project's own stand under `skerry`.
 *
 *   { iss: space, sub: subject, iat, exp, jti, cnf: { jwk: { kty: OKP, crv: Ed25519, x } }, skerry: { role, read, write, systems } }
 */
import { type Credential, CredentialError } from '@skerry/core'
import { base64url } from 'jose'
import { keyBytes } from './authority.ts'
import { CHANNELS_PER_LIST_MAX, KEY_BYTES, NAME_LENGTH_MAX, SYSTEMS_MAX } from './limits.ts'

/** 31 December 9999: the last day that RFC 3339 can write. */
const SECONDS_MAX = 253_402_300_799

/** What the credential says, without the token that says it. */
export type Statement = Omit<Credential, 'hash' | 'token'>

export interface Claims {
  iss: string
  sub: string
  /** Seconds since 1970, as RFC 7519 wants it. */
  iat: number
  exp: number
  jti: string
  cnf: { jwk: { kty: 'OKP'; crv: 'Ed25519'; x: string } }
  skerry: { role: Credential['role']; read: string[]; write: string[]; systems: string[] }
}

export function claimsOf(statement: Statement, issuedAt: number, id: string): Claims {
  const { publicKey, role, read, write, systems } = statement
  if (publicKey.length !== KEY_BYTES)
    throw malformed(`the device key has ${publicKey.length} bytes, not ${KEY_BYTES}`)
  const claims: Claims = {
    iss: statement.space,
    sub: statement.subject,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(statement.expiresAt / 1000),
    jti: id,
    cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: base64url.encode(publicKey) } },
    skerry: { role, read: [...read], write: [...write], systems: [...systems] },
  }
  statementOf(claims)
  return claims
}

/** @throws CredentialError `credential-malformed`, saying which claim and why */
export function statementOf(claims: unknown): Statement {
  const { iss, sub, iat, exp, cnf, skerry } = fields(claims, 'claims')
  const { kty, crv, x } = fields(fields(cnf, 'cnf').jwk, 'cnf.jwk')
  const publicKey = kty === 'OKP' && crv === 'Ed25519' ? keyBytes(x) : undefined
  if (!publicKey) throw malformed(`cnf.jwk is not an Ed25519 public key of ${KEY_BYTES} bytes`)
  const { role, read, write, systems } = fields(skerry, 'skerry')
  if (role !== 'device' && role !== 'authority')
    throw malformed(`skerry.role is ${quoted(role)}, not 'device' or 'authority'`)
  const issuedAt = seconds(iat, 'iat')
  const expiresAt = seconds(exp, 'exp')
  if (expiresAt <= issuedAt) throw malformed(`exp ${exp} is not after iat ${iat}`)
  return {
    space: name(iss, 'iss'),
    subject: name(sub, 'sub'),
    publicKey,
    role,
    read: channels(read, 'skerry.read'),
    write: channels(write, 'skerry.write'),
    systems: names(systems, 'skerry.systems', SYSTEMS_MAX),
    expiresAt,
  }
}

function channels(value: unknown, claim: string): string[] {
  const list = names(value, claim, CHANNELS_PER_LIST_MAX)
  if (list.length > 1 && list.includes('*'))
    throw malformed(`${claim} has '*' beside other channels; '*' stands alone`)
  return list
}

function names(value: unknown, claim: string, max: number): string[] {
  if (!Array.isArray(value)) throw malformed(`${claim} is not a list`)
  if (value.length > max)
    throw malformed(
      `${claim} has ${value.length} names, above the limit of ${max}; group records into fewer channels`,
    )
  return value.map((item: unknown, i) => name(item, `${claim}[${i}]`))
}

function name(value: unknown, claim: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(`${claim} is ${quoted(value)}, not a name`)
  if (value.length > NAME_LENGTH_MAX)
    throw malformed(`${claim} has ${value.length} characters, above the limit of ${NAME_LENGTH_MAX}`)
  return value
}

/** Milliseconds from whole seconds. */
function seconds(value: unknown, claim: string): number {
  const valid = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= SECONDS_MAX
  if (!valid) throw malformed(`${claim} is ${quoted(value)}, not a time in whole seconds since 1970`)
  return value * 1000
}

function fields(value: unknown, claim: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${claim} is missing or no object`)
  return value as Record<string, unknown>
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80)
}

function malformed(what: string): CredentialError {
  return new CredentialError('credential-malformed', `credential: ${what}; ask the operator for a new one`)
}
