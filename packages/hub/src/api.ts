/** What the HTTP routes are given: the hub's parts, without the sockets. Tests hand in real parts over a store in memory. */
import type { Collection, CredentialVerifier, ReplicaBase } from '@skerry/core'
import type { Authority } from '@skerry/credentials'
import type { StreamChannels } from '@skerry/streams'
import type { HubBlobs } from './blobs.ts'
import type { Caller } from './caller.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { AdminToken } from './secrets.ts'
import type { WatchedStore } from './watched-store.ts'

export interface Api {
  space: string
  authority: Authority
  adminToken: AdminToken
  verifier: CredentialVerifier
  replica: ReplicaBase
  collections: ReadonlyMap<string, Collection>
  /** Channels of a stream, by its name. */
  streamChannels: StreamChannels
  store: WatchedStore
  metrics: Metrics
  log: Logger
  /** Milliseconds since 1970. */
  now(): number
  sha256(bytes: Uint8Array): Uint8Array
  draining(): boolean
  /** Proxies in front that are believed about who is asking (each adds to X-Forwarded-For). */
  trustedProxies: number
  /** Address that devices and consoles use, where it differs from what requests say; for proofs of possession. */
  publicUrl?: string
  blobs: HubBlobs
  /** Folder of a built app to serve. */
  app?: string
}

/** hono's types for a request: what earlier steps found out. */
export interface Env {
  Variables: { caller: Caller }
}
