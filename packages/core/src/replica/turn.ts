/**
 * One writer's turn: reads what it needs, decides, and leaves its decisions to be committed together with those of other turns. If it fails,
 * nothing of it remains: the records it loaded are dropped and read anew from the log.
 */
import type { Host } from '../host.ts'
import { decodeChanges, decodeEntry, type EntrySignature } from '../log/entry.ts'
import { cloneFrontier, decodeFrontier, type Frontier } from '../log/frontier.ts'
import { decodeSnapshot } from '../log/snapshot.ts'
import type { Collection } from '../records/collection.ts'
import type { JsonObject } from '../records/shape.ts'
import type { View } from '../records/view.ts'
import type { LoggedEntry, RecordRow, Seq, Store, TableRow } from '../store/port.ts'
import type { SoundLog } from '../store/sound-log.ts'
import type { Identity } from './identity.ts'
import type { Isolation } from './isolation.ts'
import { leavingQuarantine } from './leaving-quarantine.ts'
import { collectionOf, OpenRecord, type RecordIsolation, type RecordOwner } from './open-record.ts'
import { changedKeys, type Decisions, noDecisions, type Pending, tableKey, withReplaced } from './pending.ts'
import type { RecordCache } from './record-cache.ts'
import { type Quarantined, quarantineRow, releaseRow } from './record-quarantine.ts'

/** Under what actor (hex) new edits are, and how often the device had changed hands when it was drawn. */
export type Writing = Pick<Identity, 'actor' | 'hands'>

export interface TurnContext {
  host: Host
  store: Store
  soundLog: SoundLog
  cache: RecordCache
  pending: Pending
  collections: ReadonlyMap<string, Collection>
  isolation: Isolation
  identity: Writing
}

export class Turn {
  readonly decisions: Decisions = noDecisions()
  readonly #context: TurnContext
  /** Frontiers of records that an earlier turn of this commit had touched, as they were when this turn came. */
  readonly #earlier = new Map<string, Frontier>()
  /** Records being loaded: whoever asks meanwhile gets the same one. */
  readonly #opening = new Map<string, Promise<OpenRecord>>()
  /** Rows read ahead. The store does not change during a turn. */
  readonly #rows = new Map<string, RecordRow>()
  /** Records that entries were appended for: a delivery has thousands, and looking through them for each record that is loaded would cost their square. */
  readonly #appended = new Set<string>()
  /** Records that leave quarantine with this turn. */
  readonly #leaving = new Map<string, RecordIsolation>()
  #head: Seq

  constructor(context: TurnContext) {
    this.#context = context
    this.#head = context.pending.head
  }

  get head(): Seq {
    return this.#head
  }

  /** Loads the record, or begins a new one. */
  async open(key: string): Promise<OpenRecord> {
    const touched = this.decisions.touched.get(key)
    if (touched && !touched.dead) return touched
    const cached = this.#context.cache.get(key)
    const record = cached && this.#isInHand(cached) ? cached : await this.#loadOnce(key)
    if (this.#context.pending.frontier(key) && !this.#earlier.has(key))
      this.#earlier.set(key, cloneFrontier(record.frontier))
    return record
  }

  /** The record's heads, hex, ascending, without loading it; none when there is no such record here. */
  async heads(key: string): Promise<readonly string[]> {
    const { cache, pending, store } = this.#context
    const open = this.decisions.touched.get(key) ?? cache.get(key)
    const known = open?.frontier ?? pending.frontier(key)
    if (known) return known.heads
    const row = pending.forgot(key) ? undefined : (await store.rows([key]))[0]
    return row ? decodeFrontier(row.frontier).heads : []
  }

  #loadOnce(key: string): Promise<OpenRecord> {
    const opening = this.#opening.get(key) ?? this.#loadIntoCache(key)
    this.#opening.set(key, opening)
    return opening
  }

  async #loadIntoCache(key: string): Promise<OpenRecord> {
    try {
      // One that is open for a former subject writes under that one's actor.
      this.#context.cache.drop(key)
      const record = await this.#load(key)
      this.#context.cache.put(record)
      return record
    } finally {
      this.#opening.delete(key)
    }
  }

  #isInHand({ hands }: OpenRecord): boolean {
    return hands === this.#context.identity.hands
  }

  /** Reads rows of many records at once, so that opening them costs no look-up each. */
  async prefetch(keys: readonly string[]): Promise<void> {
    const unknown = [...new Set(keys)].filter(
      (key) => !this.#context.cache.get(key) && !this.#context.pending.forgot(key),
    )
    if (unknown.length === 0) return
    const rows = await this.#context.store.rows(unknown)
    unknown.forEach((key, i) => {
      const row = rows[i]
      if (row) this.#rows.set(key, row)
      else if (!this.#context.pending.frontier(key)) this.#context.cache.put(this.#fresh(key))
    })
  }

  /** Which of these records have a row, or get one in this commit. */
  async known(keys: readonly string[]): Promise<Set<string>> {
    const { store, pending } = this.#context
    const { records } = await store.size()
    const rows = records === 0 ? [] : await store.rows(keys)
    return new Set(keys.filter((key, i) => rows[i] !== undefined || pending.frontier(key) !== undefined))
  }

  /** The record changed in this turn: its row, channels and marks are written again. */
  touch(record: OpenRecord): void {
    this.decisions.touched.set(record.key, record)
  }

  append(entry: Omit<LoggedEntry, 'seq'>, channels?: readonly string[]): Seq {
    const seq = ++this.#head
    this.decisions.entries.push({ ...entry, seq })
    this.#appended.add(entry.record)
    if (channels) this.decisions.channelsOf.set(seq, channels)
    return seq
  }

  /** A mark for something that is no record of a collection (a stream); records get theirs from their value. */
  mark(channel: string, record: string, kind: 'enter' | 'leave'): void {
    this.decisions.marks.push({ channel, record, kind, seq: ++this.#head })
  }

  /** Takes the place of the entry at the same sequence (late signing, a snapshot). The record must be touched, or the channels given. */
  replace(entry: LoggedEntry, channels?: readonly string[]): void {
    this.decisions.replaced.push(entry)
    if (channels) this.decisions.channelsOf.set(entry.seq, channels)
  }

  /** Memory that follows from this turn changes after the commit; a commit that fails leaves it as it was. */
  afterCommit(effect: () => void): void {
    this.decisions.effects.push(effect)
  }

  /** A sequence that nothing stands at. */
  skip(): Seq {
    return ++this.#head
  }

  remove(seq: Seq): void {
    this.decisions.removed.add(seq)
  }

  forget(record: OpenRecord): void {
    const seen = record.committed
    this.decisions.forgotten.set(record.key, seen && !seen.deleted ? seen.value : undefined)
    this.decisions.touched.delete(record.key)
    this.decisions.entries = this.decisions.entries.filter((entry) => entry.record !== record.key)
    this.#context.cache.drop(record.key)
    this.leaveQuarantine(record.key)
  }

  /** Undoes what was applied to the record since `frontier` was taken: it is read anew from what is stored and decided. */
  async restore(record: OpenRecord, frontier: Frontier, touched: boolean): Promise<OpenRecord> {
    const restored = await this.#readAnew(record, frontier)
    if (touched || this.#earlier.has(record.key)) this.touch(restored)
    else this.decisions.touched.delete(record.key)
    return restored
  }

  /** The record's entries go, with those that cannot be read back. */
  async removeEntriesOf(key: string): Promise<void> {
    for (const { seq } of await this.#context.store.readRecord(key)) this.remove(seq)
    for (const { seq } of await this.entriesOf(key)) this.remove(seq)
  }

  /** The record's row says nothing any more: it is what its entries say, with this frontier. */
  remake(key: string, frontier: Frontier): Promise<OpenRecord> {
    return this.restore(this.#fresh(key), frontier, true)
  }

  /** Those that can be read back. */
  async entriesOf(key: string): Promise<LoggedEntry[]> {
    const stored = await this.#context.soundLog.readRecord(key)
    const own = this.#appended.has(key) ? this.decisions.entries.filter((entry) => entry.record === key) : []
    const entries = [...this.#context.pending.entriesOf(key, stored), ...own].filter(
      (entry) => !this.decisions.removed.has(entry.seq),
    )
    return withReplaced(entries, this.decisions.replaced)
  }

  async get(table: string, key: string): Promise<Uint8Array | undefined> {
    const write = this.decisions.tables.get(tableKey(table, key)) ?? this.#context.pending.table(table, key)
    return write ? write.value : this.#context.store.get(table, key)
  }

  put(table: string, key: string, value: Uint8Array | undefined): void {
    this.decisions.tables.set(tableKey(table, key), { table, key, value })
  }

  /** Rows of a table as they are with everything decided so far, in ascending key. */
  async scan(table: string, range: { prefix?: string; after?: string; limit: number }): Promise<TableRow[]> {
    const { prefix = '', after, limit } = range
    const own = [...this.decisions.tables.values()].filter((write) => write.table === table)
    const writes = [...this.#context.pending.tableWrites(table), ...own].filter(
      ({ key }) => key.startsWith(prefix) && (after === undefined || key > after),
    )
    const removed = writes.filter((write) => !write.value).length
    const stored = await this.#context.store.scan(table, { ...range, limit: limit + removed })
    const rows = new Map(stored.map((row) => [row.key, row.value]))
    for (const { key, value } of writes) {
      if (value) rows.set(key, value)
      else rows.delete(key)
    }
    const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
    return sorted.slice(0, limit).map(([key, value]) => ({ key, value }))
  }

  /** After a failure: whatever was loaded and may have changed is read anew, now for earlier turns of this commit, later for everyone else. */
  async abandon(): Promise<void> {
    const { cache, pending } = this.#context
    const keys = changedKeys(this.decisions)
    Object.assign(this.decisions, noDecisions())
    for (const key of keys) cache.drop(key)
    for (const key of keys) {
      const frontier = this.#earlier.get(key)
      const record = pending.record(key)
      if (frontier && record) pending.replace(await this.#readAnew(record, frontier))
    }
  }

  async #readAnew(record: OpenRecord, frontier: Frontier): Promise<OpenRecord> {
    this.#context.cache.drop(record.key)
    const changes = await this.changesOf(record.key)
    const anew = new OpenRecord(record.key, record.collection, this.#ownerOf(record.key), {
      frontier,
      changes,
      committed: record.committed,
    })
    this.#context.cache.put(anew)
    return anew
  }

  async #load(key: string): Promise<OpenRecord> {
    const { store, pending, collections } = this.#context
    const row = pending.forgot(key) ? undefined : (this.#rows.get(key) ?? (await store.rows([key]))[0])
    const frontier = pending.frontier(key) ?? (row && decodeFrontier(row.frontier))
    if (!frontier) return this.#fresh(key)
    const changes = await this.changesOf(key)
    // A row without entries is that of a record whose entries were taken out earlier in this commit, or cannot be read.
    const isOut = changes.length === 0 && frontier.incarnation === 0
    if (isOut && !this.#context.isolation.quarantineOf(key)) {
      const fresh = this.#fresh(key)
      // Made before the engine ran, and shown: it is an intent as yet.
      if (row && frontier.heads.length === 0) fresh.committed = committedView(row)
      return fresh
    }
    const committed = row && committedView(row)
    const { heads } = frontier
    return new OpenRecord(key, collections.get(collectionOf(key)), this.#ownerOf(key), {
      frontier,
      changes,
      committed,
      heads,
    })
  }

  /** Chunks of every change of the record, as decided so far. */
  async changesOf(key: string): Promise<Uint8Array[]> {
    return (await this.entriesOf(key)).flatMap((entry) => changesOf(entry, this.#context.host))
  }

  #fresh(key: string): OpenRecord {
    return new OpenRecord(key, this.#context.collections.get(collectionOf(key)), this.#ownerOf(key))
  }

  #ownerOf(key: string): RecordOwner {
    const { identity, isolation, host } = this.#context
    const { actor, hands } = identity
    return { actor, hands, isolation: this.#leaving.get(key) ?? isolation, host }
  }

  /** It lacks nothing any more, and stays in quarantine for the harm that it does. */
  stayInQuarantine(row: Quarantined): void {
    const { table, key, value } = quarantineRow(row)
    this.put(table, key, value)
    this.afterCommit(() => this.#context.isolation.set(row))
  }

  /** The record's content goes, and what did harm with it; or it lacks nothing any more. Opened anew in this turn it may be loaded. */
  leaveQuarantine(key: string): void {
    const { isolation } = this.#context
    if (!isolation.quarantineOf(key)) return
    const { table, value } = releaseRow(key)
    this.put(table, key, value)
    const { left, ...leaving } = leavingQuarantine(isolation)
    this.#leaving.set(key, leaving)
    this.afterCommit(() => {
      isolation.forget(key)
      left()
    })
  }
}

/** What queries saw last: no need to ask the engine for it. */
function committedView(row: RecordRow): View {
  return row.view === undefined
    ? { value: {}, deleted: true }
    : { value: JSON.parse(row.view) as JsonObject, deleted: false }
}

/** The changes in an entry read back from the store; checked again, since disks forget too. @throws EntryError */
export function changesOf({ kind, bytes }: LoggedEntry, host: Host): readonly Uint8Array[] {
  if (kind === 'changes') return decodeChanges(decodeEntry(bytes).body)
  return kind === 'snapshot' ? decodeSnapshot(decodeEntry(bytes).body, host).changes : []
}

/** The signatures over changes in an entry: one, or in a snapshot one of each author. @throws EntryError */
export function signaturesOf({ kind, bytes }: LoggedEntry, host: Host): readonly EntrySignature[] {
  if (kind !== 'changes' && kind !== 'snapshot') return []
  const { signature, body } = decodeEntry(bytes)
  if (kind === 'snapshot') return decodeSnapshot(body, host).signatures
  return signature ? [signature] : []
}
