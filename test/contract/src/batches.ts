/** Short ways to write down what a test commits. */
import { type Batch, emptyBatch, type Mark, type NewEntry, type RecordRow } from '@skerry/core'

export const pageMax = { entries: 1_000_000, bytes: 2 ** 40 }

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** 32 hex digits that are easy to tell apart in a failure. */
export function runId(number: number): string {
  return number.toString(16).padStart(32, '0')
}

export function batch(parts: Partial<Batch>): Batch {
  return { ...emptyBatch, ...parts }
}

export function entry(seq: number, record: string, channels: string[] = [], text = `entry ${seq}`): NewEntry {
  return { seq, kind: 'changes', record, bytes: bytesOf(text), channels }
}

export function enter(seq: number, channel: string, record: string): Mark {
  return { seq, channel, record, kind: 'enter' }
}

export function leave(seq: number, channel: string, record: string): Mark {
  return { seq, channel, record, kind: 'leave' }
}

export function row(
  record: string,
  indexed: RecordRow['indexed'] = [],
  view: string | null = '{}',
): RecordRow {
  const [collection = ''] = record.split('/')
  const bare = { record, collection, frontier: bytesOf(`frontier of ${record}`), indexed }
  return view === null ? bare : { ...bare, view }
}

export function put(table: string, key: string, text: string): Batch['tables'][number] {
  return { table, key, value: bytesOf(text) }
}
