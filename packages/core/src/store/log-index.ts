/**
 * Everything the store in memory knows, and how a batch changes it. All checks come before the first change: `apply` either
 * throws and leaves the state as it was, or does the whole batch.
 */
import { checkBatch, checkReplaced, headAfter } from './batch-check.ts'
import type { Batch, IndexValue, Mark, NewEntry, RecordRow, RunRow, Seq } from './port.ts'
import { SeqList, SortedMap } from './sorted.ts'

interface ChannelState {
  entries: SeqList<NewEntry>
  marks: SeqList<Mark>
}

interface RecordState {
  /** Oldest first. */
  entries: NewEntry[]
  marks: Map<string, Mark>
  row?: RecordRow
}

export class MemoryState {
  log = ''
  runs: RunRow[] = []
  head: Seq = 0
  entries = new SeqList<NewEntry>()
  entryAt = new Map<Seq, NewEntry>()
  channels = new Map<string, ChannelState>()
  records = new Map<string, RecordState>()
  rowsByCollection = new Map<string, SortedMap<RecordRow>>()
  recordsByField = new Map<string, Set<string>>()
  tables = new Map<string, SortedMap<Uint8Array>>()

  /** The batch must be the state's own: its bytes are kept, not copied. @throws RangeError for a batch that breaks a rule */
  apply(batch: Batch): void {
    checkBatch(batch, this.head)
    const forgotten = new Set(batch.forgotten)
    this.#checkReplacements(batch, forgotten)
    for (const record of forgotten) this.#forget(record)
    for (const seq of batch.removed) this.#takeOut(seq)
    for (const entry of batch.entries) this.#addEntry(entry)
    for (const mark of batch.marks) this.#addMark(mark)
    for (const entry of batch.replaced) this.#replace(entry)
    for (const row of batch.records) this.#putRow(row)
    for (const { table, key, value } of batch.tables) this.#writeTable(table, key, value)
    this.head = headAfter(batch, this.head)
  }

  clone(): MemoryState {
    const copy = new MemoryState()
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
    copy.recordsByField = mapValues(this.recordsByField, (records) => new Set(records))
    copy.tables = mapValues(this.tables, (table) => table.clone())
    return copy
  }

  #checkReplacements(batch: Batch, forgotten: ReadonlySet<string>): void {
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

  #addEntry(entry: NewEntry): void {
    this.#record(entry.record).entries.push(entry)
    this.#index(entry)
  }

  #index(entry: NewEntry): void {
    this.entries.put(entry)
    this.entryAt.set(entry.seq, entry)
    for (const channel of new Set(entry.channels)) this.#channel(channel).entries.put(entry)
  }

  #removeEntry(entry: NewEntry): void {
    this.entries.remove(entry)
    this.entryAt.delete(entry.seq)
    for (const channel of new Set(entry.channels)) this.#channel(channel).entries.remove(entry)
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

  #replace(entry: NewEntry): void {
    const { entries } = this.#record(entry.record)
    const at = entries.findIndex((old) => old.seq === entry.seq)
    this.#removeEntry(entries[at]!)
    entries[at] = entry
    this.#index(entry)
  }

  #putRow(row: RecordRow): void {
    const record = this.#record(row.record)
    if (record.row) this.#removeRow(record.row)
    record.row = row
    upsert(this.rowsByCollection, row.collection, () => new SortedMap<RecordRow>()).set(row.record, row)
    for (const name of fieldNames(row)) upsert(this.recordsByField, name, () => new Set()).add(row.record)
  }

  #removeRow(row: RecordRow): void {
    this.rowsByCollection.get(row.collection)?.delete(row.record)
    for (const name of fieldNames(row)) this.recordsByField.get(name)?.delete(row.record)
  }

  #forget(key: string): void {
    const record = this.records.get(key)
    if (!record) return
    for (const entry of record.entries) this.#removeEntry(entry)
    for (const mark of record.marks.values()) this.#channel(mark.channel).marks.remove(mark)
    if (record.row) this.#removeRow(record.row)
    this.records.delete(key)
  }

  #writeTable(table: string, key: string, value: Uint8Array | undefined): void {
    const rows = upsert(this.tables, table, () => new SortedMap<Uint8Array>())
    if (value) rows.set(key, value)
    else rows.delete(key)
  }

  #record(record: string): RecordState {
    return upsert(this.records, record, () => ({ entries: [], marks: new Map() }))
  }

  #channel(channel: string): ChannelState {
    return upsert(this.channels, channel, () => ({ entries: new SeqList(), marks: new SeqList() }))
  }
}

/** One text per (collection, field, value); the type is part of it, so that 1, "1" and true differ. */
export function fieldName(collection: string, field: string, value: IndexValue): string {
  return JSON.stringify([collection, field, typeof value === 'number' ? `${value}` : value, typeof value])
}

function fieldNames(row: RecordRow): string[] {
  return row.indexed.map(([field, value]) => fieldName(row.collection, field, value))
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
