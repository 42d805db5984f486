/**
 * What is where in a log, and how a batch changes it. The store in memory keeps entries, rows and values in it themselves; a store that keeps them elsewhere keeps what it needs to find them.
 * All checks come before the first change: `apply` either throws and leaves the index as it was, or does the whole batch.
 */
import { checkBatch, checkReplaced, headAfter } from './batch-check.ts'
import type { Batch, IndexValue, Mark, NewEntry, RecordRow, RunRow, Seq } from './port.ts'
import { byCodeUnits, SeqList, SortedMap } from './sorted.ts'

export interface IndexedEntry {
  seq: Seq
  record: string
  channels: readonly string[]
}

export interface IndexedRow {
  record: string
  collection: string
  indexed: readonly (readonly [field: string, value: IndexValue])[]
}

export interface IndexBatch<Entry, Row, Value>
  extends Pick<Batch, 'marks' | 'removed' | 'forgotten' | 'head'> {
  entries: readonly Entry[]
  replaced: readonly Entry[]
  records: readonly Row[]
  tables: readonly { table: string; key: string; value?: Value | undefined }[]
}

type EntryName = Pick<IndexedEntry, 'seq' | 'record'>
type RowName = Pick<IndexedRow, 'record' | 'collection'>

interface ChannelState<Entry extends IndexedEntry> {
  entries: SeqList<Entry>
  marks: SeqList<Mark>
}

interface RecordState<Entry, Row> {
  /** Oldest first. */
  entries: Entry[]
  marks: Map<string, Mark>
  row?: Row
}

export class LogIndex<
  Entry extends IndexedEntry = NewEntry,
  Row extends IndexedRow = RecordRow,
  Value = Uint8Array,
> {
  log = ''
  runs: RunRow[] = []
  head: Seq = 0
  entries = new SeqList<Entry>()
  entryAt = new Map<Seq, Entry>()
  channels = new Map<string, ChannelState<Entry>>()
  records = new Map<string, RecordState<Entry, Row>>()
  rowsByCollection = new Map<string, SortedMap<Row>>()
  /** Record keys by collection, field and value. */
  recordsByField = new Map<string, Map<string, Map<IndexValue, Set<string>>>>()
  tables = new Map<string, SortedMap<Value>>()

  /** The batch must be the index's own: its bytes are kept, not copied. @throws RangeError for a batch that breaks a rule */
  apply(batch: IndexBatch<Entry, Row, Value>): void {
    this.check(batch)
    for (const record of new Set(batch.forgotten)) this.#forget(record)
    for (const seq of batch.removed) this.#takeOut(seq)
    for (const entry of batch.entries) this.#addEntry(entry)
    for (const mark of batch.marks) this.#addMark(mark)
    for (const entry of batch.replaced) this.#replace(entry)
    for (const row of batch.records) this.#putRow(row)
    for (const { table, key, value } of batch.tables) this.#writeTable(table, key, value)
    this.head = headAfter(batch, this.head)
  }

  /** @throws RangeError for a batch that breaks a rule */
  check(batch: IndexBatch<EntryName, RowName, unknown>): void {
    checkBatch(batch, this.head)
    this.#checkReplacements(batch, new Set(batch.forgotten))
  }

  /**
   * What was applied before, from where it is kept: batches in their order, of which anything may be missing that a later one takes away or puts anew. An entry takes the place of one at its
   * sequence, wherever it comes.
   */
  load(batch: Omit<IndexBatch<Entry, Row, Value>, 'replaced'>): void {
    for (const record of batch.forgotten) this.#forget(record)
    for (const seq of batch.removed) this.#takeOut(seq)
    for (const entry of batch.entries) {
      this.#takeOut(entry.seq)
      this.#addEntry(entry)
    }
    for (const mark of batch.marks) this.#addMark(mark)
    for (const row of batch.records) this.#putRow(row)
    for (const { table, key, value } of batch.tables) this.#writeTable(table, key, value)
    this.head = headAfter(batch, this.head)
  }

  /** Rows of a collection whose indexed fields equal all of these, in ascending record key. */
  matching(collection: string, equals: readonly (readonly [field: string, value: IndexValue])[]): Row[] {
    const fields = this.recordsByField.get(collection)
    const sets = equals.map(([field, value]) => fields?.get(field)?.get(value))
    const [smallest, ...others] = sets.sort((left, right) => (left?.size ?? 0) - (right?.size ?? 0))
    if (equals.length === 0)
      return [...(this.rowsByCollection.get(collection)?.above(undefined) ?? [])].map(([, row]) => row)
    return [...(smallest ?? [])]
      .filter((record) => others.every((set) => set?.has(record)))
      .sort(byCodeUnits)
      .flatMap((record) => this.records.get(record)?.row ?? [])
  }

  /** As `Store.scan`, without its limit. */
  *pairs(table: string, prefix = '', after?: string): Generator<[key: string, value: Value]> {
    for (const pair of this.tables.get(table)?.above(after, prefix) ?? []) {
      if (!pair[0].startsWith(prefix)) return
      yield pair
    }
  }

  clone(): LogIndex<Entry, Row, Value> {
    const copy = new LogIndex<Entry, Row, Value>()
    copy.log = this.log
    copy.runs = [...this.runs]
    copy.head = this.head
    copy.entries = this.entries.clone()
    copy.entryAt = new Map(this.entryAt)
    copy.channels = mapValues(this.channels, ({ entries, marks }) => ({
      entries: entries.clone(),
      marks: marks.clone(),
    }))
    copy.records = mapValues(this.records, (record) => ({
      ...record,
      entries: [...record.entries],
      marks: new Map(record.marks),
    }))
    copy.rowsByCollection = mapValues(this.rowsByCollection, (rows) => rows.clone())
    copy.recordsByField = mapValues(this.recordsByField, (fields) =>
      mapValues(fields, (values) => mapValues(values, (records) => new Set(records))),
    )
    copy.tables = mapValues(this.tables, (table) => table.clone())
    return copy
  }

  #checkReplacements(batch: IndexBatch<EntryName, RowName, unknown>, forgotten: ReadonlySet<string>): void {
    const removed = new Set(batch.removed)
    const added = new Map(batch.entries.map((entry) => [entry.seq, entry.record]))
    for (const { record, seq } of batch.replaced) {
      const kept = !forgotten.has(record) && !removed.has(seq) && this.entryAt.get(seq)?.record === record
      checkReplaced(record, seq, kept || added.get(seq) === record)
    }
  }

  #takeOut(seq: Seq): void {
    const entry = this.entryAt.get(seq)
    if (!entry) return
    this.#removeEntry(entry)
    const record = this.#record(entry.record)
    record.entries = record.entries.filter((kept) => kept !== entry)
  }

  #addEntry(entry: Entry): void {
    const { entries } = this.#record(entry.record)
    // Only loaded ones come out of order.
    let at = entries.length
    while (at > 0 && entries[at - 1]!.seq > entry.seq) at -= 1
    entries.splice(at, 0, entry)
    this.#index(entry)
  }

  #index(entry: Entry): void {
    this.entries.put(entry)
    this.entryAt.set(entry.seq, entry)
    for (const channel of channelsOf(entry)) this.#channel(channel).entries.put(entry)
  }

  #removeEntry(entry: Entry): void {
    this.entries.remove(entry)
    this.entryAt.delete(entry.seq)
    for (const channel of channelsOf(entry)) this.#channel(channel).entries.remove(entry)
  }

  #addMark(mark: Mark): void {
    const { marks } = this.#record(mark.record)
    const older = marks.get(mark.channel)
    if (older && older.seq > mark.seq) return
    if (older) this.#channel(mark.channel).marks.remove(older)
    marks.set(mark.channel, mark)
    // Marks of one batch may come in any order.
    this.#channel(mark.channel).marks.put(mark)
  }

  #replace(entry: Entry): void {
    const { entries } = this.#record(entry.record)
    const at = entries.findIndex((old) => old.seq === entry.seq)
    this.#removeEntry(entries[at]!)
    entries[at] = entry
    this.#index(entry)
  }

  #putRow(row: Row): void {
    const record = this.#record(row.record)
    if (record.row) this.#removeRow(record.row)
    record.row = row
    upsert(this.rowsByCollection, row.collection, () => new SortedMap<Row>()).set(row.record, row)
    const fields = upsert(this.recordsByField, row.collection, () => new Map())
    for (const [field, value] of row.indexed) {
      const values = upsert(fields, field, () => new Map<IndexValue, Set<string>>())
      upsert(values, value, () => new Set()).add(row.record)
    }
  }

  #removeRow(row: Row): void {
    this.rowsByCollection.get(row.collection)?.delete(row.record)
    const fields = this.recordsByField.get(row.collection)
    for (const [field, value] of row.indexed) fields?.get(field)?.get(value)?.delete(row.record)
  }

  #forget(key: string): void {
    const record = this.records.get(key)
    if (!record) return
    for (const entry of record.entries) this.#removeEntry(entry)
    for (const mark of record.marks.values()) this.#channel(mark.channel).marks.remove(mark)
    if (record.row) this.#removeRow(record.row)
    this.records.delete(key)
  }

  #writeTable(table: string, key: string, value: Value | undefined): void {
    const rows = upsert(this.tables, table, () => new SortedMap<Value>())
    if (value !== undefined) rows.set(key, value)
    else rows.delete(key)
  }

  #record(record: string): RecordState<Entry, Row> {
    return upsert(this.records, record, () => ({ entries: [], marks: new Map() }))
  }

  #channel(channel: string): ChannelState<Entry> {
    return upsert(this.channels, channel, () => ({ entries: new SeqList(), marks: new SeqList() }))
  }
}

/** Each once. */
function channelsOf({ channels }: IndexedEntry): Iterable<string> {
  return channels.length > 1 ? new Set(channels) : channels
}

function upsert<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

function mapValues<K, V>(map: Map<K, V>, copy: (value: V) => V): Map<K, V> {
  return new Map([...map].map(([key, value]) => [key, copy(value)]))
}
