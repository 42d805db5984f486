/**
 * For a device that knows no authority yet: the first credential its operator hands to it names one, and from then on no other counts. Credentials shown by
 * others never pin anything.
 */
import { CredentialError, type CredentialVerifier } from '@skerry/core'
import { pinnedAuthority } from './token.ts'
import { credentialVerifier, type VerifierOptions } from './verifier.ts'

export function pinningVerifier(options: Omit<VerifierOptions, 'authority'>): CredentialVerifier {
  let pinned: CredentialVerifier | undefined
  return {
    async pin(token) {
      pinned ??= credentialVerifier({ ...options, authority: pinnedAuthority(token) })
    },
    async verify(token, at) {
      if (!pinned)
        throw new CredentialError(
          'credential-bad-signature',
          `credential: this device knows no authority of space '${options.space}' yet; hand it a credential of its own first`,
        )
      return pinned.verify(token, at)
    },
  }
}

/** Of a replica that was told its authority, or is to learn it from the first credential that its operator hands to it. */
export function verifierOf({
  authority,
  ...options
}: Omit<VerifierOptions, 'authority'> & { authority?: Uint8Array | undefined }): CredentialVerifier {
  return authority ? credentialVerifier({ ...options, authority }) : pinningVerifier(options)
}
