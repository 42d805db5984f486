/**
 * What the turns of one commit have decided so far, on top of what the store holds. A turn that fails leaves no trace in it.
 */
import { encodeFrontier, type Frontier } from '../log/frontier.ts'
import type { JsonObject } from '../records/shape.ts'
import type { Batch, LoggedEntry, Mark, NewEntry, RecordRow, Seq, TableWrite } from '../store/port.ts'
import { indexedValues } from './indexed-values.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'

/** A record whose view changed in a commit. */
export interface RecordChange {
  record: string
  collection: string
  before: JsonObject | undefined
  after: JsonObject | undefined
}

export interface Decisions {
  entries: LoggedEntry[]
  replaced: LoggedEntry[]
  removed: Set<Seq>
  /** Records taken out, with the value that queries saw last. */
  forgotten: Map<string, JsonObject | undefined>
  touched: Map<string, OpenRecord>
  /** Channels of entries that belong to no record (streams), by sequence. */
  channelsOf: Map<Seq, readonly string[]>
  marks: Mark[]
  tables: Map<string, TableWrite>
  /** What memory learns of it, once it is durable. */
  effects: (() => void)[]
}

export function noDecisions(): Decisions {
  return {
    entries: [],
    replaced: [],
    removed: new Set(),
    forgotten: new Map(),
    touched: new Map(),
    channelsOf: new Map(),
    marks: [],
    tables: new Map(),
    effects: [],
  }
}

/** Records that are not in memory as they are stored, or may not be: one that was forgotten may have been opened again, as if it had never been. */
export function changedKeys({ touched, forgotten }: Decisions): Set<string> {
  return new Set([...touched.keys(), ...forgotten.keys()])
}

export class Pending {
  readonly #decided = noDecisions()
  /** Records with entries in this commit; looking through all entries for each record that is loaded would cost their square. */
  readonly #appended = new Set<string>()
  head: Seq

  constructor(head: Seq) {
    this.head = head
  }

  /** @throws EngineError when a record cannot be read; then nothing was taken */
  take(more: Decisions, head: Seq): void {
    for (const record of more.touched.values()) record.channelsNow()
    const d = this.#decided
    d.entries.push(...more.entries)
    for (const entry of more.entries) this.#appended.add(entry.record)
    d.replaced.push(...more.replaced)
    d.marks.push(...more.marks)
    d.effects.push(...more.effects)
    this.#remove(more.removed)
    for (const [record, before] of more.forgotten) {
      d.forgotten.set(record, before)
      d.touched.delete(record)
      d.entries = d.entries.filter((entry) => entry.record !== record)
      d.replaced = d.replaced.filter((entry) => entry.record !== record)
      d.marks = d.marks.filter((mark) => mark.record !== record)
    }
    for (const [key, record] of more.touched) d.touched.set(key, record)
    for (const [seq, channels] of more.channelsOf) d.channelsOf.set(seq, channels)
    for (const [key, write] of more.tables) d.tables.set(key, write)
    this.head = head
    for (const record of more.touched.values()) d.marks.push(...this.#marksOf(record))
  }

  /** Also what an earlier turn of this commit appended or replaced, which the store does not have yet. */
  #remove(seqs: ReadonlySet<Seq>): void {
    if (seqs.size === 0) return
    const d = this.#decided
    for (const seq of seqs) d.removed.add(seq)
    d.entries = d.entries.filter((entry) => !seqs.has(entry.seq))
    d.replaced = d.replaced.filter((entry) => !seqs.has(entry.seq))
  }

  table(table: string, key: string): TableWrite | undefined {
    return this.#decided.tables.get(tableKey(table, key))
  }

  tableWrites(table: string): TableWrite[] {
    return [...this.#decided.tables.values()].filter((write) => write.table === table)
  }

  frontier(record: string): Frontier | undefined {
    return this.record(record)?.frontier
  }

  /** As an earlier turn of this commit left it; undefined when none has touched it. */
  record(key: string): OpenRecord | undefined {
    return this.#decided.touched.get(key)
  }

  /** A later turn failed on a record that an earlier one had touched: this is the earlier one's record again. */
  replace(record: OpenRecord): void {
    this.#decided.touched.set(record.key, record)
  }

  forgot(record: string): boolean {
    return this.#decided.forgotten.has(record)
  }

  /** The record's entries as they will be after the commit, given what the store has now. */
  entriesOf(record: string, stored: readonly LoggedEntry[]): LoggedEntry[] {
    const kept = this.forgot(record) ? [] : stored.filter((entry) => !this.#decided.removed.has(entry.seq))
    const { entries, replaced } = this.#decided
    if (!this.#appended.has(record)) return withReplaced(kept, replaced)
    return withReplaced([...kept, ...entries.filter((entry) => entry.record === record)], replaced)
  }

  /** The commit is durable: memory follows. */
  takeEffect(): void {
    for (const effect of this.#decided.effects) effect()
  }

  get changedKeys(): Iterable<string> {
    return changedKeys(this.#decided)
  }

  /** Records that have a row after the commit. */
  get touched(): Iterable<OpenRecord> {
    return this.#decided.touched.values()
  }

  /** Everything decided, as one batch; channels, marks and rows follow from the records' values. */
  close(): { batch: Batch; changes: RecordChange[]; head: Seq } {
    const d = this.#decided
    const records: RecordRow[] = []
    const changes: RecordChange[] = []
    for (const [record, before] of d.forgotten)
      if (before && !d.touched.has(record))
        changes.push({ record, collection: collectionOf(record), before, after: undefined })
    for (const record of d.touched.values()) {
      records.push(rowOf(record))
      if (record.differsFromCommitted()) changes.push(changeOf(record))
    }
    const indexed = (entry: LoggedEntry): NewEntry => ({
      ...entry,
      channels: d.channelsOf.get(entry.seq) ?? d.touched.get(entry.record)?.frontier.channels ?? [],
    })
    const batch: Batch = {
      entries: d.entries.map(indexed),
      replaced: d.replaced.map(indexed),
      removed: [...d.removed],
      forgotten: [...d.forgotten.keys()],
      marks: d.marks,
      records,
      tables: [...d.tables.values()],
      head: this.head,
    }
    return { batch, changes, head: this.head }
  }

  get isEmpty(): boolean {
    const d = this.#decided
    return (
      d.entries.length +
        d.replaced.length +
        d.removed.size +
        d.forgotten.size +
        d.touched.size +
        d.marks.length +
        d.tables.size ===
      0
    )
  }

  /** Turn by turn, though they share a commit: a record that entered a channel in one turn and left it in the next has left it. */
  #marksOf(record: OpenRecord): Mark[] {
    const before = record.frontier.channels
    const now = record.channelsNow()
    const marks: Mark[] = []
    for (const channel of before)
      if (!now.includes(channel)) marks.push({ channel, record: record.key, seq: ++this.head, kind: 'leave' })
    for (const channel of now)
      if (!before.includes(channel))
        marks.push({ channel, record: record.key, seq: ++this.head, kind: 'enter' })
    record.frontier.channels = [...now]
    return marks
  }
}

function rowOf(record: OpenRecord): RecordRow {
  const visible = record.visible
  record.frontier.deleted = record.view.deleted
  return {
    record: record.key,
    collection: collectionOf(record.key),
    frontier: encodeFrontier(record.frontier),
    view: visible === undefined || !record.collection ? undefined : JSON.stringify(visible),
    indexed: indexedValues(record.collection, visible),
  }
}

function changeOf(record: OpenRecord): RecordChange {
  const before = record.committed
  return {
    record: record.key,
    collection: collectionOf(record.key),
    before: before && !before.deleted ? before.value : undefined,
    after: record.visible,
  }
}

/** The entries, those that were replaced as they are now. */
export function withReplaced(
  entries: readonly LoggedEntry[],
  replaced: readonly LoggedEntry[],
): LoggedEntry[] {
  if (replaced.length === 0) return [...entries]
  const now = new Map(replaced.map((entry) => [entry.seq, entry]))
  return entries.map((entry) => now.get(entry.seq) ?? entry)
}

export function tableKey(table: string, key: string): string {
  return `${table}\u0000${key}`
}
