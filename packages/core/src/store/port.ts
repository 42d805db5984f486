/**
 * The store port: what makes a log durable.
 *
 * A replica has exactly one writer (replica/writer.ts). It reads, decides, and hands over one `Batch`; the store makes the whole
 * batch durable or none of it. A declarative batch, not an interactive transaction, because IndexedDB closes a transaction as soon
 * as anything but the store is awaited, and because a store may then keep entries as frames and views as pages: nothing here
 * assumes a row per entry.
 *
 * Guarantees a store gives, by name (the contract suite in test/contract runs them against every store):
 *   ATOMIC    all of a batch is visible after `commit`, or none of it, also after SIGKILL and power loss.
 *   DURABLE   `commit` resolves after the bytes would survive power loss, never before.
 *   ORDERED   reads see every batch committed before they began; entries come in ascending sequence.
 *   OWNED     one process at a time may open for writing; a second one is refused with the owner's name (code `locked`).
 *   COPIED    bytes handed in or out are not aliased: neither side sees later mutation by the other.
 *   HONEST    a failed commit throws `StoreError` and leaves the store as it was; it stays readable.
 *   RUN       the row of the new run is durable before the first commit of that run resolves; rows of runs are never removed. (A run that committed nothing owns no sequence: nobody can have heard
 *             of a position in it, and it may be forgotten.)
 *   DAMAGED   an entry that cannot be read back as it was written is told as such, in its place, by every read that would give it, and nothing else fails for it;
 *             a row or a table's value that cannot is refused by name (`StoreDamage`).
 */

/** Position in one replica's log: 1, 2, 3 …; entries and marks share it. 0 stands before the first. */
export type Seq = number

/** Kinds of entry, with their codes on disk and on the wire. Never renumber. */
export const entryKinds = {
  changes: 1,
  snapshot: 2,
  segment: 3,
  receipt: 4,
  tombstone: 5,
  blob: 6,
  revocation: 7,
} as const
export type EntryKind = keyof typeof entryKinds

/** One open of the store. It owns the sequences from `first` up to the next run's `first` (exclusive). */
export interface RunRow {
  /** 32 hex digits, random per open. */
  run: string
  first: Seq
}

export interface LogIdentity {
  /** 32 hex digits, random, made at the store's first open; a copy opened elsewhere gets a new one. */
  log: string
  /** All runs, oldest first; the last one is the run given to `open`. */
  runs: RunRow[]
  /** Highest sequence in use by an entry or a mark; 0 in an empty log. */
  head: Seq
}

/** Where an entry was heard: the run and sequence it has in the log of the replica that sent it. */
export interface Origin {
  run: string
  seq: Seq
}

export interface LoggedEntry {
  seq: Seq
  kind: EntryKind
  /** Record key, `collection/id`; for a segment `@streams/<stream name>`. */
  record: string
  /** The encoded entry (log/entry.ts), as it goes over the wire. */
  bytes: Uint8Array
  /** Absent: written by this replica. */
  origin?: Origin | undefined
}

/** In the place of an entry that cannot be read back as it was written. */
export interface DamagedEntry {
  seq: Seq
  /** What its row says, which may be wrong itself. */
  record: string
  /** What is wrong, for people. */
  damage: string
}

export type StoredEntry = LoggedEntry | DamagedEntry

export function isDamaged(entry: StoredEntry): entry is DamagedEntry {
  return 'damage' in entry
}

/** An entry to be stored, with the channels it is indexed under: those its record was in after it. */
export interface NewEntry extends LoggedEntry {
  channels: readonly string[]
}

/** The newest enter or leave of a record for a channel; a newer mark of the same pair replaces the older one. */
export interface Mark {
  channel: string
  record: string
  seq: Seq
  kind: 'enter' | 'leave'
}

/** Value of a declared index; `null` stands for an absent one. */
export type IndexValue = string | number | boolean | null

export interface RecordRow {
  record: string
  collection: string
  /** Encoded frontier (log/frontier.ts): heads, highest sequence per actor, highest operation, channels. */
  frontier: Uint8Array
  /** The view as JSON text; absent for a record that queries must not see (deleted). */
  view?: string | undefined
  /** Declared indexes: field and value. */
  indexed: readonly (readonly [field: string, value: IndexValue])[]
}

export interface TableWrite {
  table: string
  key: string
  /** Absent: remove the key. */
  value?: Uint8Array | undefined
}

export interface Batch {
  /** Ascending sequences, all above the head. */
  entries: readonly NewEntry[]
  marks: readonly Mark[]
  /** Whole rows, put over older ones. */
  records: readonly RecordRow[]
  /**
   * Each takes the place of the entry of its record that stands at its sequence, and no other (late signing; a snapshot, whose other entries are
   * `removed` in the same batch). Marks stay. Applied after `entries`.
   */
  replaced: readonly NewEntry[]
  /** Sequences of entries taken out of the log with their channel index (edits set aside after a refusal, entries in a snapshot). Applied before `entries`. */
  removed: readonly Seq[]
  /** Record keys whose entries, channel index, marks and row are removed. Applied before the rest of the batch. */
  forgotten: readonly string[]
  tables: readonly TableWrite[]
  /**
   * The head afterwards, where it is above every entry and mark of the batch: what stood there was given up before it was written. Absent: the highest of them. A store whose head stayed behind
   * its writer's would be read for ever for what is not there.
   */
  head?: Seq | undefined
}

export interface PageLimit {
  entries: number
  bytes: number
}

/** What a channel reader is told, in ascending `seq`. */
export type ChannelItem<Entry = LoggedEntry> =
  | { kind: 'entry'; seq: Seq; entry: Entry }
  | { kind: 'leave'; seq: Seq; channel: string; record: string }
  /**
   * `entries` is the record's history below the mark, oldest first (what stands above the mark is told by the channel's index, so nothing is
   * told twice), when no other asked channel had it enter at a lower sequence (such a reader has it already, or was told earlier in this
   * same reading); otherwise empty.
   */
  | { kind: 'enter'; seq: Seq; channel: string; record: string; entries: Entry[] }

export interface ChannelPage<Entry = LoggedEntry> {
  items: ChannelItem<Entry>[]
  /** Everything the asked channels hold up to this sequence has been told; the head when nothing is left. */
  upTo: Seq
  done: boolean
}

/** A record in a channel, with the sequence of the mark with which it entered. */
export interface ChannelRow {
  seq: Seq
  row: RecordRow
}

export interface TableRow {
  key: string
  value: Uint8Array
}

export interface StoreSize {
  entries: number
  records: number
  /** Bytes on disk or in memory, as far as the store can tell. */
  bytes: number
}

export interface Store {
  /** Must be called once, first. `run` is 32 hex digits. @throws StoreError locked, copied, restored, newer-format, corrupt */
  open(run: string): Promise<LogIdentity>
  /** @throws StoreError full, io, closed */
  commit(batch: Batch): Promise<void>

  /** Entries (no marks) with sequence above `after`, ascending; at least one if there is one, else up to the limit. */
  readLog(after: Seq, limit: PageLimit): Promise<StoredEntry[]>
  /**
   * What readers of these channels must be told beyond their positions (channel → sequence, 0 for a new one), merged and ascending.
   * An entry is told if for at least one asked channel it is indexed there, stands above that channel's position, and the newest
   * mark of (channel, record) is an enter below it. An enter or leave mark is told if above its channel's position; a leave is not
   * told to a channel at position 0. An entry is told once, however many channels hold it.
   */
  readChannels(after: ReadonlyMap<string, Seq>, limit: PageLimit): Promise<ChannelPage<StoredEntry>>
  /** All entries of one record, oldest first. */
  readRecord(record: string): Promise<StoredEntry[]>
  /** The entries at these sequences that exist, ascending. */
  readEntries(seqs: readonly Seq[]): Promise<StoredEntry[]>
  /** Newest marks of one record. */
  readMarks(record: string): Promise<Mark[]>

  /** Rows in the order asked; undefined where there is none. */
  rows(records: readonly string[]): Promise<(RecordRow | undefined)[]>
  /** Rows of a collection in ascending record key, above `after`. */
  scanRows(collection: string, after: string, limit: number): Promise<RecordRow[]>
  /** Rows with a view whose indexed fields equal all of these values; in ascending record key. */
  findRows(
    collection: string,
    equals: readonly (readonly [field: string, value: IndexValue])[],
  ): Promise<RecordRow[]>

  /**
   * Rows with a view of the records that are in this channel (the newest mark is an enter), in ascending sequence of that mark, above `after`; at least one if there is one,
   * else up to the limit (rows, and characters of their views). None: nothing is left.
   */
  channelRows(channel: string, after: Seq, limit: PageLimit): Promise<ChannelRow[]>

  get(table: string, key: string): Promise<Uint8Array | undefined>
  /** Keys that start with `prefix` and are above `after`, ascending by code units. */
  scan(table: string, range: { prefix?: string; after?: string; limit: number }): Promise<TableRow[]>

  size(): Promise<StoreSize>
  /** Idempotent; waits for a commit under way. */
  close(): Promise<void>
}

export type StoreErrorCode =
  | 'full'
  | 'locked'
  | 'copied'
  | 'restored'
  | 'corrupt'
  | 'newer-format'
  | 'closed'
  | 'io'

/** What a store reports of the world. The message says what was attempted, where, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** What cannot be read back as it was written: a record's row, or the value of a key in a table. */
export type Damage = { record: string } | { table: string; key: string }

export class StoreDamage extends StoreError {
  readonly damage: Damage
  constructor(message: string, damage: Damage) {
    super('corrupt', message)
    this.damage = damage
  }
}

export const emptyBatch: Batch = {
  entries: [],
  marks: [],
  records: [],
  replaced: [],
  removed: [],
  forgotten: [],
  tables: [],
}
