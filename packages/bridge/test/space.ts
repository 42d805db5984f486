/** A hub with edges and adapter nodes on links in memory: real sessions, nothing is delivered before `settle`, and no timer of a replica ever fires. */
import { createHash } from 'node:crypto'
import { type Bridge, type MappingConfig, type MemorySystem, startBridge } from '@skerry/bridge'
import {
  type Credential,
  type CredentialVerifier,
  fromHex,
  type JsonObject,
  type MemoryLink,
  memoryLink,
  memoryStore,
  openReplica,
  type Replica,
  startSession,
  toHex,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { VirtualWorld } from '@skerry/core/testing'
import { jobs, type TestHost, testHost } from './nodes.ts'

const SPACE = 'main'
/** Rounds until all links must be quiet: an echo that never ends is a failure, not a wait. */
const ROUNDS_MAX = 2_000

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

/** Tokens are JSON in the open: who signs them is another package's business. */
const verifier: CredentialVerifier = {
  async verify(token) {
    const content = JSON.parse(token) as Credential & { publicKey: string }
    const hash = createHash('sha256').update(token).digest('hex')
    return { ...content, publicKey: fromHex(content.publicKey), token, hash }
  },
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
      verifier,
      collections: { jobs },
      role: grant.role === 'authority' ? hubRole : 'edge',
    })
    const content = {
      space: SPACE,
      subject: name,
      read: ['*'],
      write: ['*'],
      systems: [],
      expiresAt: Number.MAX_SAFE_INTEGER,
      ...grant,
      publicKey: toHex(replica.publicKey),
    }
    await replica.setCredential(JSON.stringify(content))
    const node = { name, host, replica }
    this.#opened.push(node)
    return node
  }

  link(acceptor: SpaceNode, initiator: SpaceNode): MemoryLink {
    const link = memoryLink()
    startSession(acceptor.replica.session, link.acceptor, { role: 'acceptor' })
    startSession(initiator.replica.session, link.initiator, { role: 'initiator' })
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
  async settle(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await new Promise((resolve) => setImmediate(resolve))
      let moved = 0
      for (const link of this.links) moved += link.flush()
      if (moved === 0) return
    }
    throw new Error(`the links are not quiet after ${ROUNDS_MAX} rounds`)
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
