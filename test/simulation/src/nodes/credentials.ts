/** Credentials of the simulated space: JSON with a keyed hash of the authority. */
import {
  type Credential,
  CredentialError,
  type CredentialVerifier,
  encodeUtf8,
  fromHex,
  toHex,
} from '@skerry/core'
import { sha256 } from '../machine/host.ts'

const authoritySecret = 'the simulated authority'
const mac = (content: string) => toHex(sha256(encodeUtf8(authoritySecret + content)))
const MAC_LENGTH = 64

export interface Grant {
  role: Credential['role']
  read: readonly string[]
  write: readonly string[]
  systems?: readonly string[]
  /** Milliseconds since 1970, by right clocks. */
  expiresAt: number
}

export function issue(publicKey: Uint8Array, subject: string, grant: Grant, serial: number): string {
  const content = JSON.stringify({
    subject,
    systems: [],
    ...grant,
    publicKey: toHex(publicKey),
    space: 'main',
    serial,
  })
  return `${mac(content)}.${content}`
}

export const simulatedVerifier: CredentialVerifier = {
  async verify(token, at) {
    const content = token.slice(MAC_LENGTH + 1)
    if (token.slice(0, MAC_LENGTH) !== mac(content))
      throw new CredentialError('credential-bad-signature', 'not issued by the simulated authority')
    const told = JSON.parse(content) as Omit<Credential, 'publicKey'> & { publicKey: string }
    const credential: Credential = {
      ...told,
      publicKey: fromHex(told.publicKey),
      token,
      hash: toHex(sha256(encodeUtf8(token))),
    }
    if (at !== undefined && credential.expiresAt <= at)
      throw new CredentialError('credential-expired', `${credential.subject}'s credential ran out`)
    return credential
  },
}
