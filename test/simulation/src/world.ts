/**
 * A hub and three edges under one seed: what is edited, who is granted what, which link breaks where, who crashes, and which disk is replaced by an older
 * copy. One thread, virtual clocks, no timer but the world's: the same seed is the same run.
 */
import {
  type Delivery,
  type MemoryDisk,
  type MemoryLink,
  memoryLink,
  type Session,
  startSession,
} from '@skerry/core'
import { Clock, type KeyRegister } from './host.ts'
import { Stays } from './leaks.ts'
import { SimulatedNode, type VisitReplica } from './node.ts'
import { type Random, seededRandom } from './random.ts'
import { type Site, sites } from './site-visits.ts'

const EDGES = 3
/** Rounds that a healed world may take until everything has drained; a few hundred are needed at most. */
const DRAIN_ROUNDS_MAX = 2_000

interface Link {
  edge: SimulatedNode
  transport: MemoryLink
  edgeSession: Session
  hubSession: Session
}

interface Backup {
  node: SimulatedNode
  disk: MemoryDisk
  stays: Stays
}

/** A mark that an edge wrote and the hub acknowledged. */
export interface Acknowledged {
  record: string
  mark: string
}

export class World {
  readonly random: Random
  readonly clock = new Clock()
  readonly keys: KeyRegister = new Map()
  readonly hub: SimulatedNode
  readonly edges: SimulatedNode[]
  readonly leaks: string[] = []
  /** Marks written by edits that an edge was told are at the hub. */
  readonly acknowledged: Acknowledged[] = []
  /** Records that some edge deleted, whether or not that came through. */
  readonly deleted = new Set<string>()
  hubWasRestored = false
  readonly #stays = new Stays()
  readonly #links = new Map<SimulatedNode, Link>()
  readonly #backups: Backup[] = []
  #marks = 0

  readonly tell: (line: string) => void

  /** `tell` hears what happens, for reading a failing seed. */
  constructor(seed: number, tell: (line: string) => void = () => undefined) {
    this.tell = tell
    this.random = seededRandom(seed)
    const authority = { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] } as const
    this.hub = new SimulatedNode(this, 'hub', 'hub', authority, (store) => this.#stays.watch(store))
    this.edges = Array.from(
      { length: EDGES },
      (_, i) => new SimulatedNode(this, `edge-${i}`, 'edge', this.#someGrant(`edge-${i}`)),
    )
  }

  async start(): Promise<void> {
    for (const node of [this.hub, ...this.edges]) await node.start()
  }

  async step(): Promise<void> {
    const what = this.random.next()
    const edge = this.random.pick(this.edges)
    if (this.random.chance(0.1)) await this.#upkeep(this.random.chance(0.5) ? this.hub : edge)
    else if (what < 0.4) await this.#edit(edge)
    else if (what < 0.75) await this.#deliverSome()
    else if (what < 0.84) this.#connect(edge)
    else if (what < 0.88) this.#cut(edge)
    else if (what < 0.91) await this.#regrant(edge)
    else if (what < 0.93) await this.#crash(this.random.chance(0.3) ? this.hub : edge)
    else if (what < 0.945) await this.#crashInTheMiddle()
    else if (what < 0.97) this.#backUp(this.random.chance(0.3) ? this.hub : edge)
    else if (this.#backups.length > 0) await this.#restore(this.random.pick(this.#backups))
    this.clock.advance(this.random.below(500))
    await this.settle()
  }

  /** The faults stop: everyone is up and connected, until nothing moves any more. */
  async heal(): Promise<void> {
    this.tell('healed')
    for (const node of [this.hub, ...this.edges]) if (!node.replica) await node.start()
    for (let round = 0; round < DRAIN_ROUNDS_MAX; round++) {
      for (const edge of this.edges) this.#connect(edge)
      await this.settle()
      let delivered = 0
      for (const link of this.#links.values()) delivered += link.transport.flush()
      await this.settle()
      if (
        delivered === 0 &&
        [...this.#links.values()].every(
          (link) => link.transport.isOpen && link.edgeSession.current && link.hubSession.current,
        )
      )
        return
      this.clock.advance(10)
    }
    const states = [...this.#links.values()].map(
      (link) =>
        `${link.edge.name} ${link.edgeSession.state} ${link.edgeSession.current}/${link.hubSession.current}`,
    )
    throw new Error(
      `the healed world did not come to rest in ${DRAIN_ROUNDS_MAX} rounds: ${states.join(', ')}`,
    )
  }

  /** Every edge of a healed world compares its channels with the hub; gives, by name, how many records differ; undefined where it could not. */
  async audit(): Promise<Map<string, number | undefined>> {
    const found = new Map<string, number | undefined>()
    const audits = [...this.#links.values()]
      .filter(({ edgeSession }) => edgeSession.granted.read.length > 0)
      .map(async ({ edge, edgeSession }) => {
        found.set(edge.name, (await edgeSession.audit())?.diverged)
      })
    for (let round = 0; round < DRAIN_ROUNDS_MAX && found.size < audits.length; round++) {
      await this.settle()
      for (const { transport } of this.#links.values()) transport.flush()
    }
    if (found.size < audits.length)
      throw new Error(`only ${[...found.keys()]} came to the end of their audits`)
    return found
  }

  /** Lets every microtask run: a macrotask comes after all of them. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  // --- what happens ---

  async #edit(edge: SimulatedNode): Promise<void> {
    const { replica } = edge
    if (!replica) return
    const known = await replica.visits.all()
    const mark = `m${++this.#marks}`
    if (known.length === 0 || this.random.chance(0.25)) {
      const site = this.random.pick(edge.grant.write as readonly Site[]) ?? this.random.pick(sites)
      this.tell(`${edge.name} creates in ${site}: ${mark}`)
      const visit = await replica.visits.create({ site, title: mark, marks: { [mark]: true } })
      this.#expectAcknowledgement(edge, replica, visit.id, mark)
      return
    }
    const { id } = this.random.pick(known)
    if (this.random.chance(0.04)) {
      this.tell(`${edge.name} deletes ${id}`)
      this.deleted.add(id)
      await replica.visits.delete(id)
      return
    }
    const site = this.random.chance(0.2) ? this.random.pick(sites) : undefined
    const kind = this.random.below(4)
    this.tell(`${edge.name} edits ${id}: ${mark}${site ? ` and moves it to ${site}` : ''}`)
    const sku = `p${this.random.below(3)}`
    await replica.visits.update(id, (visit) => {
      visit.marks = { ...visit.marks, [mark]: true }
      if (site) visit.site = site
      if (kind === 0) visit.title = mark
      if (kind === 1) visit.notes = `${visit.notes ?? ''}${mark} `
      if (kind === 2) visit.hours = (visit.hours ?? 0) + 1
      if (kind === 3)
        visit.parts = [...(visit.parts ?? []).filter((part) => part.sku !== sku), { sku, qty: this.#marks }]
    })
    this.#expectAcknowledgement(edge, replica, id, mark)
  }

  /** Not waited for: a crash, or an edit, may come in the middle. */
  async #upkeep(node: SimulatedNode): Promise<void> {
    node.replica?.upkeep().then(
      ({ compacted, buried }) => this.tell(`${node.name} compacted ${compacted} and buried ${buried}`),
      // Whoever crashes in the middle has the old entries or the snapshot.
      () => undefined,
    )
  }

  #expectAcknowledgement(edge: SimulatedNode, replica: VisitReplica, id: string, mark: string): void {
    replica.visits.saved(id, 'hub').then(
      () => {
        if (edge.replica === replica) this.acknowledged.push({ record: id, mark })
      },
      // Refused edits and crashed replicas are no acknowledgement.
      () => undefined,
    )
  }

  async #deliverSome(): Promise<void> {
    const links = [...this.#links.values()]
    if (links.length === 0) return
    const { transport } = this.random.pick(links)
    for (let i = this.random.below(12); i >= 0; i--) {
      transport.flush(1)
      await this.settle()
    }
  }

  #connect(edge: SimulatedNode): void {
    const old = this.#links.get(edge)
    if (old?.transport.isOpen && old.edgeSession.state !== 'closed' && old.hubSession.state !== 'closed')
      return
    if (!edge.replica || !this.hub.replica) return
    old?.transport.cut()
    this.tell(
      `${edge.name} connects (reads ${edge.grant.read.join('')}, writes ${edge.grant.write.join('')})`,
    )
    const transport = memoryLink()
    const hubSession = startSession(this.hub.replica.session, transport.acceptor, { role: 'acceptor' })
    const edgeSession = startSession(this.#watched(edge), transport.initiator, { role: 'initiator' })
    for (const [side, session] of [
      ['hub', hubSession],
      [edge.name, edgeSession],
    ] as const)
      session.closed.then(({ code, reason, error }) =>
        this.tell(`session of ${edge.name} ended at ${side}: ${code} ${reason} ${error?.stack ?? ''}`),
      )
    this.#links.set(edge, { edge, transport, edgeSession, hubSession })
  }

  /** The edge's replica, with every entry it is told looked at by the oracle. */
  #watched(edge: SimulatedNode): VisitReplica['session'] {
    const { session } = edge.replica!
    const granted = edge.grant.read
    return new Proxy(session, {
      get: (target, property) => {
        if (property === 'deliver')
          return (delivery: Delivery) => {
            for (const item of delivery.items) this.#checkTold(edge, item, granted)
            this.tell(`${edge.name} is told ${delivery.items.map(nameOf).join(' ')}`)
            return target.deliver(delivery)
          }
        const value: unknown = Reflect.get(target, property, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #checkTold(edge: SimulatedNode, item: Delivery['items'][number], granted: readonly string[]): void {
    if (item.kind !== 'entry') return
    const record = recordOf(item.bytes)
    if (!this.#stays.mayTell(record, item.seq, granted))
      this.leaks.push(
        `${edge.name}, granted ${granted.join('+') || 'nothing'}, was told entry ${item.seq} of ${record}`,
      )
  }

  #cut(edge: SimulatedNode): void {
    const link = this.#links.get(edge)
    if (this.#links.delete(edge)) this.tell(`${edge.name} is cut off`)
    link?.transport.cut()
  }

  async #regrant(edge: SimulatedNode): Promise<void> {
    edge.grant = this.#someGrant(edge.name)
    this.tell(`${edge.name} is granted ${edge.grant.read.join('')}, writes ${edge.grant.write.join('')}`)
    // The old session was granted by the old credential; a device shows the new one at its next connection.
    this.#cut(edge)
    await this.settle()
    if (edge.replica) await edge.showGrant()
  }

  async #crash(node: SimulatedNode): Promise<void> {
    this.tell(`${node.name} crashes`)
    this.#cutAll(node)
    node.crash()
    await this.settle()
    await node.start()
  }

  /**
   * The hub dies some microtasks after messages came, wherever it stands. What it had sent by then still arrives: whatever that acknowledges must be on its disk.
   */
  async #crashInTheMiddle(): Promise<void> {
    for (const link of this.#links.values())
      while (link.transport.deliver('acceptor')) if (this.random.chance(0.3)) break
    for (let i = this.random.below(60); i > 0; i--) await undefined
    this.tell('hub crashes in the middle')
    this.hub.crash()
    for (const link of this.#links.values()) while (link.transport.deliver('initiator'));
    await this.settle()
    this.#cutAll(this.hub)
    await this.settle()
    await this.hub.start()
  }

  #backUp(node: SimulatedNode): void {
    this.tell(`${node.name} is backed up as ${this.#backups.length}`)
    this.#backups.push({ node, disk: node.disk.clone(), stays: this.#stays.copy() })
  }

  async #restore(backup: Backup): Promise<void> {
    this.tell(`${backup.node.name} is restored from ${this.#backups.indexOf(backup)}`)
    this.#cutAll(backup.node)
    backup.node.restore(backup.disk)
    await this.settle()
    if (backup.node === this.hub) {
      this.hubWasRestored = true
      this.#stays.become(backup.stays)
    }
    await backup.node.start()
  }

  #cutAll(node: SimulatedNode): void {
    if (node === this.hub) for (const edge of this.edges) this.#cut(edge)
    else this.#cut(node)
  }

  #someGrant(subject: string) {
    const read = sites.filter(() => this.random.chance(0.6))
    const write = read.filter(() => this.random.chance(0.8))
    return { subject, role: 'device' as const, read, write }
  }
}

/** The record key in an entry's bytes: version, kind, flags, incarnation, then a length and the key. */
function recordOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(5, 5 + bytes[4]!)).toString()
}

function nameOf(item: Delivery['items'][number]): string {
  if (item.kind === 'credential') return `credential of ${item.credential.subject}`
  const record = item.kind === 'entry' ? recordOf(item.bytes) : item.record
  return `${item.kind} ${item.seq} ${record.slice(-4)}${item.kind === 'entry' ? '' : ` ${item.channel}`}`
}
