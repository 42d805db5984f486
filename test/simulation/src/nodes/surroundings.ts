/** What a node finds around it (time, network, the external system, the oracles that listen), and what those see of a node and of its process. */
import type { Batch, Commit, Delivery, Refusal, StoredEntry } from '@skerry/core'
import type { WallClock } from '../machine/clock.ts'
import type { Disk, DiskFaults } from '../machine/disk.ts'
import type { KeyRegister } from '../machine/host.ts'
import type { Life } from '../machine/life.ts'
import type { Random } from '../machine/random.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { Connection } from '../network/connection.ts'
import type { Network } from '../network/network.ts'
import type { Stays } from '../oracles/stays.ts'
import type { VisitReplica } from './collections.ts'
import type { Grant } from './credentials.ts'
import type { FakeApi } from './fake-api.ts'

export type NodeKind = 'hub' | 'relay' | 'edge' | 'gateway' | 'adapter'

export interface NodePlan {
  name: string
  kind: NodeKind
  /** Whom it dials. */
  uplinks: readonly string[]
  skewMs: number
  grant: Grant
  /** Milliseconds after the beginning. Absent: it is there from the beginning. */
  joinsAtMs?: number
}

/** A machine made from another's disk: a clone was told so and has an identity of its own, a twin was not. */
export interface Copied {
  from: NodeFace
  as: 'clone' | 'twin'
}

export interface NodeFace {
  readonly name: string
  readonly plan: NodePlan
  readonly around: Surroundings
  readonly isHub: boolean
  readonly clock: WallClock
  readonly disk: Disk
  readonly diskFaults: DiskFaults
  readonly copied: Copied | undefined
  /** All it was ever granted, oldest first. */
  readonly grants: readonly Grant[]
  /** The newest of them. */
  readonly grant: Grant
  /** Undefined while it is down. */
  readonly process: ProcessFace | undefined
  /** Opens so far. */
  readonly runs: number
}

export interface ProcessFace {
  readonly life: Life
  readonly node: NodeFace
  readonly disk: Disk
  readonly replica: VisitReplica
}

export interface Told {
  to: NodeFace
  delivery: Delivery
  /** Who was in which channel at the teller. */
  stays: Stays
  /** Every channel that was granted at some time of the session. */
  granted: ReadonlySet<string>
}

export interface ToldOfViews extends Pick<Told, 'to' | 'stays' | 'granted'> {
  records: readonly string[]
}

export interface Surroundings {
  scheduler: Scheduler
  network: Network
  api: FakeApi
  keys: KeyRegister
  /** How often hubs were set back. */
  readonly hubRestores: number
  randomOf(name: string): Random
  node(name: string): NodeFace | undefined
  /** For reading a failing seed. */
  tell(line: string): void
  /** An edge is about to keep what it was told. */
  told(told: Told): void
  /** An edge is about to keep the views of these records. */
  toldViews(told: ToldOfViews): void
  committed(node: NodeFace, commit: Commit): void
  /** A batch is on this node's disk; `removed`: the entries that it took out. */
  stored(node: NodeFace, batch: Batch, removed: readonly StoredEntry[]): void
  /** A hub answered entries of this node's log so, and the node is about to keep that. */
  refused(node: NodeFace, refusals: readonly Refusal[]): void
  /** A session of this node's began over this connection. */
  connected(node: NodeFace, to: string, connection: Connection): void
  /** A process of this node has its replica open. */
  opened(node: NodeFace, process: ProcessFace): void
  flipped(): void
  /** An oracle's finding; undefined: none. */
  found(error: unknown): void
}
