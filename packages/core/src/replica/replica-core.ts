/** The parts of an open replica, joined: what its faces (records for apps, sessions for the wire, transactions for bridges) are built on. */
import { equalBytes } from '../bytes/compare.ts'
import { toHex } from '../bytes/hex.ts'
import { LivePresences } from '../ephemeral/presences.ts'
import type { Host } from '../host.ts'
import type { Credential, CredentialVerifier } from '../identity/credential.ts'
import type { Collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import type { LoggedEntry, LogIdentity, RunRow, Seq, Store } from '../store/port.ts'
import type { SoundLog } from '../store/sound-log.ts'
import type { KindHandler } from './admit.ts'
import { type Answers, answeredUpTo } from './answers.ts'
import { ASIDE_TABLE, type AsideEdit, decodeAside } from './aside.ts'
import type { Author } from './author.ts'
import type { Barring } from './barring.ts'
import type { CredentialBook } from './credentials.ts'
import type { Damage } from './damage.ts'
import { writeForgotten } from './forgotten.ts'
import type { Hub } from './hub-port.ts'
import { type Identity, nodeIdOf } from './identity.ts'
import type { Intents } from './intents.ts'
import type { Isolation } from './isolation.ts'
import { ARRIVAL_MS_MAX, RECEIPTS_LISTED_MAX } from './limits.ts'
import { NotHereYet } from './not-here-yet.ts'
import type { Parking } from './parking.ts'
import type { Quarantine } from './quarantine.ts'
import { type Receipt, readReceipts } from './receipts.ts'
import type { RecordCache } from './record-cache.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { Revocations } from './revocations.ts'
import { ownSeqs, type SavedOptions, waitSaved } from './saved.ts'
import type { ShippedPages } from './shipped-pages.ts'
import type { ShippedViews } from './shipped-views.ts'
import { signaturesOf, type Turn } from './turn.ts'
import type { Commit, Writer } from './writer.ts'

export interface ReplicaParts {
  host: Host
  store: Store
  soundLog: SoundLog
  writer: Writer
  cache: RecordCache
  identity: Identity
  verifier: CredentialVerifier
  collections: ReadonlyMap<string, Collection>
  rules: readonly Rule[]
  kinds: ReadonlyMap<string, KindHandler>
  credentials: CredentialBook
  quarantine: Quarantine
  revocations: Revocations
  barring: Barring
  parking: Parking
  authority: boolean
  log: LogIdentity
  answers: Map<string, Answers>
  hubMet: string | undefined
  forgotten: Seq
  /** Takes part in presence. */
  presence: boolean
  shipped: ShippedViews
  shippedPages: ShippedPages
  /** Fewest records of which a hub tells views; Infinity: views are neither told nor asked for. */
  viewsMin: number
  events: (event: ReplicaEvent) => void
  isolation: Isolation
  intents: Intents
  damage: Damage
}

export class ReplicaCore {
  readonly host: Host
  readonly store: Store
  /** The entries of the store that can be read back. */
  readonly soundLog: SoundLog
  readonly writer: Writer
  readonly cache: RecordCache
  readonly identity: Identity
  readonly verifier: CredentialVerifier
  readonly collections: ReadonlyMap<string, Collection>
  readonly rules: readonly Rule[]
  readonly kinds: ReadonlyMap<string, KindHandler>
  readonly credentials: CredentialBook
  readonly quarantine: Quarantine
  readonly revocations: Revocations
  readonly barring: Barring
  readonly parking: Parking
  /** True on a hub: it weighs rights, runs rules and mends. */
  readonly authority: boolean
  /** What that takes; undefined on an edge, and before the replica is opened. */
  hub: Hub | undefined
  readonly log: string
  readonly runs: readonly RunRow[]
  readonly events: (event: ReplicaEvent) => void
  /** Who is here; undefined when this replica takes no part. */
  readonly presences: LivePresences | undefined
  /** What is shown of records that are not here yet. */
  readonly shipped: ShippedViews
  readonly shippedPages: ShippedPages
  readonly viewsMin: number
  readonly isolation: Isolation
  readonly intents: Intents
  readonly damage: Damage
  /** Up to where each hub, by its log, has answered about this log. */
  readonly answers: Map<string, Answers>
  /** Log of the hub that was met last. */
  hubMet: string | undefined
  /** By its log, the runs that each hub listed when a session with it opened last. */
  readonly runsMet = new Map<string, readonly RunRow[]>()
  #forgotten: Seq
  /** Records that are leaving since the present session with the hub began. */
  readonly leavingNow = new Set<string>()
  /** Records and channels of which LEAVE was told since then, while the channel was being reconciled. */
  readonly leftWaiting = new Set<string>()
  /** What each credential grants to read that came since this replica was opened, in their order. */
  readonly grantedReads: (readonly string[])[] = []

  constructor(parts: ReplicaParts) {
    this.host = parts.host
    this.store = parts.store
    this.soundLog = parts.soundLog
    this.writer = parts.writer
    this.cache = parts.cache
    this.identity = parts.identity
    this.verifier = parts.verifier
    this.collections = parts.collections
    this.rules = parts.rules
    this.kinds = parts.kinds
    this.credentials = parts.credentials
    this.quarantine = parts.quarantine
    this.revocations = parts.revocations
    this.barring = parts.barring
    this.parking = parts.parking
    this.authority = parts.authority
    this.log = parts.log.log
    this.runs = parts.log.runs
    this.events = parts.events
    this.isolation = parts.isolation
    this.intents = parts.intents
    this.damage = parts.damage
    this.answers = parts.answers
    this.hubMet = parts.hubMet
    this.#forgotten = parts.forgotten
    this.presences = parts.presence ? this.#openPresences() : undefined
    this.shipped = parts.shipped
    this.shippedPages = parts.shippedPages
    this.viewsMin = parts.viewsMin
  }

  listenerFailed(error: unknown): void {
    this.events({
      level: 'error',
      code: 'listener-failed',
      message: `a listener of commits failed: ${error}`,
    })
  }

  #openPresences(): LivePresences {
    const { host, identity, verifier } = this
    return new LivePresences({
      host,
      space: identity.space,
      node: identity.node,
      verifier,
      credential: () => identity.credential,
      sign: (message) => identity.sign(message),
      nodeOf: (publicKey) => nodeIdOf(publicKey, host),
      credentialByHash: (hash) => this.credentials.byHash(hash),
      failed: (error) =>
        this.events({ level: 'error', code: 'presence-failed', message: `presence failed: ${error}` }),
    })
  }

  get author(): Author {
    const { host, identity } = this
    return { host, identity, bindOwn: (turn, actor) => this.bindOwn(turn, actor) }
  }

  /** With the first edit under it, and not when the actor is drawn: the turn that draws it may fail. */
  async bindOwn(turn: Turn, actor: string): Promise<void> {
    const { credential } = this.identity
    if (!credential || (await this.credentials.keyOf(turn, actor)) !== undefined) return
    const publicKey = toHex(credential.publicKey)
    this.credentials.bind(turn, actor, { publicKey, credential: credential.hash })
  }

  /** Highest sequence of this log that the hub met last has answered. */
  get answered(): Seq {
    return answeredUpTo(this.hubMet === undefined ? undefined : this.answers.get(this.hubMet))
  }

  get run(): string {
    return this.runs.at(-1)!.run
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    return this.writer.onCommit(listener)
  }

  /** Resolves when the record is here itself, or is not shown at all. @throws NotHereYet */
  async arrived(record: string, timeoutMs: number = ARRIVAL_MS_MAX): Promise<void> {
    if (!(await this.shipped.arrived(record, timeoutMs))) throw new NotHereYet(record, timeoutMs)
  }

  /** Entries up to this sequence may have been given up with their records. */
  get forgotten(): Seq {
    return this.#forgotten
  }

  async forgetUpTo(turn: Turn, seq: Seq): Promise<void> {
    if (!(await writeForgotten(turn, seq))) return
    turn.afterCommit(() => {
      this.#forgotten = Math.max(this.#forgotten, seq)
    })
  }

  async authorOf(actor: string): Promise<string | undefined> {
    if (actor === this.identity.actor) return this.identity.credential?.subject ?? this.identity.node
    return (await this.credentials.authorOf(actor))?.subject
  }

  /** Whether the hub writes under this actor. */
  async isAuthority(actor: string): Promise<boolean> {
    if (actor === this.identity.actor) return this.authority
    return (await this.credentials.authorOf(actor))?.role === 'authority'
  }

  /** Of a record's edits made here, those that the hub met last has answered: highest sequence answered, per actor (hex) of this device. */
  async answeredSeqs(record: string): Promise<Map<string, number>> {
    const source = { soundLog: this.soundLog, host: this.host, isOwn: (hash: string) => this.isOwn(hash) }
    const own = await ownSeqs(source, record)
    const answered = this.authority ? own : await ownSeqs(source, record, this.answered)
    return new Map([...own.keys()].map((actor) => [actor, answered.get(actor) ?? 0]))
  }

  /** Whether the credential with this hash was given to this device. */
  async isOwn(hash: string): Promise<boolean> {
    return (await this.ownCredential(hash)) !== undefined
  }

  async ownCredential(hash: string): Promise<Credential | undefined> {
    const credential = await this.credentials.byHash(hash)
    return credential && equalBytes(credential.publicKey, this.identity.key.publicKey)
      ? credential
      : undefined
  }

  /** Subject by whose credential an entry of changes is signed; undefined where it is not known. */
  async subjectOf(entry: LoggedEntry): Promise<string | undefined> {
    const [signature] = signaturesOf(entry, this.host)
    return signature && (await this.credentials.byHash(toHex(signature.credentialHash)))?.subject
  }

  receipts(record: string): Promise<Receipt[]> {
    return readReceipts(this.store, record)
  }

  /** Edits set aside whose key begins with this: those of one record, or all. */
  async aside(prefix = ''): Promise<AsideEdit[]> {
    const found: AsideEdit[] = []
    let after = ''
    for (;;) {
      const rows = await this.store.scan(ASIDE_TABLE, { prefix, after, limit: RECEIPTS_LISTED_MAX })
      for (const row of rows) found.push(decodeAside(row.value))
      if (rows.length < RECEIPTS_LISTED_MAX) return found
      after = rows.at(-1)!.key
    }
  }

  saved(record: string, place: string, options?: SavedOptions): Promise<void> {
    const { store, soundLog, host, writer } = this
    const source = {
      store,
      soundLog,
      host,
      writer,
      // A hub has what it wrote.
      answeredSeq: () => (this.authority ? Number.POSITIVE_INFINITY : this.answered),
      written: async () => {
        if (place === 'here' && this.intents.isCold) await this.intents.settled()
        else await writer.run(async () => undefined)
      },
      isOwn: (hash: string) => this.isOwn(hash),
      receipts: (of: string) => this.receipts(of),
      aside: (prefix: string) => this.aside(prefix),
      isShown: (of: string) => this.shipped.has(of),
      isDamaged: (of: string) => this.damage.has(of),
    }
    return waitSaved(source, record, place, options)
  }
}
