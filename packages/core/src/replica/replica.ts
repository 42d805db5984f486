/** Opens a replica: a node's log and all that is computed from it. */
import { fromHex, toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Trial } from '../engine/trial.ts'
import type { Host } from '../host.ts'
import { CredentialError, type CredentialVerifier } from '../identity/credential.ts'
import type { Collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import { VIEWS_TOLD_MIN } from '../session/limits.ts'
import { type EntryKind, emptyBatch, type Store } from '../store/port.ts'
import { SoundLog } from '../store/sound-log.ts'
import type { KindHandler } from './admit.ts'
import { readAnswers, readHubMet } from './answers.ts'
import { Barring } from './barring.ts'
import { begin } from './begin.ts'
import { CredentialBook, decodeCredential } from './credentials.ts'
import { Damage } from './damage.ts'
import { readForgotten } from './forgotten.ts'
import { lookAgain } from './heal-record.ts'
import type { Hub } from './hub-port.ts'
import { type DeviceKey, IDENTITY_TABLE, Identity } from './identity.ts'
import { Intents } from './intents.ts'
import { Isolation, type IsolationOptions } from './isolation.ts'
import { CACHED_RECORDS_MAX } from './limits.ts'
import { LostEntries } from './lost-entries.ts'
import { markedTrial } from './marked-trial.ts'
import { Parking } from './parking.ts'
import { Quarantine } from './quarantine.ts'
import { RecordCache } from './record-cache.ts'
import { readQuarantine } from './record-quarantine.ts'
import { Records } from './records.ts'
import { remakeRow } from './remake-row.ts'
import { ReplicaBase } from './replica-base.ts'
import { ReplicaCore } from './replica-core.ts'
import type { ReplicaEvent } from './replica-event.ts'
import { Revocations } from './revocations.ts'
import { watchOwnRevocation } from './revoke.ts'
import { ShippedPages } from './shipped-pages.ts'
import { ShippedViews } from './shipped-views.ts'
import { bringTablesUp } from './table-format.ts'
import { tendedStore } from './tended-store.ts'
import { upkeepStep } from './upkeep.ts'
import { startUpkeep, type UpkeepOptions } from './upkeep-loop.ts'
import { ReplicaClosed, Writer } from './writer.ts'

/** What a hub adds, as code: edges do not carry it. */
export interface HubRole {
  /** @throws StoreError */
  open(core: ReplicaCore): Promise<Hub>
}

export interface ReplicaOptions<Collections extends Record<string, Collection>> {
  host: Host
  store: Store
  /** Checks credentials; without one, nobody's are accepted, and this replica works alone. */
  verifier?: CredentialVerifier
  /** By the key under which the replica has each. Keys of what every replica has itself (`close`, `head`, …) are refused; a collection's own name may be any. */
  collections: Collections
  /** Run by a hub on what devices write. */
  rules?: readonly Rule<never>[]
  /** `hubRole` of `@skerry/core/hub`: this replica has the space's authority, weighs rights, mends, and tells edges what they hold. Default `edge`. */
  role?: 'edge' | HubRole
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
  /** Resolves when the CRDT engine runs; absent: it runs. Until then queries answer from views, and edits are kept as intents, durable as any (SPEC.md, Before the engine runs). */
  engine?: Promise<void>
  /** Upkeep each minute, and in pieces until nothing is left. Default false: whoever opened it calls `upkeep()`. */
  upkeep?: false | UpkeepOptions
  events?: (event: ReplicaEvent) => void
}

export type Replica<Collections extends Record<string, Collection> = Record<string, Collection>> =
  ReplicaBase & {
    readonly [Name in keyof Collections]: Collections[Name] extends Collection<infer Value>
      ? Records<Value & object>
      : never
  }

/**
 * Opens the store, begins a run, and makes a device key at the first open.
 * @throws StoreError when the store cannot be opened; TypeError for a role that is none, or for a collection in the place of what every replica has
 */
export async function openReplica<const Collections extends Record<string, Collection>>(
  options: ReplicaOptions<Collections>,
): Promise<Replica<Collections>> {
  const { host } = options
  const role = roleIn(options)
  // Otherwise a collection `close` would take the place of `replica.close()`. `session` is made with each replica, all else stands in the class.
  for (const name in options.collections)
    if (name === ('session' satisfies keyof ReplicaBase) || name in ReplicaBase.prototype)
      throw new TypeError(
        `collections.${name}: every replica has '${name}' itself; give this collection another key`,
      )
  const events = options.events ?? (() => undefined)
  const store = tendedStore(options.store, {
    remakeRow: (record) => damage.rowOf(record),
    mayWait: () => !writer.isInTurn,
    failed: reporter(events),
    dropped: (table, key) =>
      events({
        level: 'warn',
        code: 'row-dropped',
        message: `${key} in table ${table} could not be read, and is learnt anew`,
        fields: { table },
      }),
  })
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
  const isolation = await openIsolation(options, store, events, {
    commit: (record, tables, then = () => undefined) =>
      writer.runFirst(async (turn) => {
        turn.afterCommit(then)
        for (const { table, key, value } of tables) turn.put(table, key, value)
        cache.drop(record)
      }),
    lacks: (record, reason) => damage.lacks(record, reason),
  })
  const damage: Damage = new Damage({
    store,
    isolation,
    lost: await LostEntries.load(store),
    events,
    now: () => host.now(),
    answered: () => core.answered,
    remakeRow: async (record) => {
      await options.engine
      return writer.runFirst((turn) => remakeRow(turn, core, record))
    },
    recheck: (record) => void lookAgain(core, record),
  })
  const soundLog = new SoundLog({
    store,
    found: (damaged) => damage.found(damaged),
    isWithheld: (record) => damage.has(record),
  })
  const shipped = new ShippedViews({ host, collections, events })
  const shippedPages = new ShippedPages(shipped, collections, events)
  const writer: Writer = new Writer({
    host,
    store,
    soundLog,
    cache,
    shipped,
    collections,
    isolation,
    head: log.head,
    identity,
    remadeRow: (record) => damage.rowOf(record),
    listenerFailed: (error) =>
      events({ level: 'error', code: 'listener-failed', message: `a listener of commits failed: ${error}` }),
  })
  const authority = role !== undefined
  const quarantine = await Quarantine.load(store, authority)
  const revocations = await Revocations.load(store)
  const credentials = new CredentialBook(store)
  const barring = new Barring({ soundLog, credentials, quarantine, revocations })
  const core: ReplicaCore = new ReplicaCore({
    host,
    store,
    soundLog,
    writer,
    cache,
    identity,
    verifier: barring.over(options.verifier ?? refuseAll),
    collections,
    rules: (options.rules ?? []) as readonly Rule[],
    kinds: new Map(Object.entries(options.kinds ?? {}) as [EntryKind, KindHandler][]),
    credentials,
    quarantine,
    revocations,
    barring,
    parking: await Parking.load({
      store,
      host,
      isQuarantined: (record) => isolation.quarantineOf(record) !== undefined,
      isAnswered: authority,
    }),
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
    intents: await Intents.load({
      store,
      host,
      isolation,
      writer,
      isCold: options.engine !== undefined,
    }),
    damage,
  })
  core.hub = await role?.open(core)
  watchOwnRevocation(core)
  await shippedPages.load(store)
  await begin(core, options.engine)
  const replica = new ReplicaBase(core, upkeepOf(core, options))
  for (const [name, collection] of Object.entries(options.collections))
    Object.defineProperty(replica, name, { value: new Records(core, collection), enumerable: true })
  return replica as Replica<Collections>
}

/** What ends it. */
function upkeepOf(
  core: ReplicaCore,
  { upkeep, engine }: Pick<ReplicaOptions<never>, 'upkeep' | 'engine'>,
): () => Promise<void> {
  if (!upkeep) return () => Promise.resolve()
  const { timer = core.host.timer, done } = upkeep
  const piece = async () => {
    await engine
    return upkeepStep(core)
  }
  return startUpkeep({ timer, piece, done, events: core.events })
}

/** @throws TypeError */
function roleIn({ role = 'edge' }: Pick<ReplicaOptions<never>, 'role'>): HubRole | undefined {
  if (role === 'edge') return undefined
  if (typeof role === 'object' && role !== null) return role
  throw new TypeError(`role ${JSON.stringify(role)}: give 'edge', or hubRole of @skerry/core/hub`)
}

async function openIsolation(
  { host, trial }: Pick<ReplicaOptions<never>, 'host' | 'trial'>,
  store: Store,
  events: (event: ReplicaEvent) => void,
  parts: Pick<IsolationOptions, 'commit' | 'lacks'>,
): Promise<Isolation> {
  const { quarantined, attempts } = await readQuarantine(store, host.now())
  const marked = () => markedTrial({ host, attempts, commit: (record, row) => parts.commit(record, [row]) })
  return new Isolation({ ...parts, host, events, quarantined, trial: trial ?? marked() })
}

function reporter(events: (event: ReplicaEvent) => void): (record: string, error: unknown) => void {
  return (record, error) => {
    if (error instanceof ReplicaClosed) return
    events({
      level: 'error',
      code: 'row-lost',
      message: `the row of ${record} cannot be read, and could not be made anew: ${error}`,
      fields: { record },
    })
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
