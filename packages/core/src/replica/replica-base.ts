/** What every replica offers beside its collections, and what packages built on core use of it. */
import { toHex } from '../bytes/hex.ts'
import { Presence } from '../ephemeral/presence.ts'
import { type Credential, CredentialError, grants } from '../identity/credential.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Revoked } from '../log/revocation.ts'
import type { Collection } from '../records/collection.ts'
import type { LoggedEntry, Seq, Store, StoreSize, TableRow } from '../store/port.ts'
import { ASIDE_TABLE, type AsideEdit } from './aside.ts'
import { writeRecord } from './author.ts'
import { encodeCredential } from './credentials.ts'
import { deliver } from './deliver.ts'
import { Follower } from './follower.ts'
import { healRecord } from './heal-record.ts'
import { IDENTITY_TABLE } from './identity.ts'
import type { Lease, LeaseAnswer, LeaseRequest } from './leases.ts'
import { giveUpChannels } from './membership.ts'
import { type EditOptions, ownTable, putBeside } from './own-tables.ts'
import type { Suspicion } from './quarantine.ts'
import { RecordNotFound } from './record-not-found.ts'
import type { Quarantined } from './record-quarantine.ts'
import { CollectionNotFound, checkIssues, Records } from './records.ts'
import type { ReplicaCore } from './replica-core.ts'
import { ReplicaSession } from './replica-session.ts'
import type { ShippedCounts } from './shipped-views.ts'
import { beginSigningAgain, signAgain } from './sign-again.ts'
import { Transaction } from './transaction.ts'
import { tryParked } from './try-parked.ts'
import type { Turn } from './turn.ts'
import { type Unanswered, unanswered } from './unanswered.ts'
import { type UpkeepReport, upkeepStep } from './upkeep.ts'
import type { Commit } from './writer.ts'

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

export class ReplicaBase {
  /** What a session needs of this replica. */
  readonly session: ReplicaSession
  readonly #core: ReplicaCore
  /** The credential that is being taken. */
  #changing: Promise<void> | undefined
  readonly #endUpkeep: () => Promise<void>

  constructor(core: ReplicaCore, endUpkeep: () => Promise<void>) {
    this.#core = core
    this.#endUpkeep = endUpkeep
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
   * Shows this credential from now on, and resolves with what is shown. Edits made before there was one are signed again; channels that it no longer grants are given up. Where it is another subject's than before, what was
   * written until now stays the former one's, also what was not told yet. One after the other, where several come at once.
   * @param options.renews hash of the credential that it takes the place of: where another one is shown by now, that stays
   * @throws CredentialError when it is not for this space or this device's key
   */
  setCredential(token: string, options: { renews?: string } = {}): Promise<Credential> {
    const { credential } = this.#core.identity
    // Each is measured by what the one before left.
    if (this.#changing) return this.#changing.then(() => this.setCredential(token, options))
    if (credential && options.renews !== undefined && credential.hash !== options.renews)
      return Promise.resolve(credential)
    const changed = this.#changeCredential(token)
    const ended = () => {
      this.#changing = undefined
    }
    this.#changing = changed.then(ended, ended)
    return changed
  }

  async #changeCredential(token: string): Promise<Credential> {
    const core = this.#core
    if (!core.identity.credential) await core.verifier.pin?.(token)
    const credential = await core.verifier.verify(token, undefined)
    if (toHex(credential.publicKey) !== toHex(this.publicKey))
      throw new CredentialError(
        'credential-malformed',
        `this credential of ${credential.subject} is for another device's key; ask for one for ${toHex(this.publicKey)}`,
      )
    const former = core.identity.credential
    const changesHands = former !== undefined && former.subject !== credential.subject
    if (!changesHands) core.identity.credential = credential
    core.grantedReads.push(credential.read)
    try {
      await core.writer.run((turn) => {
        // Not before the turn: what waits to be written is the former subject's.
        if (changesHands) core.identity.changeHands(credential)
        return this.#enrol(turn, credential, former)
      })
    } catch (error) {
      if (!changesHands) core.identity.credential = former
      else if (core.identity.credential === credential) core.identity.changeHands(former)
      // Wants may have been made under the other one meanwhile.
      if (former) core.grantedReads.push(former.read)
      throw error
    }
    await signAgain(core)
    await core.hub?.tellUntold()
    core.presences?.credentialChanged()
    return credential
  }

  async #enrol(turn: Turn, credential: Credential, former: Credential | undefined): Promise<void> {
    const core = this.#core
    turn.put(IDENTITY_TABLE, 'credential', encodeCredential(credential))
    if (!former) beginSigningAgain(turn)
    await core.credentials.keep(turn, credential)
    if (core.authority) return
    await giveUpChannels(turn, core, credential.read)
    const isLost = (channel: string) => !grants(credential.read, channel)
    if (former?.read.some(isLost)) core.shippedPages.dropAll(turn)
  }

  /** Who is in this channel, and what this replica shows there. Needs the right to read it; nothing of it is stored. */
  presence(channel: string): Presence {
    return new Presence(channel, this.#core.presences)
  }

  /** The rows of records as they are stored, for whoever serves them to others. */
  get rows(): Pick<Store, 'rows' | 'scanRows' | 'findRows'> {
    return this.#core.store
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

  /** What is known of a collection's records without loading them: keys above `after`, ascending, deleted ones too. */
  async recordHeads(
    collection: string,
    { after, limit }: { after: string; limit: number },
  ): Promise<{ key: string; heads: readonly string[] }[]> {
    const rows = await this.#core.store.scanRows(collection, after, limit)
    return rows.map(({ record, frontier }) => ({ key: record, heads: decodeFrontier(frontier).heads }))
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
    return this.#core.soundLog.readRecord(record)
  }

  readEntries(seqs: readonly Seq[]): Promise<LoggedEntry[]> {
    return this.#core.soundLog.readEntries(seqs)
  }

  /** Records that are not loaded any more, because that did harm. Queries see them as they were; edits of them are refused. */
  get quarantined(): readonly Quarantined[] {
    return this.#core.isolation.quarantined
  }

  isQuarantined(key: string): boolean {
    return this.#core.isolation.quarantineOf(key) !== undefined
  }

  /**
   * Lets a record out of quarantine and loads it, heavy ones after a trial; a damaged one if it lacks nothing any more. Returns why it is in quarantine again; undefined when it is out.
   * @throws RecordNotFound when it is in none
   */
  async release(key: string): Promise<Quarantined | undefined> {
    const { isolation, writer, damage } = this.#core
    if (!isolation.quarantineOf(key)) throw new RecordNotFound(`${key} is in no quarantine`)
    if (damage.has(key)) {
      await healRecord(this.#core, key)
      return isolation.quarantineOf(key)
    }
    await isolation.release(key)
    await writer.run(async (turn) => {
      const record = await turn.open(key)
      if (record.isNew || record.isQuarantined) return
      void record.view
      turn.touch(record)
    })
    if (!isolation.quarantineOf(key)) await tryParked(this.#core, new Set([key]), deliver)
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
  async reapply(key: string, options: EditOptions = {}): Promise<void> {
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
      putBeside(turn, options)
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
    const { hub } = this.#core
    if (!hub) throw new TypeError(`revoking ${revoked.value}: only the authority revokes`)
    return hub.revoke(revoked)
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
   * @throws RangeError for a time that nothing is lent for; TooManyLeases; StoreError; TypeError on an edge
   */
  async acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    const { hub, writer } = this.#core
    if (!hub) throw new TypeError(`lending ${request.system}: only the authority lends systems`)
    return writer.run((turn) => hub.leases.acquire(turn, request))
  }

  /** The node gives a system back before its time is up. False when it does not have it. @throws StoreError */
  async releaseLease(system: string, publicKey: Uint8Array): Promise<boolean> {
    const { hub, writer } = this.#core
    return hub ? writer.run((turn) => hub.leases.release(turn, system, publicKey)) : false
  }

  /** Systems that were ever lent, with who has, or had, them; none on an edge. */
  leases(): Lease[] {
    return this.#core.hub?.leases.list() ?? []
  }

  /** The operator's decision that a device (its public key, hex) may come back. False when it is in no quarantine. @throws StoreError */
  liftQuarantine(key: string): Promise<boolean> {
    return this.#core.writer.run(async (turn) => this.#core.quarantine.lift(turn, this.#core.host, key))
  }

  /** Called with the public key (hex) of a device that this hub keeps out from now on. */
  onQuarantine(listener: (key: string) => void): () => void {
    return this.#core.quarantine.onAdded(listener)
  }

  /** Records with edits made here that the hub has not answered yet, in the order of the oldest edit of each. */
  unanswered(): Promise<Unanswered[]> {
    return unanswered(this.#core)
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
   * at once as long as it is not `done`; the option `upkeep` does that. @throws StoreError
   */
  upkeep(options: { recordsMax?: number } = {}): Promise<UpkeepReport> {
    return upkeepStep(this.#core, options.recordsMax)
  }

  /** Leaves the channels that it is present in, waits for what is being written, then closes the store. */
  async close(): Promise<void> {
    await Promise.all([this.#endUpkeep(), this.#core.presences?.close(), this.#core.writer.close()])
    this.#core.shipped.end()
    await this.#core.store.close()
  }

  async #asideEdit(key: string): Promise<AsideEdit> {
    const [found] = await this.#core.aside(key)
    if (!found) throw new TypeError(`there is no edit set aside under '${key}'`)
    return found
  }
}

async function countUnanswered({ store, soundLog, answered, intents }: ReplicaCore): Promise<number> {
  const later = await soundLog.readLog(answered, { entries: 10_000, bytes: 64 * 1024 * 1024 })
  const own = later.filter((entry) => !entry.origin)
  // A snapshot stands where the newest entry stood that it replaced, which may be somebody else's.
  const snapshots = own.filter(({ kind }) => kind === 'snapshot')
  const rows = await store.rows(snapshots.map(({ record }) => record))
  const settled = rows.filter((row) => row && decodeFrontier(row.frontier).ownSeq <= answered)
  return own.length - settled.length + intents.size
}
