/** A hub with edges and adapter nodes on links in memory: real sessions, nothing is delivered before `settle`, and no timer of a replica ever fires. */
import { type Bridge, type MappingConfig, type MemorySystem, startBridge } from '@skerry/bridge'
import {
  type Credential,
  type JsonObject,
  type MemoryLink,
  memoryStore,
  openReplica,
  type Replica,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { VirtualWorld } from '@skerry/core/testing'
import { enrol, join, openVerifier, settle } from '@skerry/meeting'
import { jobs, type TestHost, testHost } from './nodes.ts'

export type JobsReplica = Replica<{ jobs: typeof jobs }>

export interface SpaceNode {
  name: string
  host: TestHost
  replica: JobsReplica
}

/** An adapter node, or any node with a bridge. */
export interface Bridged {
  node: SpaceNode
  bridge: Bridge
  system: MemorySystem
}

export class Space {
  readonly links: MemoryLink[] = []
  readonly bridges: Bridged[] = []
  readonly #opened: SpaceNode[] = []
  readonly #world: VirtualWorld

  constructor(seed = 1) {
    this.#world = new VirtualWorld(seed)
  }

  async hub(): Promise<SpaceNode> {
    return this.#open('hub', { role: 'authority' })
  }

  /** Linked with the hub, or with whoever is given. */
  async edge(name: string, to: SpaceNode, systems: readonly string[] = []): Promise<SpaceNode> {
    const node = await this.#open(name, { role: 'device', systems })
    this.link(to, node)
    await this.settle()
    return node
  }

  async #open(name: string, grant: Pick<Credential, 'role'> & Partial<Credential>): Promise<SpaceNode> {
    const host = testHost(1 + this.#opened.length)
    const replica = await openReplica({
      // All of it runs in microtasks, so that a link without messages is quiet; a session sends no pings, only bridges have timers.
      host: { ...this.#world.host(), now: () => host.clock, timer: () => () => undefined },
      store: memoryStore(),
      verifier: openVerifier,
      collections: { jobs },
      role: grant.role === 'authority' ? hubRole : 'edge',
    })
    await enrol(replica, { subject: name, ...grant })
    const node = { name, host, replica }
    this.#opened.push(node)
    return node
  }

  link(acceptor: SpaceNode, initiator: SpaceNode): MemoryLink {
    const link = join(acceptor.replica, initiator.replica)
    this.links.push(link)
    return link
  }

  async bridge(
    node: SpaceNode,
    name: string,
    system: MemorySystem,
    mapping: MappingConfig,
  ): Promise<Bridged> {
    const bridge = await startBridge({
      replica: node.replica,
      adapter: system.adapter(),
      name,
      mappings: [mapping],
      host: node.host,
      pollIntervalMs: 0,
    })
    const bridged = { node, bridge, system }
    this.bridges.push(bridged)
    return bridged
  }

  /** Delivers until nothing moves on any link. */
  settle(): Promise<void> {
    return settle(this.links)
  }

  /** Every bridge asks its system once and does what follows, and all of it goes everywhere. */
  async round(): Promise<void> {
    for (const { bridge } of this.bridges) {
      await bridge.pollNow()
      await bridge.idle()
      await this.settle()
    }
    for (const { bridge } of this.bridges) await bridge.idle()
    await this.settle()
  }

  async close(): Promise<void> {
    for (const { bridge } of this.bridges) await bridge.close()
    for (const link of this.links) link.cut()
    for (const { replica } of this.#opened) await replica.close()
  }
}

/** What a record says in the fields that are mapped, without those that are absent. */
export function plain(value: JsonObject | undefined, names: readonly string[]): JsonObject | undefined {
  return (
    value &&
    Object.fromEntries(names.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]])))
  )
}
