/** A real replica in memory, signed in, for tests of components. */
import { memoryStore } from '@skerry/core'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { channelOf, collections, SPACE } from '@skerry/field-service'
import { type LiveReplica, liveOver } from '@skerry/live'
import { nodeHost, openReplica } from '@skerry/node'
import { onTestFinished } from 'vitest'

/** Until the test is over. @param states by what may be done there */
export async function signedIn(states: { read: string[]; write: string[] }): Promise<LiveReplica> {
  const replica = await openReplica({ store: memoryStore(), collections, space: SPACE })
  const authority = await createAuthority()
  const token = await issueCredential(authority, {
    space: SPACE,
    subject: 'tech:ana',
    publicKey: replica.publicKey,
    role: 'device',
    read: states.read.map(channelOf),
    write: states.write.map(channelOf),
    systems: [],
    issuedAt: 0,
    expiresAt: Date.UTC(2100, 0, 1),
  })
  await replica.setCredential(token)
  const live = liveOver(replica, { host: nodeHost() })
  onTestFinished(async () => {
    await live.close()
    await replica.close()
  })
  return live
}
