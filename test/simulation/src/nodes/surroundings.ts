/** What a node finds around it: time, network, the external system, the oracles that listen. */
import type { Commit, Delivery } from '@skerry/core'
import type { KeyRegister } from '../machine/host.ts'
import type { Random } from '../machine/random.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { Network } from '../network/network.ts'
import type { Connection } from '../network/connection.ts'
import type { Stays } from '../oracles/stays.ts'
import type { FakeApi } from './fake-api.ts'
import type { SimulatedNode } from './node.ts'
import type { Process } from './process.ts'

export interface Told {
  to: SimulatedNode
  delivery: Delivery
  /** Who was in which channel at the teller. */
  stays: Stays
  /** Every channel that was granted at some time of the session. */
  granted: ReadonlySet<string>
}

export interface Surroundings {
  scheduler: Scheduler
  network: Network
  api: FakeApi
  keys: KeyRegister
  randomOf(name: string): Random
  node(name: string): SimulatedNode | undefined
  /** For reading a failing seed. */
  tell(line: string): void
  /** An edge is about to keep what it was told. */
  told(told: Told): void
  committed(node: SimulatedNode, commit: Commit): void
  /** A session of this node's began over this connection. */
  connected(node: SimulatedNode, to: string, connection: Connection): void
  /** A process of this node has its replica open. */
  opened(node: SimulatedNode, process: Process): void
  flipped(): void
}
