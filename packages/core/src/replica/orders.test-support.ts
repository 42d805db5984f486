/** Replicas of work orders that meet without a wire: what a session would do between them in one round, and entries that no honest replica would write. */
import { fromHex, toHex } from '../bytes/hex.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import type { Trial } from '../engine/trial.ts'
import type { Host } from '../host.ts'
import type { Credential } from '../identity/credential.ts'
import { type EntrySignature, encodeChanges, encodeEntry, statementBytes } from '../log/entry.ts'
import type { Collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import type { Delivery, IncomingItem, Peer, Refusal, Want } from '../session/port.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import type { EntryKind, Seq, Store } from '../store/port.ts'
import type { KindHandler } from './admit.ts'
import { hubRole } from './hub-role.ts'
import { nodeIdOf } from './identity.ts'
import { plainToken, plainVerifier, testHost, workOrders } from './replica.test-support.ts'
import { openReplica, type Replica } from './replica.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { UpkeepOptions } from './upkeep-loop.ts'

export type Orders = Replica<{ workOrders: typeof workOrders }>
export const everything = { entries: 10_000, bytes: 100_000_000 }
export const order = { title: 't', status: 'open', site: 'SEA' } as const

export interface OpenOptions {
  seed?: number
  /** Absent: not enrolled. */
  grant?: Partial<Credential> | undefined
  rules?: readonly Rule[]
  disk?: MemoryDisk
  beforeCommit?: () => void | Promise<void>
  /** Stands between the replica and its store. */
  between?: (store: Store) => Store
  cachedRecordsMax?: number
  collection?: Collection
  kinds?: Partial<Record<EntryKind, KindHandler>>
  views?: false | { recordsMin: number }
  trial?: Trial
  /** Absent: it runs. */
  engine?: Promise<void>
  upkeep?: UpkeepOptions
}

export interface Opened {
  replica: Orders
  host: ReturnType<typeof testHost>
  disk: MemoryDisk
  events: ReplicaEvent[]
}

export async function open(options: OpenOptions = {}): Promise<Opened> {
  const {
    seed = 1,
    grant,
    rules = [],
    disk = new MemoryDisk(),
    beforeCommit,
    between = (store) => store,
    cachedRecordsMax,
    kinds,
    trial,
  } = options
  const host = testHost(seed)
  const events: ReplicaEvent[] = []
  const replica = await openReplica({
    host,
    store: between(memoryStore(beforeCommit ? { disk, beforeCommit } : { disk })),
    verifier: plainVerifier(host),
    collections: { workOrders: (options.collection ?? workOrders) as typeof workOrders },
    rules,
    role: grant?.role === 'authority' ? hubRole : 'edge',
    events: (event) => events.push(event),
    ...(kinds ? { kinds } : {}),
    ...(options.views === undefined ? {} : { views: options.views }),
    ...(trial ? { trial } : {}),
    ...(options.engine ? { engine: options.engine } : {}),
    ...(options.upkeep ? { upkeep: options.upkeep } : {}),
    ...(cachedRecordsMax === undefined ? {} : { cachedRecordsMax }),
  })
  if (grant) await replica.setCredential(plainToken(replica.publicKey, grant))
  return { replica, host, disk, events }
}

export const openHub = (options: OpenOptions = {}): Promise<Opened> =>
  open({ seed: 99, ...options, grant: { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] } })

export const openEdge = async (
  seed: number,
  grant: Partial<Credential> = {},
  options: OpenOptions = {},
): Promise<Orders> => (await open({ seed, grant, ...options })).replica

export function peerOf({ session }: Orders): Peer {
  const { node, publicKey, log, runs, credential } = session
  return { node, publicKey, log, runs, credential: credential! }
}

/** Everything above the receiver's cursor; the answer is given back separately, as an ACK may be lost. */
export async function tell(from: Orders, to: Orders): Promise<Refusal[]> {
  const want = await to.session.want(peerOf(from))
  if (want.kind !== 'log') throw new Error('a hub wants the log')
  await to.session.remember(from.session.credential!)
  const entries = await from.session.readLog(want.cursor?.seq ?? 0, everything)
  const own = entries.filter((entry) => !entry.origin)
  const items = own.map(({ seq, bytes }): IncomingItem => ({ kind: 'entry', seq, bytes }))
  return to.session.deliver(deliveryOf(from, [...(await shownBefore(from, items)), ...items], want))
}

export async function push(from: Orders, to: Orders): Promise<Refusal[]> {
  const head = from.head
  const refusals = await tell(from, to)
  await from.session.acknowledged(peerOf(to), head, refusals, to.head)
  return refusals
}

export async function pull(from: Orders, to: Orders): Promise<Refusal[]> {
  const want = await to.session.want(peerOf(from))
  if (want.kind !== 'channels') throw new Error('an edge wants channels')
  const after = new Map([...want.cursors].map(([channel, cursor]) => [channel, cursor?.seq ?? 0]))
  const items = await toldAfter(from, after)
  return to.session.deliver(deliveryOf(from, [...(await shownBefore(from, items)), ...items], want))
}

/** What a hub tells of channels above these positions. */
export async function toldAfter(
  { session }: Orders,
  after: ReadonlyMap<string, Seq>,
): Promise<IncomingItem[]> {
  const { items } = await session.readChannels(after, everything)
  return items.flatMap((item): IncomingItem[] => {
    if (item.kind === 'entry') return [{ kind: 'entry', seq: item.seq, bytes: item.entry.bytes }]
    if (item.kind === 'leave') return [item]
    const { kind, seq, channel, record } = item
    const brought = item.entries.map((e): IncomingItem => ({ kind: 'entry', seq: e.seq, bytes: e.bytes }))
    return [...brought, { kind, seq, channel, record }]
  })
}

/** The credentials that these entries cite. */
async function shownBefore(from: Orders, items: readonly IncomingItem[]): Promise<IncomingItem[]> {
  const entries = items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []))
  const cited = entries.flatMap((bytes) => from.session.credentialsCited(bytes))
  const credentials = await Promise.all(cited.map((hash) => from.session.credentialByHash(hash)))
  return credentials.flatMap((credential) => (credential ? [{ kind: 'credential', credential }] : []))
}

export function deliveryOf(from: Orders, items: IncomingItem[], want: Want): Delivery {
  const position = { log: from.session.log, run: from.session.runs.at(-1)!.run, seq: from.head }
  return { peer: peerOf(from), items, position, current: true, want }
}

/** Everything of a replica that must not change when something is refused. */
export async function traceOf(replica: Orders): Promise<unknown> {
  const entries = await replica.session.readLog(0, everything)
  const { entries: count, records } = await replica.stats()
  return { entries, count, records, orders: await replica.workOrders.all() }
}

/** A device that writes what it likes: its key and credential are in order, its entries need not be. */
export class Pen {
  readonly host: Host
  readonly peer: Peer
  readonly secret: Uint8Array
  #seq = 0

  private constructor(host: Host, secret: Uint8Array, peer: Peer) {
    this.host = host
    this.secret = secret
    this.peer = peer
  }

  static async make(
    seed: number,
    grant: Partial<Credential> = {},
    host: Host = testHost(seed),
  ): Promise<Pen> {
    const key = await host.createKey()
    const credential = await plainVerifier(host).verify(plainToken(key.publicKey, grant), undefined)
    const log = toHex(host.random(16))
    const runs = [{ run: toHex(host.random(16)), first: 1 }]
    const node = nodeIdOf(key.publicKey, host)
    return new Pen(host, key.secret, { node, publicKey: key.publicKey, log, runs, credential })
  }

  /** An entry of these changes, signed over the last one, but for what `over` says otherwise. */
  async changes(
    record: string,
    changes: readonly Uint8Array[],
    over: Partial<EntrySignature> & {
      space?: string
      incarnation?: number
      signAs?: string
      signAsIncarnation?: number
    } = {},
  ): Promise<Uint8Array> {
    const last = parseChange(changes.at(-1)!, this.host, defaultChangeLimits)
    const {
      space = 'main',
      incarnation = 0,
      signAs = record,
      signAsIncarnation = incarnation,
      ...fields
    } = over
    const statement = {
      space,
      record: signAs,
      kind: 'changes' as const,
      actor: last.actor,
      lastSeq: last.seq,
      lastHash: last.hash,
      credentialHash: fromHex(this.peer.credential.hash),
      incarnation: signAsIncarnation,
      ...fields,
    }
    const signature = await this.host.sign(this.secret, statementBytes(statement))
    const { actor, lastSeq, credentialHash } = statement
    return encodeEntry({
      kind: 'changes',
      record,
      incarnation,
      signature: { actor, lastSeq, credentialHash, signature, ...fields },
      body: encodeChanges(changes),
    })
  }

  unsigned(record: string, changes: readonly Uint8Array[], incarnation = 0): Uint8Array {
    return encodeEntry({
      kind: 'changes',
      record,
      incarnation,
      signature: undefined,
      body: encodeChanges(changes),
    })
  }

  async other(kind: EntryKind, record: string, body: Uint8Array, incarnation = 0): Promise<Uint8Array> {
    const statement = {
      space: 'main',
      record,
      incarnation,
      kind,
      actor: new Uint8Array(17),
      lastSeq: 0,
      lastHash: this.host.sha256(body),
      credentialHash: fromHex(this.peer.credential.hash),
    }
    const signature = await this.host.sign(this.secret, statementBytes(statement))
    const { actor, lastSeq, credentialHash } = statement
    return encodeEntry({
      kind,
      record,
      incarnation,
      signature: { actor, lastSeq, credentialHash, signature },
      body,
    })
  }

  /** Tells these entries, and whatever else; returns the codes of what was refused, in order. */
  async tell(to: Orders, ...items: (Uint8Array | IncomingItem)[]): Promise<(string | undefined)[]> {
    await to.session.remember(this.peer.credential)
    const told = items.map(
      (item): IncomingItem =>
        item instanceof Uint8Array ? { kind: 'entry', seq: ++this.#seq, bytes: item } : item,
    )
    const refusals = await to.session.deliver({
      peer: this.peer,
      items: told,
      position: undefined,
      current: true,
      want: { kind: 'nothing' },
    })
    return told.flatMap((item) =>
      item.kind === 'entry' ? [refusals.find((refusal) => refusal.seq === item.seq)?.code] : [],
    )
  }
}

/** A document of an actor of its own, for making changes by hand. */
export function draft(n: number, changes: Uint8Array[] = []): Document {
  const document = new Document(`00${n.toString(16).padStart(32, '0')}`)
  if (changes.length > 0) document.apply(changes)
  return document
}

/** A change that puts these fields at the root. */
export function putting(
  document: Document,
  fields: Record<string, string | number | boolean | null>,
): Uint8Array {
  for (const [key, value] of Object.entries(fields)) document.put('_root', key, value)
  return document.commit(1)!
}
