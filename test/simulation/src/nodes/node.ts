/** One simulated node: a disk that lasts, a replica that does not, and the links it has now. */
import { MemoryDisk, memoryStore, openReplica, type Replica, type Store } from '@skerry/core'
import { type Grant, issue, simulatedVerifier } from './credentials.ts'
import { type Clock, type KeyRegister, simulatedHost } from './host.ts'
import type { Random } from './random.ts'
import { visits } from './site-visits.ts'

export type VisitReplica = Replica<{ visits: typeof visits }>

export class SimulatedNode {
  readonly name: string
  readonly role: 'hub' | 'edge'
  disk = new MemoryDisk()
  /** Undefined while the node is down. */
  replica: VisitReplica | undefined
  grant: Grant
  readonly #random: Random
  readonly #clock: Clock
  readonly #keys: KeyRegister
  readonly #watch: (store: Store) => Store
  readonly #tell: (line: string) => void
  #serial = 0

  constructor(
    world: { random: Random; clock: Clock; keys: KeyRegister; tell: (line: string) => void },
    name: string,
    role: 'hub' | 'edge',
    grant: Grant,
    watch: (store: Store) => Store = (store) => store,
  ) {
    this.name = name
    this.role = role
    this.grant = grant
    this.#random = world.random
    this.#clock = world.clock
    this.#keys = world.keys
    this.#watch = watch
    this.#tell = world.tell
  }

  async start(): Promise<void> {
    const host = simulatedHost(this.#random, this.#clock, this.#keys)
    this.replica = await openReplica({
      host,
      store: this.#watch(memoryStore({ disk: this.disk })),
      verifier: simulatedVerifier(host),
      collections: { visits },
      role: this.role,
      cachedRecordsMax: 4,
      events: ({ code, message }) => this.#tell(`${this.name}: ${code}: ${message}`),
    })
    await this.showGrant()
  }

  /** A new credential for what the node is granted now. */
  async showGrant(): Promise<string> {
    const token = issue(this.replica!.publicKey, this.grant, ++this.#serial)
    await this.replica!.setCredential(token)
    return token
  }

  /** The process is gone at this very moment; the disk keeps what was committed. */
  crash(): void {
    this.disk.crash()
    this.replica = undefined
  }

  /** The disk is replaced by an older copy of itself. */
  restore(backup: MemoryDisk): void {
    this.crash()
    this.disk = backup.clone()
  }
}
