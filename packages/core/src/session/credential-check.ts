/**
 * Whether the other side is who it says (H3, H4): the credential is the authority's, is the one named, names the key, and the key made the
 * proof. Both roles check the same things.
 */
import { equalBytes } from '../bytes/compare.ts'
import { toHex } from '../bytes/hex.ts'
import type { Host } from '../host.ts'
import { type Credential, CredentialError } from '../identity/credential.ts'
import type { Role } from './handshake.ts'
import { ProtocolError, type SessionReplica } from './port.ts'

/** Names no credential. */
export const NO_CREDENTIAL = '0'.repeat(64)

/** What one side claimed in its message, and the proof it gave. */
export interface Claim {
  key: Uint8Array
  /** Hash of the credential that was named. */
  hash: string
  token: string
  /** The bytes that were to be signed, and the signature. */
  signed: Uint8Array
  proof: Uint8Array
  by: Role
}

/** @throws CredentialError, ProtocolError bad-proof, malformed */
export async function checkClaim(replica: SessionReplica, claim: Claim): Promise<Credential> {
  const credential = await checkToken(replica, claim.token, claim)
  if (credential.hash !== claim.hash) {
    throw new ProtocolError(
      'malformed',
      `checking a credential: its hash is ${credential.hash}, named was ${claim.hash}`,
    )
  }
  if (!(await replica.host.verify(claim.key, claim.signed, claim.proof))) {
    throw new ProtocolError(
      'bad-proof',
      `checking the proof of ${credential.subject}: not made by the key ${toHex(claim.key)}`,
    )
  }
  return credential
}

/**
 * A token of the holder of `key`, unexpired. An initiator does not check the expiry of the authority's own: a device whose clock is wrong
 * must still be able to sync with its hub. @throws CredentialError, ProtocolError bad-proof
 */
export async function checkToken(
  replica: SessionReplica,
  token: string,
  { key, by }: Pick<Claim, 'key' | 'by'>,
): Promise<Credential> {
  const credential = await replica.verifier.verify(token, undefined)
  if (!equalBytes(credential.publicKey, key)) {
    const message = `checking the credential of ${credential.subject}: it names the key ${toHex(credential.publicKey)}, not ${toHex(key)}`
    throw new ProtocolError('bad-proof', message)
  }
  const exempt = by === 'acceptor' && credential.role === 'authority'
  if (!exempt && credential.expiresAt <= replica.host.now()) throw expired(credential)
  return credential
}

export function expired({ subject, expiresAt }: Credential): CredentialError {
  return new CredentialError(
    'credential-expired',
    `the credential of ${subject} expired at ${new Date(expiresAt).toISOString()}: ask the operator for a new one, and show that`,
  )
}

/** Hex of the first 16 bytes of sha256(public key). */
export function nodeOf(host: Host, publicKey: Uint8Array): string {
  return toHex(host.sha256(publicKey).subarray(0, 16))
}

/** H10 */
export function sameLog(log: string): ProtocolError {
  return new ProtocolError('same-log', `both sides are log ${log}: a replica does not sync with itself`)
}
