/** Credentials as JSON in the open, which nobody signs: whoever has one is believed. */
import { createHash } from 'node:crypto'
import { type Credential, type CredentialVerifier, fromHex, type ReplicaBase, toHex } from '@skerry/core'

export const openVerifier: CredentialVerifier = {
  async verify(token) {
    const content = JSON.parse(token) as Credential & { publicKey: string }
    const hash = createHash('sha256').update(token).digest('hex')
    return { ...content, publicKey: fromHex(content.publicKey), token, hash }
  },
}

/** Gives a replica a credential of its space that does not end; it may read and write everything, unless `grant` says otherwise. */
export async function enrol(
  replica: ReplicaBase,
  grant: Pick<Credential, 'subject' | 'role'> & Partial<Credential>,
): Promise<void> {
  const content = {
    space: replica.space,
    read: ['*'],
    write: ['*'],
    systems: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
    ...grant,
    publicKey: toHex(replica.publicKey),
  }
  await replica.setCredential(JSON.stringify(content))
}
