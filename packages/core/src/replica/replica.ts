/** A replica, opened: a node's log and all that is computed from it. */
import { fromHex, toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Trial } from '../engine/trial.ts'
import { Presence } from '../ephemeral/presence.ts'
import type { Host } from '../host.ts'
import { type Credential, CredentialError, type CredentialVerifier, grants } from '../identity/credential.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Revoked } from '../log/revocation.ts'
import type { Collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import { VIEWS_TOLD_MIN } from '../session/limits.ts'
import {
  type EntryKind,
  emptyBatch,
  type LoggedEntry,
  type Seq,
  type Store,
  type StoreSize,
  type TableRow,
  type TableWrite,
} from '../store/port.ts'
import type { KindHandler } from './admit.ts'
import { readAnswers, readHubMet } from './answers.ts'
import { ASIDE_TABLE, type AsideEdit } from './aside.ts'
import { writeRecord } from './author.ts'
import { Barring } from './barring.ts'
import { CredentialBook, decodeCredential, encodeCredential } from './credentials.ts'
import { Follower } from './follower.ts'
import { readForgotten } from './forgotten.ts'
import { type DeviceKey, IDENTITY_TABLE, Identity } from './identity.ts'
import { Isolation } from './isolation.ts'
import { type Lease, type LeaseAnswer, type LeaseRequest, Leases } from './leases.ts'
import { CACHED_RECORDS_MAX } from './limits.ts'
import { markedTrial } from './marked-trial.ts'
import { giveUpChannels } from './membership.ts'
import { ownTable } from './own-tables.ts'
import { Parking } from './parking.ts'
import { Quarantine, type Suspicion } from './quarantine.ts'
import { RecordCache } from './record-cache.ts'
import { RecordNotFound } from './record-not-found.ts'
import { type Quarantined, readQuarantine } from './record-quarantine.ts'
import { CollectionNotFound, checkIssues, Records } from './records.ts'
import { refreshViews } from './refresh-views.ts'
import { ReplicaCore } from './replica-core.ts'
import type { ReplicaEvent } from './replica-event.ts'
import { ReplicaSession } from './replica-session.ts'
import { Revocations } from './revocations.ts'
import { revoke, tellUntold, watchOwnRevocation } from './revoke.ts'
import { ShippedPages } from './shipped-pages.ts'
import { type ShippedCounts, ShippedViews } from './shipped-views.ts'
import { beginSigningAgain, signAgain } from './sign-again.ts'
import { bringTablesUp } from './table-format.ts'
import { Transaction } from './transaction.ts'
import type { Turn } from './turn.ts'
import { type UpkeepReport, upkeepStep } from './upkeep.ts'
import { finishWipe } from './wipe.ts'
import { type Commit, Writer } from './writer.ts'

export interface ReplicaOptions<Collections extends Record<string, Collection>> {
  host: Host
  store: Store
  /** Checks credentials; without one, nobody's are accepted, and this replica works alone. */
  verifier?: CredentialVerifier
  collections: Collections
  /** Run by a hub on what devices write. */
  rules?: readonly Rule<never>[]
  /** A hub has the space's authority: it weighs rights, mends, and tells edges what they hold. */
  role?: 'edge' | 'hub'
  /** The tenant. Default `main`. */
  space?: string
  /** Tells who is here, hears it and passes it on. Default true; a node that never shows anybody and relays for nobody may switch it off. */
  presence?: boolean
  /** Records kept loaded. Default CACHED_RECORDS_MAX. */
  cachedRecordsMax?: number
  /** Handlers for kinds of entry that belong to no record (segments of streams). */
  kinds?: Partial<Record<EntryKind, KindHandler>>
  /**
   * Views, with which a new device answers queries before it has loaded a document. By default an edge asks hubs for them, and a hub tells them where there are at least VIEWS_TOLD_MIN
   * records, or `recordsMin`. False: neither.
   */
  views?: false | { recordsMin: number }
  /** Tries heavy records and edits where they can do no harm. Without one they are tried in this thread, with a durable mark, so that what ends it is not loaded again and again. */
  trial?: Trial
  events?: (event: ReplicaEvent) => void
}

export type Replica<Collections extends Record<string, Collection> = Record<string, Collection>> =
  ReplicaBase & {
    readonly [Name in keyof Collections]: Collections[Name] extends Collection<infer Value>
      ? Records<Value & object>
      : never
  }

export interface ReplicaStats extends StoreSize {
  head: Seq
  cachedRecords: number
  /** Entries written here that the hub has not acknowledged; 0 on a hub. */
  unacknowledged: number
  /** Entries of peers that wait for what they build on. */
  parked: number
  /** Records that are shown as the hub told them, before they are here themselves; not among `records`. */
  unverified: number
  /** What became of views since the replica was opened. */
  views: Readonly<ShippedCounts>
}

/**
 * Opens the store, begins a run, and makes a device key at the first open.
 * @throws StoreError when the store cannot be opened
 */
export async function openReplica<const Collections extends Record<string, Collection>>(
  options: ReplicaOptions<Collections>,
): Promise<Replica<Collections>> {
  const { host, store } = options
  const run = toHex(host.random(16))
  const log = await store.open(run)
  try {
    await bringTablesUp(store)
  } catch (error) {
    await store.close()
    throw error
  }
  const key = await deviceKey(host, store)
  const stored = await store.get(IDENTITY_TABLE, 'credential')
  const credential = stored && decodeCredential(stored)
  if (credential) await options.verifier?.pin?.(credential.token)
  const identity = new Identity(host, options.space ?? 'main', key, run, credential)
  const collections = new Map<string, Collection>()
  for (const collection of Object.values(options.collections)) collections.set(collection.name, collection)
  const cache = new RecordCache(options.cachedRecordsMax ?? CACHED_RECORDS_MAX)
  const events = options.events ?? (() => undefined)
  const isolation = await openIsolation(options, events, (record, tables) =>
    writer.run(async (turn) => {
      for (const { table, key, value } of tables) turn.put(table, key, value)
      cache.drop(record)
    }),
  )
  const shipped = new ShippedViews({ host, collections, events })
  const shippedPages = new ShippedPages(shipped, collections, events)
  const writer: Writer = new Writer({
    host,
    store,
    cache,
    shipped,
    collections,
    isolation,
    head: log.head,
    actor: () => identity.actor,
    listenerFailed: (error) =>
      events({ level: 'error', code: 'listener-failed', message: `a listener of commits failed: ${error}` }),
  })
  const authority = options.role === 'hub'
  const quarantine = await Quarantine.load(store, authority)
  const revocations = await Revocations.load(store)
  const credentials = new CredentialBook(store)
  const barring = new Barring({ store, credentials, quarantine, revocations })
  const core = new ReplicaCore({
    host,
    store,
    writer,
    cache,
    identity,
    verifier: barring.over(options.verifier ?? refuseAll),
    collections,
    rules: (options.rules ?? []) as readonly Rule[],
    kinds: new Map(Object.entries(options.kinds ?? {}) as [EntryKind, KindHandler][]),
    credentials,
    quarantine,
    leases: await Leases.load(store, host),
    revocations,
    barring,
    parking: await Parking.load(store, host),
    authority,
    log,
    answers: await readAnswers(store),
    hubMet: await readHubMet(store),
    forgotten: await readForgotten(store),
    presence: options.presence ?? true,
    shipped,
    shippedPages,
    viewsMin:
      options.views === false ? Number.POSITIVE_INFINITY : (options.views?.recordsMin ?? VIEWS_TOLD_MIN),
    events,
    isolation,
  })
  watchOwnRevocation(core)
  await shippedPages.load(store)
  await signAgain(core)
  await finishWipe(core)
  await refreshViews(core)
  const replica = new ReplicaBase(core)
  for (const [name, collection] of Object.entries(options.collections))
    Object.defineProperty(replica, name, { value: new Records(core, collection), enumerable: true })
  return replica as Replica<Collections>
}

async function openIsolation(
  { host, store, trial }: Pick<ReplicaOptions<never>, 'host' | 'store' | 'trial'>,
  events: (event: ReplicaEvent) => void,
  commit: (record: string, tables: readonly TableWrite[]) => Promise<void>,
): Promise<Isolation> {
  const { quarantined, attempts } = await readQuarantine(store, host.now())
  const marked = () => markedTrial({ host, attempts, commit: (record, row) => commit(record, [row]) })
  return new Isolation({ host, events, commit, quarantined, trial: trial ?? marked() })
}

export class ReplicaBase {
  /** What a session needs of this replica. */
  readonly session: ReplicaSession
  readonly #core: ReplicaCore

  constructor(core: ReplicaCore) {
    this.#core = core
    this.session = new ReplicaSession(core)
  }

  get node(): string {
    return this.#core.identity.node
  }

  get space(): string {
    return this.#core.identity.space
  }

  get publicKey(): Uint8Array {
    return this.#core.identity.key.publicKey
  }

  get credential(): Credential | undefined {
    return this.#core.identity.credential
  }

  get head(): Seq {
    return this.#core.writer.head
  }

  /** Records of a collection by its name, for code that gets the name from data. @throws CollectionNotFound */
  collection(name: string): Records {
    const collection = this.#core.collections.get(name)
    if (!collection)
      throw new CollectionNotFound(
        `there is no collection '${name}' in this replica; it has ${[...this.#core.collections.keys()].join(', ')}`,
      )
    return new Records(this.#core, collection)
  }

  get collections(): ReadonlyMap<string, Collection> {
    return this.#core.collections
  }

  /**
   * Shows this credential from now on. Edits made before are signed again; channels that it no longer grants are given up.
   * @throws CredentialError when it is not for this space or this device's key
   */
  async setCredential(token: string): Promise<Credential> {
    const core = this.#core
    if (!core.identity.credential) await core.verifier.pin?.(token)
    const credential = await core.verifier.verify(token, undefined)
    if (toHex(credential.publicKey) !== toHex(this.publicKey))
      throw new CredentialError(
        'credential-malformed',
        `this credential of ${credential.subject} is for another device's key; ask for one for ${toHex(this.publicKey)}`,
      )
    const former = core.identity.credential
    core.identity.credential = credential
    core.grantedReads.push(credential.read)
    try {
      await core.writer.run((turn) => this.#enrol(turn, credential, former))
    } catch (error) {
      core.identity.credential = former
      // Wants may have been made under the other one meanwhile.
      if (former) core.grantedReads.push(former.read)
      throw error
    }
    await signAgain(core)
    await tellUntold(core)
    core.presences?.credentialChanged()
    return credential
  }

  async #enrol(turn: Turn, credential: Credential, former: Credential | undefined): Promise<void> {
    const core = this.#core
    turn.put(IDENTITY_TABLE, 'credential', encodeCredential(credential))
    if (!former) beginSigningAgain(turn)
    await core.credentials.keep(turn, credential)
    core.credentials.bind(turn, core.identity.actor, {
      publicKey: toHex(credential.publicKey),
      credential: credential.hash,
    })
    if (core.authority) return
    await giveUpChannels(turn, core, credential.read)
    const isLost = (channel: string) => !grants(credential.read, channel)
    if (former?.read.some(isLost)) core.shippedPages.dropAll(turn)
  }

  /** Who is in this channel, and what this replica shows there. Needs the right to read it; nothing of it is stored. */
  presence(channel: string): Presence {
    return new Presence(channel, this.#core.presences)
  }

  /** A reader of the log under this name, with a durable position. */
  follower(name: string): Follower {
    return new Follower(this.#core, name)
  }

  /** Reads a table of the caller's own outside a transaction. */
  table(table: string, key: string): Promise<Uint8Array | undefined> {
    return this.#core.store.get(ownTable(table), key)
  }

  /** Rows of a table of the caller's own: keys that start with `prefix` and are above `after`, ascending. */
  tableRows(table: string, range: { prefix?: string; after?: string; limit: number }): Promise<TableRow[]> {
    return this.#core.store.scan(ownTable(table), range)
  }

  /**
   * Runs `work` as one append: everything it writes is durable together when the promise resolves. It is run again from its beginning when a record that it opens must be tried first; nothing of the first run is kept.
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#core.writer.run((turn) => work(new Transaction(this.#core, turn)))
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    return this.#core.onCommit(listener)
  }

  /** Entries of one record or stream, oldest first. */
  entriesOf(record: string): Promise<LoggedEntry[]> {
    return this.#core.store.readRecord(record)
  }

  readEntries(seqs: readonly Seq[]): Promise<LoggedEntry[]> {
    return this.#core.store.readEntries(seqs)
  }

  /** Records that are not loaded any more, because that did harm. Queries see them as they were; edits of them are refused. */
  get quarantined(): readonly Quarantined[] {
    return this.#core.isolation.quarantined
  }

  /**
   * Lets a record out of quarantine and loads it, heavy ones after a trial. Returns why it is in quarantine again; undefined when it is out.
   * @throws RecordNotFound when it is in none
   */
  async release(key: string): Promise<Quarantined | undefined> {
    const { isolation, writer } = this.#core
    if (!isolation.quarantineOf(key)) throw new RecordNotFound(`${key} is in no quarantine`)
    await isolation.release(key)
    await writer.run(async (turn) => {
      const record = await turn.open(key)
      if (record.isNew || record.isQuarantined) return
      void record.view
      turn.touch(record)
    })
    return isolation.quarantineOf(key)
  }

  /** Edits that the hub refused, with its reasons. */
  aside(): Promise<AsideEdit[]> {
    return this.#core.aside()
  }

  /**
   * Writes a refused edit again, on the record as it is now.
   * @throws RecordNotFound when the record was deleted since, RecordInvalid when the edit does not fit what it is now, EditRefused; the edit then stays aside
   */
  async reapply(key: string): Promise<void> {
    const aside = await this.#asideEdit(key)
    await this.#core.writer.run(async (turn) => {
      const record = await turn.open(aside.record)
      if (!record.isNew && !record.visible)
        throw new RecordNotFound(`${record.key} was deleted since; drop the edit that was set aside`)
      const before = record.visible
      await writeRecord(turn, this.#core.author, record, aside.edits)
      const { visible: after, collection } = record
      const parsed = after && collection?.parse(after)
      if (collection && parsed && 'issues' in parsed)
        checkIssues(record.key, collection, parsed.issues, before, after)
      turn.put(ASIDE_TABLE, key, undefined)
    })
  }

  /** Drops a refused edit for good. */
  async dropAside(key: string): Promise<void> {
    const aside = await this.#asideEdit(key)
    await this.#core.writer.run(async (turn) => turn.put(ASIDE_TABLE, aside.key, undefined))
  }

  /**
   * Takes a credential back, or all of a device's, for good: an entry that every replica of the space hears, signed by this one, which is the authority. With `wipe` the device gives up what it holds when it hears
   * of it. Resolves when that is durable; false when it was known. @throws StoreError, TooManyRevocations, TypeError on an edge
   */
  async revoke(revoked: Revoked & { wipe?: boolean }): Promise<boolean> {
    if (!this.#core.authority) throw new TypeError(`revoking ${revoked.value}: only the authority revokes`)
    return revoke(this.#core, revoked)
  }

  /** Whether this replica has heard that this credential, or all of its key, was revoked. */
  isRevoked(credential: Pick<Credential, 'hash' | 'publicKey'>): boolean {
    return this.#core.revocations.has(credential)
  }

  /** Devices that wrote two changes under one sequence, oldest first. A hub keeps them out until that is lifted. */
  proofs(): Suspicion[] {
    return this.#core.quarantine.list()
  }

  /** The proof against the device that wrote under this actor; `verifyProof` checks it. */
  proof(actor: string): Promise<Uint8Array | undefined> {
    return this.#core.quarantine.proof(actor)
  }

  /**
   * Lends an external system to an adapter node, or renews what it has; on a hub. Resolves when that is durable.
   *
   * @throws RangeError for a time that nothing is lent for; TooManyLeases; StoreError
   */
  acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#core.writer.run((turn) => this.#core.leases.acquire(turn, request))
  }

  /** The node gives a system back before its time is up. False when it does not have it. @throws StoreError */
  releaseLease(system: string, publicKey: Uint8Array): Promise<boolean> {
    return this.#core.writer.run((turn) => this.#core.leases.release(turn, system, publicKey))
  }

  /** Systems that were ever lent, with who has, or had, them. */
  leases(): Lease[] {
    return this.#core.leases.list()
  }

  /** The operator's decision that a device (its public key, hex) may come back. False when it is in no quarantine. @throws StoreError */
  liftQuarantine(key: string): Promise<boolean> {
    return this.#core.writer.run(async (turn) => this.#core.quarantine.lift(turn, this.#core.host, key))
  }

  /** Called with the public key (hex) of a device that this hub keeps out from now on. */
  onQuarantine(listener: (key: string) => void): () => void {
    return this.#core.quarantine.onAdded(listener)
  }

  /** Records that queries show as the hub told them, whose entries are still on their way. */
  unverified(): number {
    return this.#core.shipped.size
  }

  async stats(): Promise<ReplicaStats> {
    return {
      ...(await this.#core.store.size()),
      head: this.head,
      cachedRecords: this.#core.cache.size,
      unacknowledged: this.#core.authority ? 0 : await countUnanswered(this.#core),
      parked: this.#core.parking.size,
      unverified: this.unverified(),
      views: { ...this.#core.shipped.counts },
    }
  }

  /**
   * One bounded piece of what a replica does beside its work: records with more entries than their collection wants become snapshots. To be called from time to time, and again
   * at once as long as it is not `done`. @throws StoreError
   */
  upkeep(options: { recordsMax?: number } = {}): Promise<UpkeepReport> {
    return upkeepStep(this.#core, options.recordsMax)
  }

  /** Leaves the channels that it is present in, waits for what is being written, then closes the store. */
  async close(): Promise<void> {
    await Promise.all([this.#core.presences?.close(), this.#core.writer.close()])
    this.#core.shipped.end()
    await this.#core.store.close()
  }

  async #asideEdit(key: string): Promise<AsideEdit> {
    const [found] = await this.#core.aside(key)
    if (!found) throw new TypeError(`there is no edit set aside under '${key}'`)
    return found
  }
}

async function deviceKey(host: Host, store: Store): Promise<DeviceKey> {
  const stored = await store.get(IDENTITY_TABLE, 'key')
  if (stored) {
    const [secret, publicKey] = (decodeUtf8(stored) ?? '').split(' ')
    return { secret: fromHex(secret!), publicKey: fromHex(publicKey!) }
  }
  const key = await host.createKey()
  const value = encodeUtf8(`${toHex(key.secret)} ${toHex(key.publicKey)}`)
  await store.commit({ ...emptyBatch, tables: [{ table: IDENTITY_TABLE, key: 'key', value }] })
  return key
}

const refuseAll: CredentialVerifier = {
  verify: () =>
    Promise.reject(
      new CredentialError(
        'credential-bad-signature',
        'this replica knows no authority; give openReplica a verifier',
      ),
    ),
}

async function countUnanswered({ store, answered }: ReplicaCore): Promise<number> {
  const later = await store.readLog(answered, { entries: 10_000, bytes: 64 * 1024 * 1024 })
  const own = later.filter((entry) => !entry.origin)
  // A snapshot stands where the newest entry stood that it replaced, which may be somebody else's.
  const snapshots = own.filter(({ kind }) => kind === 'snapshot')
  const rows = await store.rows(snapshots.map(({ record }) => record))
  const settled = rows.filter((row) => row && decodeFrontier(row.frontier).ownSeq <= answered)
  return own.length - settled.length
}
