/** An edge in the test's own process, with a credential for everything, linked to a hub that runs as a process. */
import { type Store, toHex } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'
import { onTestFinished } from 'vitest'
import type { SkerryConfig } from '../src/config.ts'
import { runHere } from './in-process.ts'
import type { RunningHub } from './skerry.ts'

export async function joinHub(hub: RunningHub, { space, collections }: SkerryConfig, store: Store) {
  const replica = await openReplica({ store, collections, space })
  onTestFinished(() => replica.close())
  const grant = ['--subject', 'office', '--key', toHex(replica.publicKey), '--read', '*', '--write', '*']
  const issued = await runHere(['credential', 'issue', ...grant, '--space', space, '--store', hub.store])
  await replica.setCredential(issued.out.trim())
  const link = connect(replica, `${hub.url.replace('http', 'ws')}/sync`)
  onTestFinished(() => link.close())
  return replica
}
