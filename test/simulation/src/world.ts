/** One simulated world: everybody who is there, and what the oracles have heard. `simulate.ts` lets it live. */
import type { Batch, Commit, Refusal, StoredEntry } from '@skerry/core'
import type { Disk } from './machine/disk.ts'
import type { KeyRegister } from './machine/host.ts'
import { type Random, streamOf } from './machine/random.ts'
import { Scheduler } from './machine/scheduler.ts'
import type { Connection } from './network/connection.ts'
import { Network } from './network/network.ts'
import { mutated, OVERHEARD_MAX } from './network/tampering.ts'
import { FakeApi } from './nodes/fake-api.ts'
import { SimulatedNode } from './nodes/node.ts'
import type { NodeFace, ProcessFace, Surroundings, Told, ToldOfViews } from './nodes/surroundings.ts'
import { ChannelsOracle } from './oracles/channels.ts'
import { Ledger } from './oracles/ledger.ts'
import { ReadsOracle } from './oracles/reads.ts'
import { RightsOracle } from './oracles/rights.ts'
import { ShownOracle } from './oracles/shown.ts'
import { apiFaultsOf, diskFaultsOf, type Plan, weatherOf } from './plan/plan.ts'
import { HOSTILE } from './plan/topology.ts'
import type { Measurements } from './steps/readings.ts'

interface Overheard {
  from: string
  message: Uint8Array
  at: number
}

export class World implements Surroundings {
  readonly plan: Plan
  readonly scheduler = new Scheduler()
  readonly keys: KeyRegister = new Map()
  readonly network: Network
  readonly api: FakeApi
  readonly nodes = new Map<string, SimulatedNode>()
  /** Machines that are switched off for good. */
  readonly retired = new Set<SimulatedNode>()
  readonly backups: { node: SimulatedNode; disk: Disk }[] = []
  readonly ledger = new Ledger()
  readonly measurements: Measurements = new Map()
  readonly overheard: Overheard[] = []
  readonly reads = new ReadsOracle(this.ledger)
  readonly channels = new ChannelsOracle(this.ledger)
  readonly shown = new ShownOracle()
  readonly rights = new RightsOracle(this.scheduler)
  /** Bytes delivered, by `from>to`. */
  readonly bytes = new Map<string, number>()
  /** Views that edges were told. */
  viewsTold = 0
  /** Bits that disks flipped. */
  flips = 0
  readonly tell: (line: string) => void
  readonly #hostile: Random
  #hasFaults = true
  #finding: unknown

  constructor(plan: Plan, tell: (line: string) => void) {
    this.plan = plan
    const startedAt = this.scheduler.nowMs
    this.tell = (line) =>
      tell(`${((this.scheduler.nowMs - startedAt) / 1_000).toFixed(3).padStart(10)}  ${line}`)
    this.#hostile = this.randomOf('hostile')
    this.network = new Network({
      scheduler: this.scheduler,
      randomOf: (name) => this.randomOf(`line ${name}`),
      weatherOf: (name) => weatherOf(plan, name),
      tap: (from, to, message) => this.#delivered(from, to, message),
      tamper: (from, message) => (from === HOSTILE ? mutated(this.#hostile, message) : [message]),
    })
    this.api = new FakeApi(this.scheduler, this.randomOf('api'), apiFaultsOf(plan))
    for (const node of plan.nodes) this.add(new SimulatedNode(node, this))
  }

  get hubs(): SimulatedNode[] {
    return [...this.nodes.values()].filter((node) => node.isHub && !this.retired.has(node))
  }

  get hubRestores(): number {
    return this.ledger.hubRestores
  }

  /** Nodes that are to be up. */
  get living(): SimulatedNode[] {
    return [...this.nodes.values()].filter((node) => !this.retired.has(node))
  }

  add(node: SimulatedNode): void {
    node.diskFaults = diskFaultsOf(this.plan, node.name)
    this.nodes.set(node.name, node)
  }

  node(name: string): SimulatedNode | undefined {
    return this.nodes.get(name)
  }

  randomOf(name: string): Random {
    return streamOf(this.plan.seed, name)
  }

  /** Part of a fault that was begun: forgotten when the faults stop. */
  duringFaults(afterMs: number, run: () => void): void {
    this.scheduler.after(afterMs, () => {
      if (this.#hasFaults) run()
    })
  }

  stopFaults(): void {
    this.#hasFaults = false
    for (const line of this.network.lines) line.heal()
    this.network.calmDown()
    this.api.faults = { delayMs: 1, lossShare: 0 }
    for (const node of this.nodes.values()) {
      Object.assign(node.diskFaults, { slowShare: 0, isFull: false, failShare: 0, flipShare: 0 })
      node.clock.set()
    }
  }

  restored(node: SimulatedNode): void {
    this.reads.restored(node)
    if (!node.isHub) return
    this.ledger.hubRestores += 1
    this.reads.hubRestored()
  }

  /** An oracle's finding, or an error that nobody expected. The first one is the run's. */
  found(error: unknown): void {
    this.#finding ??= error
  }

  /** @throws the finding */
  check(): void {
    this.#watch(() => this.rights.check())
    if (this.#finding !== undefined) throw this.#finding
  }

  // --- what nodes tell their surroundings ---

  told(told: Told): void {
    const items = told.delivery.items.map(nameOf)
    if (items.length > 0) this.tell(`${told.to.name} is told ${items.join(', ')}`)
    this.#watch(() => this.channels.told(told))
  }

  toldViews(told: ToldOfViews): void {
    this.tell(`${told.to.name} is told views of ${told.records.map((record) => record.slice(-4)).join(', ')}`)
    this.viewsTold += told.records.length
    this.#watch(() => this.channels.toldViews(told))
  }

  committed(node: NodeFace, commit: Commit): void {
    this.#watch(() => this.reads.committed(node, commit))
  }

  stored(node: NodeFace, batch: Batch, removed: readonly StoredEntry[]): void {
    this.reads.stored(node, batch, removed)
    this.#watch(() => this.shown.committed(node.name, batch))
  }

  refused(node: NodeFace, refusals: readonly Refusal[]): void {
    this.reads.refused(node, refusals)
  }

  opened(node: NodeFace, process: ProcessFace): void {
    this.reads.reopened(node, process).catch((error: unknown) => this.found(error))
  }

  connected(node: NodeFace, to: string, connection: Connection): void {
    this.rights.connected(node, this.nodes.get(to), connection)
  }

  flipped(): void {
    this.flips += 1
  }

  #delivered(from: string, to: string, message: Uint8Array): void {
    const way = `${from}>${to}`
    this.bytes.set(way, (this.bytes.get(way) ?? 0) + message.length)
    const receiver = this.nodes.get(to)
    if (receiver) this.#watch(() => this.channels.delivered(receiver, message))
    if (this.plan.striking.has('hostile') && this.overheard.length < OVERHEARD_MAX && receiver?.isHub)
      this.overheard.push({ from, message, at: this.overheard.length })
  }

  #watch(look: () => void): void {
    try {
      look()
    } catch (error) {
      this.found(error)
    }
  }
}

function nameOf(item: Told['delivery']['items'][number]): string {
  if (item.kind === 'credential') return `credential of ${item.credential.subject}`
  return item.kind === 'entry'
    ? `entry ${item.seq}`
    : `${item.kind} ${item.seq} ${item.record.slice(-4)} ${item.channel}`
}
