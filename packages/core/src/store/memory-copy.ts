/** Copies at the border of the store in memory (COPIED): what comes in and what goes out shares no bytes with what is kept. */
import type { Batch, LoggedEntry, NewEntry, RecordRow } from './port.ts'

export function copyEntry({ seq, kind, record, bytes, origin }: LoggedEntry): LoggedEntry {
  const copy = { seq, kind, record, bytes: new Uint8Array(bytes) }
  return origin ? { ...copy, origin: { ...origin } } : copy
}

function copyNewEntry(entry: NewEntry): NewEntry {
  return { ...copyEntry(entry), channels: [...entry.channels] }
}

export function copyRow({ record, collection, frontier, view, indexed }: RecordRow): RecordRow {
  const own = indexed.map(([field, value]) => [field, value] as const)
  const copy = { record, collection, frontier: new Uint8Array(frontier), indexed: own }
  return view === undefined ? copy : { ...copy, view }
}

export function copyBatch(batch: Batch): Batch {
  return {
    entries: batch.entries.map(copyNewEntry),
    marks: batch.marks.map((mark) => ({ ...mark })),
    records: batch.records.map(copyRow),
    replaced: batch.replaced.map(copyNewEntry),
    removed: [...batch.removed],
    forgotten: [...batch.forgotten],
    tables: batch.tables.map(({ table, key, value }) => ({
      table,
      key,
      value: value && new Uint8Array(value),
    })),
    head: batch.head,
  }
}
