/** Gateways and a hub in memory, joined by hand: what a session would do in a round, in the pieces a test wants. */

import {
  collection,
  type Delivery,
  type IncomingItem,
  type LoggedEntry,
  MemoryDisk,
  memoryStore,
  openReplica,
  type Peer,
  type Refusal,
  type ReplicaEvent,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { VirtualWorld } from '@skerry/core/testing'
import { type Authority, createAuthority, credentialVerifier, issueCredential } from '@skerry/credentials'
import { startEngine } from '@skerry/node'
import * as z from 'zod'
import { nodeCompressor } from '../src/compressor-node.ts'
import { segmentKind } from '../src/index.ts'

const SPACE = 'acme'
const CREDENTIAL_LIFE_MS = 86_400_000
const WHOLE_LOG = { entries: 10_000, bytes: 2 ** 30 }

const workOrders = collection(
  'work_orders',
  z.object({ title: z.string(), status: z.enum(['open', 'done']), site: z.string() }),
  { channels: (order) => [`site:${order.site}`] },
)

export interface NodeOptions {
  disk?: MemoryDisk
  /** Channels it may write, and read; a hub: all. */
  channels?: string[]
  /** Called before each commit; a throw fails it. */
  beforeCommit?: () => void
}

export class World {
  readonly virtual: VirtualWorld
  readonly events: ReplicaEvent[] = []
  private readonly authority: Authority

  private constructor(seed: number, authority: Authority) {
    this.virtual = new VirtualWorld(seed)
    this.authority = authority
  }

  static async start(seed: number): Promise<World> {
    await startEngine()
    return new World(seed, await createAuthority())
  }

  hub(options: NodeOptions = {}): Promise<TestReplica> {
    return this.open('hub', { channels: ['*'], ...options })
  }

  gateway(options: NodeOptions = {}): Promise<TestReplica> {
    return this.open('edge', { channels: ['stream:gw-1'], ...options })
  }

  private async open(role: 'hub' | 'edge', options: NodeOptions): Promise<TestReplica> {
    const replica = await this.replica(role, options)
    const channels = options.channels ?? []
    const token = await issueCredential(this.authority, {
      space: SPACE,
      subject: role,
      publicKey: replica.publicKey,
      role: role === 'hub' ? 'authority' : 'device',
      read: channels,
      write: channels,
      systems: [],
      issuedAt: this.virtual.clock.nowMs,
      expiresAt: this.virtual.clock.nowMs + CREDENTIAL_LIFE_MS,
    })
    await replica.setCredential(token)
    return replica
  }

  private replica(role: 'hub' | 'edge', { disk = new MemoryDisk(), beforeCommit }: NodeOptions) {
    const host = this.virtual.host()
    const verifier = credentialVerifier({
      space: SPACE,
      authority: this.authority.publicKey,
      sha256: (bytes) => host.sha256(bytes),
    })
    return openReplica({
      host,
      verifier,
      store: memoryStore({ disk, ...(beforeCommit && { beforeCommit }) }),
      collections: { workOrders },
      role: role === 'hub' ? hubRole : 'edge',
      space: SPACE,
      kinds: { segment: segmentKind({ compressor: nodeCompressor }) },
      events: (event) => this.events.push(event),
    })
  }
}

export type TestReplica = Awaited<ReturnType<World['replica']>>

/** Every entry that this replica wrote. */
export async function ownEntries(from: TestReplica): Promise<LoggedEntry[]> {
  return (await from.session.readLog(0, WHOLE_LOG)).filter((entry) => entry.origin === undefined)
}

/** One frame of entries, without a position: it may be repeated, and come in any order. */
export function deliver(
  from: TestReplica,
  to: TestReplica,
  entries: readonly LoggedEntry[],
): Promise<Refusal[]> {
  return to.session.deliver(deliveryOf(from, entries))
}

/** A session's round: what the other side has not asked for yet, its position, and the acknowledgement. */
export async function push(from: TestReplica, to: TestReplica): Promise<Refusal[]> {
  const want = await to.session.want(peerOf(from))
  if (want.kind !== 'log') throw new Error('a hub wants the log')
  await to.session.remember(peerOf(from).credential)
  const entries = await from.session.readLog(want.cursor?.seq ?? 0, WHOLE_LOG)
  const run = from.session.runs.at(-1)!.run
  const position = { log: from.session.log, run, seq: from.head }
  const own = entries.filter((entry) => entry.origin === undefined)
  const refusals = await to.session.deliver({ ...deliveryOf(from, own), position, want })
  await from.session.acknowledged(peerOf(to), from.head, refusals)
  return refusals
}

/** An edge reads its channels of the hub's log, from the beginning. */
export async function pullAll(from: TestReplica, to: TestReplica): Promise<Refusal[]> {
  const channels = to.credential!.read
  const page = await from.session.readChannels(new Map(channels.map((channel) => [channel, 0])), WHOLE_LOG)
  const entries = page.items.flatMap((item) => {
    if (item.kind === 'entry') return [item.entry]
    return item.kind === 'enter' ? item.entries : []
  })
  return deliver(from, to, entries)
}

function deliveryOf(from: TestReplica, entries: readonly LoggedEntry[]): Delivery {
  const items = entries.map(({ seq, bytes }): IncomingItem => ({ kind: 'entry', seq, bytes }))
  const want = { kind: 'log', cursor: undefined } as const
  return { peer: peerOf(from), items, position: undefined, current: true, want }
}

function peerOf(replica: TestReplica): Peer {
  const { node, publicKey, log, runs, credential } = replica.session
  if (credential === undefined) throw new Error(`${node} shows no credential`)
  return { node, publicKey, log, runs, credential }
}
