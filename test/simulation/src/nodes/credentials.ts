/** Credentials of the simulated space: JSON with a keyed hash of the authority. */
import { createHmac } from 'node:crypto'
import {
  type Credential,
  CredentialError,
  type CredentialVerifier,
  encodeUtf8,
  fromHex,
  type Host,
  toHex,
} from '@skerry/core'

const authoritySecret = 'the simulated authority'
const mac = (content: string) => createHmac('sha256', authoritySecret).update(content).digest('hex')

export type Grant = Pick<Credential, 'subject' | 'role' | 'read' | 'write'>

export function issue(publicKey: Uint8Array, grant: Grant, serial: number): string {
  const content = JSON.stringify({
    ...grant,
    publicKey: toHex(publicKey),
    space: 'main',
    systems: [],
    expiresAt: 9e12,
    serial,
  })
  return `${mac(content)}.${content}`
}

export function simulatedVerifier(host: Host): CredentialVerifier {
  return {
    async verify(token) {
      const content = token.slice(65)
      if (token.slice(0, 64) !== mac(content))
        throw new CredentialError('credential-bad-signature', 'not issued by the simulated authority')
      const told = JSON.parse(content) as Omit<Credential, 'publicKey'> & { publicKey: string }
      return {
        ...told,
        publicKey: fromHex(told.publicKey),
        token,
        hash: toHex(host.sha256(encodeUtf8(token))),
      }
    },
  }
}
