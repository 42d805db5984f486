/** Issuing a credential to a device, for every route that gives one: by the administrator, by an enrolment code, in place of one that runs out. */
import { issueCredential } from '@skerry/credentials'
import type { Api } from './api.ts'

export interface DeviceGrant {
  subject: string
  read: readonly string[]
  write: readonly string[]
  systems: readonly string[]
}

export interface IssuedCredential {
  token: string
  hash: string
  subject: string
  /** RFC 3339. */
  expiresAt: string
}

/** @throws CredentialError when the grant breaks a limit, or this key is revoked */
export async function issueDevice(
  api: Api,
  { subject, read, write, systems }: DeviceGrant,
  device: { publicKey: Uint8Array; expiresAt: number },
): Promise<IssuedCredential> {
  const token = await issueCredential(api.authority, {
    subject,
    read,
    write,
    systems,
    ...device,
    space: api.space,
    role: 'device',
    issuedAt: api.now(),
  })
  const credential = await api.verifier.verify(token, undefined)
  const expiresAt = new Date(credential.expiresAt).toISOString()
  api.log.info({ subject, hash: credential.hash, expiresAt }, 'credential issued')
  return { token, hash: credential.hash, subject, expiresAt }
}
