/**
 * A credential is a statement signed by the space's authority: this key, this subject, these channels, until then. Core never
 * parses the token itself (that is a JWT, checked by the host's library); it is handed what the token says.
 */
export interface Credential {
  /** sha256 of the token, hex: how sessions and entries name it. */
  hash: string
  token: string
  space: string
  /** Who this is, for people: `tech:ana`, `gateway:roof-1`. */
  subject: string
  /** Ed25519 public key of the device, 32 bytes. */
  publicKey: Uint8Array
  /** `authority`: the space's own hub, which may mend and sign receipts of the hub. */
  role: 'authority' | 'device'
  /** Channels, by exact name, or `*` alone for all. */
  read: readonly string[]
  write: readonly string[]
  /** External systems for which this node may write imports and receipts (adapter nodes). */
  systems: readonly string[]
  /** Milliseconds since 1970. */
  expiresAt: number
}

export type CredentialRefusal =
  | 'credential-malformed'
  | 'credential-wrong-space'
  | 'credential-bad-signature'
  | 'credential-expired'
  | 'credential-revoked'
  | 'credential-quarantined'

/** A revocation's entry, and the token of the authority's credential that its signature cites. */
export interface CredentialEvidence {
  entry: Uint8Array
  token: string
}

export class CredentialError extends Error {
  override readonly name = 'CredentialError'
  readonly code: CredentialRefusal
  /** What the one who is refused can check for itself. */
  readonly evidence: CredentialEvidence | undefined
  /** The credential, where all that is wrong with it is that it was revoked. */
  readonly revoked: Credential | undefined
  constructor(
    code: CredentialRefusal,
    message: string,
    options?: { cause?: unknown; evidence?: CredentialEvidence; revoked?: Credential },
  ) {
    super(message, options)
    this.code = code
    this.evidence = options?.evidence
    this.revoked = options?.revoked
  }
}

/** Checks tokens against the authority's public key, offline. */
export interface CredentialVerifier {
  /**
   * Signature, space and shape are always checked. Expiry is checked against `at` (ms) unless it is undefined: an entry's author may
   * have written it while a credential that has run out since was valid.
   * @throws CredentialError
   */
  verify(token: string, at: number | undefined): Promise<Credential>
  /**
   * Called with the first credential that the operator hands to this device, and with the stored one at every open: a verifier that was given no authority trusts
   * the one this credential names, from then on and no other.
   */
  pin?(token: string): Promise<void>
}

/** What concerns every replica of a space, whatever it may read: revocations, and nothing that a device writes. */
export const SPACE_CHANNEL = '@space'

/** True when `channel` is in the list, or the list is `*`, or it is the one that is everybody's. */
export function grants(channels: readonly string[], channel: string): boolean {
  return channels.includes('*') || channels.includes(channel) || channel === SPACE_CHANNEL
}
