/** One run of a node: the replica on its disk, the sessions it takes, the links it keeps, and what its role adds. Gone when it dies. */
import { type Bridge, startBridge } from '@skerry/bridge'
import {
  type Delivery,
  decodeViews,
  memoryStore,
  OpenSessions,
  openReplica,
  type Session,
  type SessionReplica,
  SPACE_CHANNEL,
  startSession,
  type ToldViews,
  type Transport,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { createLog, createMetrics, HubSessions } from '@skerry/hub/testing'
import { openStreams, type Streams, segmentKind } from '@skerry/streams'
import { type Link, startLink } from '@skerry/ws/testing'
import type { Disk } from '../machine/disk.ts'
import { type FaultyStore, faultyStore } from '../machine/faulty-store.ts'
import { simulatedHost } from '../machine/host.ts'
import { Life } from '../machine/life.ts'
import type { End } from '../network/connection.ts'
import { Answers } from '../oracles/answers.ts'
import type { Stays } from '../oracles/stays.ts'
import { checkViewEvent } from '../oracles/views.ts'
import { collections, type VisitReplica } from './collections.ts'
import { simulatedVerifier } from './credentials.ts'
import type { NodeFace, ProcessFace } from './surroundings.ts'

/** Records kept loaded: few, so that they are loaded anew. */
export const CACHED_RECORDS_MAX = 4
const POLL_INTERVAL_MS = 20_000
/** Segments small enough for a run to have some. */
const sealPolicy = { readingsMax: 8, spanMsMax: 3_000, lateMsMax: 0 }

export class Process implements ProcessFace {
  readonly life: Life
  readonly node: NodeFace
  readonly disk: Disk
  readonly store: FaultyStore
  replica!: VisitReplica
  /** A hub's. */
  hubSessions: HubSessions | undefined
  /** An edge's, by those who dialled it. */
  readonly accepted = new Set<Session>()
  readonly links = new Map<string, Link<Session>>()
  bridge: Bridge | undefined
  streams: Streams | undefined
  /** Its links are there, and what its role does beside. */
  hasBegun = false
  readonly answers = new Answers()
  /** Times that edits were set aside here. */
  asides = 0
  readonly #openSessions = new OpenSessions()

  constructor(node: NodeFace) {
    this.node = node
    this.disk = node.disk
    const { around } = node
    this.life = new Life(around.scheduler)
    this.store = faultyStore({
      inner: this.disk.stays.watch(
        memoryStore({
          disk: this.disk.memory,
          ...(node.copied?.as === 'clone' && node.runs === 1 && { accept: 'copy' }),
        }),
      ),
      life: this.life,
      scheduler: around.scheduler,
      random: around.randomOf(`disk of ${node.name} ${node.runs}`),
      faults: () => node.diskFaults,
      flipped: () => around.flipped(),
      rotten: this.disk.rotten,
      stored: (batch, removed) => around.stored(node, batch, removed),
    })
  }

  /** @throws StoreError */
  async open(): Promise<void> {
    const { node, life } = this
    const { keys, network, tell } = node.around
    const random = node.around.randomOf(`${node.name} ${node.runs}`)
    const host = simulatedHost({ clock: node.clock, random, keys }, life)
    this.replica = await openReplica({
      host,
      store: this.store,
      verifier: simulatedVerifier,
      collections,
      role: node.isHub ? hubRole : 'edge',
      cachedRecordsMax: CACHED_RECORDS_MAX,
      kinds: { segment: segmentKind({ compressor: host }) },
      views: { recordsMin: 1 },
      events: ({ code, message }) => {
        if (code === 'set-aside') this.asides += 1
        node.around.found(checkViewEvent(node, code, message))
        tell(`${node.name}: ${code}: ${message}`)
      },
    })
    this.replica.onCommit((commit) => life.isAlive && node.around.committed(node, commit))
    node.around.opened(node, this)
    if (node.isHub) this.#openHub()
    network.listen(node.name, { life, accept: (transport, from) => this.#accept(transport, from) })
  }

  /** Once it may speak: the links to others, and what its role does beside. */
  async begin(): Promise<void> {
    const { node, life } = this
    const { api, network } = node.around
    const { host } = this.replica.session
    for (const name of node.plan.uplinks)
      this.links.set(
        name,
        startLink({
          url: name,
          host,
          dial: network.dial({ name: node.name, life }),
          startSession: (transport) => this.#dialled(name, transport as End),
        }),
      )
    if (node.plan.kind === 'gateway')
      this.streams = await openStreams(this.replica, { compressor: host, policy: sealPolicy })
    if (node.plan.kind === 'adapter')
      this.bridge = await startBridge({
        replica: this.replica,
        adapter: api.adapter(life),
        mappings: [{ collection: 'orders', type: 'case', fields: { title: 'Title', status: 'Status' } }],
        host,
        pollIntervalMs: POLL_INTERVAL_MS,
        events: ({ code, message }) => {
          // A poll that was lost is tried again, and says so each time.
          if (code !== 'poll-failed') node.around.tell(`${node.name}: ${code}: ${message}`)
        },
      })
    this.hasBegun = true
  }

  /** Everything in order, as an operator stops it. */
  async close(): Promise<void> {
    await this.bridge?.close()
    await this.streams?.close()
    await Promise.all([...this.links.values()].map((link) => link.close()))
    for (const session of this.accepted) session.close()
    await this.hubSessions?.drain()
    await this.replica.close()
  }

  #openHub(): void {
    this.hubSessions = new HubSessions({
      replica: this.replica.session,
      metrics: createMetrics(),
      log: createLog({ level: 'silent' }),
    })
  }

  #accept(transport: Transport, from: string): void {
    if (this.hubSessions) {
      this.hubSessions.accept(transport, from)
      return
    }
    const teller = this.node.around.node(from)
    const session = startSession(this.#watched(teller), transport, {
      role: 'acceptor',
      sessions: this.#openSessions,
    })
    this.#heard(session, from)
  }

  #dialled(name: string, transport: End): Session {
    const { node } = this
    node.around.connected(node, name, transport.connection)
    const session = startSession(this.#watched(node.around.node(name)), transport, { role: 'initiator' })
    this.#heard(session, name)
    return session
  }

  #heard(session: Session, other: string): void {
    this.accepted.add(session)
    void session.closed.then(({ code, reason, error }) => {
      this.accepted.delete(session)
      this.node.around.tell(
        `${this.node.name}: session with ${other} ended: ${code} ${reason} ${error?.message ?? ''}`,
      )
    })
  }

  /** The replica as a session sees it, with everything that it is told looked at by the oracle. */
  #watched(teller: NodeFace | undefined): SessionReplica {
    const { session } = this.replica
    const { node } = this
    const stays = teller?.process?.disk.stays
    if (node.isHub || teller === undefined || stays === undefined) return session
    const firstGrant = this.disk.grantShown
    const answering = { hub: teller, disk: teller.disk, hubRestores: node.around.hubRestores }
    return new Proxy(session as SessionReplica, {
      get: (target, property) => {
        if (property === 'deliver')
          return (delivery: Delivery) => {
            this.#tellOracle(delivery, stays, firstGrant)
            return target.deliver(delivery)
          }
        if (property === 'acknowledged')
          return (...said: Parameters<SessionReplica['acknowledged']>) => {
            const [peer, , refusals] = said
            if (peer.credential.role !== 'authority') return target.acknowledged(...said)
            node.around.refused(node, refusals)
            return this.answers.keep(answering, () => target.acknowledged(...said))
          }
        if (property === 'takeViews')
          return (told: ToldViews) => {
            node.around.toldViews({
              to: this.node,
              records: told.pages.flatMap((page) => decodeViews(page).map(({ record }) => record)),
              stays,
              granted: this.#granted(firstGrant),
            })
            return target.takeViews(told)
          }
        const value: unknown = Reflect.get(target, property, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #tellOracle(delivery: Delivery, stays: Stays, firstGrant: number): void {
    this.node.around.told({ to: this.node, delivery, stays, granted: this.#granted(firstGrant) })
  }

  #granted(firstGrant: number): ReadonlySet<string> {
    const granted = this.node.grants.slice(firstGrant).flatMap((grant) => grant.read)
    return new Set([...granted, SPACE_CHANNEL])
  }
}
