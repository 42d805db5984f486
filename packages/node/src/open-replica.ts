/** Opening a replica in one call on Node: core with this machine's host, the engine started, credentials checked. */
import {
  type Collection,
  type CredentialVerifier,
  type Host,
  openReplica as openCoreReplica,
  type Replica,
  type ReplicaOptions,
} from '@skerry/core'
import { verifierOf } from '@skerry/credentials'
import { startEngine } from './engine.ts'
import { nodeHost } from './host.ts'

export interface NodeReplicaOptions<Collections extends Record<string, Collection>>
  extends Omit<ReplicaOptions<Collections>, 'host' | 'verifier'> {
  host?: Host
  /** Public key of the space's authority, 32 bytes. Without it, the first credential handed to this replica names the authority. */
  authority?: Uint8Array
  verifier?: CredentialVerifier
}

/** @throws StoreError when the store cannot be opened */
export async function openReplica<const Collections extends Record<string, Collection>>(
  options: NodeReplicaOptions<Collections>,
): Promise<Replica<Collections>> {
  await startEngine()
  const host = options.host ?? nodeHost()
  const { sha256 } = host
  const { authority, space = 'main' } = options
  const verifier = options.verifier ?? verifierOf({ space, sha256, authority })
  return openCoreReplica({ upkeep: { timer: idleTimer }, ...options, host, verifier })
}

/** A program that ended its work ends, though something could be compacted. */
const idleTimer: Host['timer'] = (delayMs, run) => {
  const timer = setTimeout(run, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
