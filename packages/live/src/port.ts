/**
 * The live replica port: what a page holds of a replica, wherever that runs.
 *
 *   page ── LiveReplica ──┬── in this thread     (`liveOver(replica, link)`: Node, tests, a page without workers)
 *                         └── over a MessagePort (@skerry/tabs: one worker for all tabs of a browser)
 *
 * Only plain data crosses it, since that is all a message can carry: no function, no class of ours, no CRDT. So a query here has no predicates (the observables above it filter by those), and
 * an edit is told as what it was made on and what it became; whoever owns the document finds the difference and brings it over to what the record is by then (rebase).
 *
 * Guarantees, by name (the suite in @skerry/live/testing runs them against every implementation):
 *   DURABLE  `create`, `update`, `remove` resolve after the edit would survive the power going, never before; what was not resolved may or may not be there.
 *   ORDERED  a change that a resolved call made is told to every open watch before that call resolves, on this page. A watch that has not told its whole first result yet has it in there.
 *   WHOLE    a watch is told its whole result first, in one or more splices (one that inserts nothing, if there is nothing), then only what differs; applied in order they are the result.
 *   OUTLIVES a call that was under way when the worker went is settled by the next worker, and what it edits is edited once; a watch goes on without a gap.
 *   ONCE     an edit that is asked for again under the id that it was given (`Once`) and was made is not made again, and resolves with what it did, also after a restart.
 *   IN ORDER edits are made in the order in which they are asked for, awaited or not.
 *   HONEST   every refusal arrives with its code and its words: a call's by its rejection, a watch's by `failed`, once, and nothing is told after it.
 */
import type {
  AsideEdit,
  ConcurrentValues,
  HistoryItem,
  Json,
  JsonObject,
  Other,
  Quarantined,
  Receipt,
  Standing,
} from '@skerry/core'

/** A record as it crosses the port: its view, with its id. */
export type LiveRecord = JsonObject & { readonly id: string }

/** Of an index, or any field: equal to this, to one of these, or between two values (either may be absent), both included. */
export type Wanted = Json | { readonly oneOf: readonly Json[] } | { readonly from?: Json; readonly to?: Json }

export interface LiveQuery {
  collection: string
  /** Fields that must all be as wanted; none: every record. `id` is that of the record. */
  where: Readonly<Record<string, { readonly wanted: Wanted }>>
  orderBy: readonly { field: string; direction: 'ascending' | 'descending' }[]
  limit?: number | undefined
}

/** In `Array.prototype.splice`'s sense. What is told in parts, the first result or one change of it, has `more` on all but its last splice: show nothing before. */
export interface Splice {
  at: number
  removed: number
  inserted: readonly LiveRecord[]
  more?: boolean
}

/** Where the line to the hub stands. `off`: no hub is configured, or the app was asked to stay off the network. */
export type LinePhase = 'off' | 'connecting' | 'open' | 'waiting' | 'blocked'

/** What a status chip shows. Times are milliseconds since 1970. */
export interface SyncState {
  phase: LinePhase
  /** Edits made here that the hub has not answered yet. */
  pending: number
  /** Edits that the hub refused and nobody has decided about. */
  aside: number
  /** When the hub was last heard; after a restart it may be a minute older. Undefined: never. */
  lastContactAt: number | undefined
  /** Of a first sync: records shown, of which so many are here whole. Absent when there is nothing left to fetch. */
  arriving: { unverified: number } | undefined
  /** While `waiting`: when it is tried again. */
  retryAt: number | undefined
  /** Why the line is not open, for people; the code is that of the link or the session, or `device-revoked`: this device is locked out for good, and a new credential will not help. */
  reason: { code: string; words: string } | undefined
  /** What happened to the credential: none yet, good until then, or no longer good. */
  credential:
    | { subject: string; expiresAt: number; read: readonly string[]; write: readonly string[] }
    | undefined
}

/** What the device's storage is good for. */
export interface StorageState {
  /** `kept`: the browser promised. `evictable`: it may delete everything when space is short. `gone-on-close`: private window, nothing stays. `failed`: writes fail now. */
  health: 'kept' | 'evictable' | 'gone-on-close' | 'failed'
  usedBytes: number | undefined
  quotaBytes: number | undefined
  /** Of `failed`, for people. */
  reason: string | undefined
}

/** This replica, for settings pages and enrolment. */
export interface LiveIdentity {
  node: string
  space: string
  /** 64 hex digits. */
  publicKey: string
}

export type Stop = () => void

/** A failure that crossed the port: what was refused, with the code of the error it was. `name` of the original error is kept, so that `RecordInvalid` is told apart from `EditRefused`. */
export class LiveError extends Error {
  readonly code: string
  /** Of a schema refusal. */
  readonly issues: readonly { path: string; message: string }[] | undefined
  constructor(
    name: string,
    code: string,
    message: string,
    issues?: readonly { path: string; message: string }[],
  ) {
    super(message)
    this.name = name
    this.code = code
    this.issues = issues
  }
}

/** Names an edit, for who may have to ask for it again because nobody answered. */
export interface Once {
  /** Of this edit alone, in this browser. */
  id: string
  /** Ids of edits that were answered: nobody asks for them again. Forgotten with this one. */
  settled: readonly string[]
}

export interface LiveReplica {
  readonly identity: Promise<LiveIdentity>

  /** Tells the result now, and what changes it from then on. `failed` ends it. */
  watch(query: LiveQuery, told: (splice: Splice) => void, failed: (error: LiveError) => void): Stop
  get(collection: string, id: string): Promise<LiveRecord | undefined>

  /** Resolves with the id: where none is given that of `once`, if there is one. @throws LiveError of RecordInvalid, DraftError, EditRefused, StoreError */
  create(collection: string, value: JsonObject, id?: string, once?: Once): Promise<string>
  /** `base` is the record as the page saw it, `wanted` as it left it. @throws LiveError of RecordNotFound, RecordInvalid, DraftError, EditRefused, StoreError */
  update(
    collection: string,
    id: string,
    edit: { base: JsonObject; wanted: JsonObject },
    once?: Once,
  ): Promise<void>
  remove(collection: string, id: string, once?: Once): Promise<void>
  restore(collection: string, id: string, hash: string, once?: Once): Promise<void>

  /** As `Records.saved`. `signal` ends the waiting. */
  saved(collection: string, id: string, place: string, signal?: AbortSignal): Promise<void>
  /** Tells where each field's newest edit stands at these places (`hub`, or an external system's name), now and after every change of it. Needs the engine, and waits for it. */
  watchStanding(
    record: { collection: string; id: string; places: readonly string[] },
    told: (standing: Readonly<Record<string, readonly Standing[]>>) => void,
    failed: (error: LiveError) => void,
  ): Stop
  history(collection: string, id: string): Promise<readonly HistoryItem[]>
  concurrent(collection: string, id: string): Promise<readonly ConcurrentValues[]>
  receipts(collection: string, id: string): Promise<readonly Receipt[]>
  /** The record as it was once that change was made; undefined when it was deleted then. */
  at(collection: string, id: string, hash: string): Promise<LiveRecord | undefined>

  /** Edits that the hub refused, oldest first, now and after every change. */
  watchAside(told: (edits: readonly AsideEdit[]) => void, failed: (error: LiveError) => void): Stop
  reapply(key: string, once?: Once): Promise<void>
  dropAside(key: string): Promise<void>
  /** Edits made here that the hub has not answered, oldest first, one for each record, at most `limit`. */
  watchOutbox(
    limit: number,
    told: (waiting: readonly Waiting[]) => void,
    failed: (error: LiveError) => void,
  ): Stop
  watchQuarantine(told: (records: readonly Quarantined[]) => void, failed: (error: LiveError) => void): Stop

  watchSync(told: (state: SyncState) => void, failed: (error: LiveError) => void): Stop
  watchStorage(told: (state: StorageState) => void, failed: (error: LiveError) => void): Stop
  /** Asks the browser to keep this app's data; needs a page, and resolves with what it said. */
  persist(): Promise<StorageState>
  /** Stays off the network, or comes back to it. Kept over restarts. */
  setOffline(offline: boolean): Promise<void>
  /** The network came back, or a person looks: try now. */
  wake(): void
  /** @throws LiveError of CredentialError */
  setCredential(token: string): Promise<void>

  /**
   * Shows this in the channel as long as this page lives and `stop` was not called; undefined shows nothing and only listens. Who shows something later in the same channel takes its place
   * until he stops. A refusal (`PresenceRefused`) is told to `failed`.
   */
  presence(
    channel: string,
    shown: Json | undefined,
    told: (others: readonly Other[]) => void,
    failed: (error: LiveError) => void,
  ): Stop

  /** Ends this page's hold of the replica. The replica itself goes on while another page holds it. */
  close(): Promise<void>
}

/** A record with edits on their way. */
export interface Waiting {
  collection: string
  id: string
  /** Edits that are unanswered. */
  edits: number
  /** Milliseconds since 1970, by this device's clock: when the oldest of them was made. */
  since: number
}
