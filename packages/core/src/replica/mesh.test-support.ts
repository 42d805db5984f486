/** Replicas of work orders that meet in real sessions over links in memory, as many as a test needs; entries are counted per link. */
import type { Trial } from '../engine/trial.ts'
import type { Credential } from '../identity/credential.ts'
import { type MemoryLink, memoryLink } from '../session/memory-transport.ts'
import { type Session, startSession } from '../session/session.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import type { Store } from '../store/port.ts'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { hubRole } from './hub-role.ts'
import type { Orders } from './orders.test-support.ts'
import { plainToken, plainVerifier, workOrders } from './replica.test-support.ts'
import { openReplica } from './replica.ts'
import type { ReplicaEvent } from './replica-event.ts'

interface Turns {
  setImmediate(run: () => void): void
}

/** Rounds until all links must be quiet: an echo that never ends is a failure, not a wait. */
const ROUNDS_MAX = 2_000

/** Two replicas in a session. */
export interface Joined {
  link: MemoryLink
  acceptor: Session
  initiator: Session
  /** Entries that crossed the link, both directions together. */
  crossed(): number
}

export class Mesh {
  readonly world: VirtualWorld
  readonly links: Joined[] = []
  readonly revoked = new Set<string>()
  readonly events: (ReplicaEvent & { subject: string })[] = []
  /** What a disk is read and written through. */
  storeOn: (disk: MemoryDisk) => Store = (disk) => memoryStore({ disk })

  constructor(seed = 1) {
    this.world = new VirtualWorld(seed)
  }

  async open(subject: string, grant: Partial<Credential>, disk = new MemoryDisk()): Promise<Orders> {
    const replica = await this.openAgain(subject, disk, grant.role === 'authority' ? 'hub' : 'edge')
    await replica.setCredential(plainToken(replica.publicKey, { subject, ...grant }))
    return replica
  }

  openAgain(subject: string, disk: MemoryDisk, role: 'edge' | 'hub' = 'edge'): Promise<Orders> {
    const host = this.world.host()
    const trial = this.trialFor(role)
    return openReplica({
      host,
      store: this.storeOn(disk),
      verifier: plainVerifier(host, 'main', this.revoked),
      collections: { workOrders },
      role: role === 'hub' ? hubRole : 'edge',
      ...(trial && { trial }),
      events: (event) => this.events.push({ ...event, subject }),
    })
  }

  /** Undefined: as replicas try without one. */
  protected trialFor(_role: 'edge' | 'hub'): Trial | undefined {
    return undefined
  }

  hub(subject = 'hub'): Promise<Orders> {
    return this.open(subject, { role: 'authority', read: ['*'], write: ['*'] })
  }

  /** A device on these sites, for reading and writing unless `grant` says otherwise. */
  edge(
    subject: string,
    sites: readonly string[] = ['SEA'],
    grant: Partial<Credential> = {},
    disk?: MemoryDisk,
  ): Promise<Orders> {
    const channels = sites.map((site) => `site:${site}`)
    return this.open(`tech:${subject}`, { read: channels, write: channels, ...grant }, disk)
  }

  /** Nothing is delivered before `settle`. */
  join(acceptor: Orders, initiator: Orders): Joined {
    const link = memoryLink()
    const joined: Joined = {
      link,
      acceptor: startSession(acceptor.session, link.acceptor, { role: 'acceptor' }),
      initiator: startSession(initiator.session, link.initiator, { role: 'initiator' }),
      crossed: () => joined.acceptor.counters.entriesOut + joined.initiator.counters.entriesOut,
    }
    this.links.push(joined)
    return joined
  }

  /** Delivers until nothing moves anywhere. */
  async settle(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await turn()
      let moved = 0
      for (const { link } of this.links) moved += link.flush()
      if (moved === 0) return
    }
    throw new Error(`the links are not quiet after ${ROUNDS_MAX} rounds`)
  }

  async meet(acceptor: Orders, initiator: Orders): Promise<Joined> {
    const joined = this.join(acceptor, initiator)
    await this.settle()
    return joined
  }

  async part({ initiator }: Joined): Promise<void> {
    initiator.close()
    await this.settle()
  }

  /** What crossed each link while `work` was done and all became quiet, in the order in which the links were made. */
  async crossing(work: () => Promise<unknown>): Promise<number[]> {
    const before = this.links.map((joined) => joined.crossed())
    await work()
    await this.settle()
    return this.links.map((joined, i) => joined.crossed() - before[i]!)
  }
}

/** Lets all microtasks run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => (globalThis as unknown as Turns).setImmediate(resolve))
}
