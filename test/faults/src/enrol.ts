/** Gives a replica its credential with the hub's own authority, as an operator does. */

import type { ReplicaBase } from '@skerry/core'
import { issueCredential } from '@skerry/credentials'
import { authorityPath, loadAuthority } from '@skerry/hub'
import { SPACE } from './visits.ts'

const LIFE_MS = 86_400_000

export interface Grant {
  subject: string
  /** Channels; default all. */
  read?: string[]
  /** External systems for which it may answer. */
  systems?: string[]
}

/** `hubStore`: the hub's database file, beside which its authority lies. */
export async function enrol(
  hubStore: string,
  replica: ReplicaBase,
  { subject, read = ['*'], systems = [] }: Grant,
): Promise<void> {
  const { authority } = await loadAuthority(authorityPath(hubStore))
  const token = await issueCredential(authority, {
    space: SPACE,
    subject,
    publicKey: replica.publicKey,
    role: 'device',
    read,
    write: ['*'],
    systems,
    issuedAt: Date.now(),
    expiresAt: Date.now() + LIFE_MS,
  })
  await replica.setCredential(token)
}
