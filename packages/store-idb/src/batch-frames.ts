/** A batch as frames. What is handed in is copied here, so that its owner may go on with it (COPIED). */
import type { Batch, IndexBatch, NewEntry, RecordRow } from '@skerry/core'
import { entryCrc, keyedCrc } from './checksum.ts'
import { FrameDrafts } from './frame-draft.ts'
import { textBytes } from './text.ts'

/** Of a mark, a removal, a removed key: what it adds to a head. */
const SMALL_BYTES = 32

export function framesOf(batch: Batch): FrameDrafts {
  const frames = new FrameDrafts()
  for (const record of batch.forgotten) frames.for(SMALL_BYTES).forget(record)
  for (const seq of batch.removed) frames.for(SMALL_BYTES).remove(seq)
  for (const entry of batch.entries) addEntry(frames, entry)
  for (const entry of batch.replaced) addEntry(frames, entry)
  for (const mark of batch.marks) frames.for(SMALL_BYTES).mark(mark)
  for (const row of batch.records) addRow(frames, row)
  for (const { table, key, value } of batch.tables) {
    const piece = value && { bytes: value, crc: keyedCrc(key, value) }
    frames.for(SMALL_BYTES + (value?.length ?? 0)).value(table, key, piece)
  }
  return frames
}

function addEntry(frames: FrameDrafts, entry: NewEntry): void {
  const { seq, bytes } = entry
  frames.for(bytes.length).entry(entry, { bytes, crc: entryCrc(seq, bytes) })
}

function addRow(frames: FrameDrafts, row: RecordRow): void {
  const view = row.view === undefined ? undefined : textBytes(row.view)
  const bytes = new Uint8Array(row.frontier.length + (view?.bytes.length ?? 0))
  bytes.set(row.frontier)
  if (view) bytes.set(view.bytes, row.frontier.length)
  const meta = {
    record: row.record,
    collection: row.collection,
    indexed: row.indexed,
    frontierBytes: row.frontier.length,
    view: view && { length: row.view!.length, isUtf16: view.isUtf16 },
  }
  frames.for(bytes.length).row(meta, { bytes, crc: keyedCrc(row.record, bytes) })
}

type EntryName = Pick<NewEntry, 'seq' | 'record'>
type RowName = Pick<RecordRow, 'record' | 'collection'>

/** What the port's rules are about, as it is now: it is checked when its turn comes. */
export function outlineOf(batch: Batch): IndexBatch<EntryName, RowName, never> {
  const entryName = ({ seq, record }: NewEntry) => ({ seq, record })
  return {
    entries: batch.entries.map(entryName),
    replaced: batch.replaced.map(entryName),
    marks: batch.marks.map((mark) => ({ ...mark })),
    records: batch.records.map(({ record, collection }) => ({ record, collection })),
    removed: [...batch.removed],
    forgotten: [...batch.forgotten],
    tables: [],
    head: batch.head,
  }
}
