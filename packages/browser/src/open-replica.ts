/** Opening a replica in one call in a browser: core with this browser's host, credentials checked. */
import {
  type Collection,
  type CredentialVerifier,
  type Host,
  openReplica as openCoreReplica,
  type Replica,
  type ReplicaOptions,
} from '@skerry/core'
import { verifierOf } from '@skerry/credentials'
import { browserHost } from './host.ts'

export interface BrowserReplicaOptions<Collections extends Record<string, Collection>>
  extends Omit<ReplicaOptions<Collections>, 'host' | 'verifier' | 'engine'> {
  host?: Host
  /** `startEngine(…)`: until it resolves, queries answer from views and edits are kept as intents. */
  engine: Promise<void>
  /** Public key of the space's authority, 32 bytes. Without it, the first credential handed to this replica names the authority. */
  authority?: Uint8Array
  verifier?: CredentialVerifier
}

/** @throws StoreError when the store cannot be opened; EngineNotLoaded where documents must be loaded first */
export function openReplica<const Collections extends Record<string, Collection>>(
  options: BrowserReplicaOptions<Collections>,
): Promise<Replica<Collections>> {
  const host = options.host ?? browserHost()
  const { sha256, verify } = host
  const { authority, space = 'main' } = options
  const verifier = options.verifier ?? verifierOf({ space, sha256, verify, authority })
  return openCoreReplica({ upkeep: {}, ...options, host, verifier })
}
