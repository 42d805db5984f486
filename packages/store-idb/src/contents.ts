/** What lies in bodies, checked and copied: damage is told for the one thing that has it (rules D-1 to D-3). */
import { type RecordRow, StoreDamage, type StoredEntry } from '@skerry/core'
import type { Loaded } from './bodies.ts'
import { entryCrc, keyedCrc } from './checksum.ts'
import type { PlacedEntry, PlacedRow, Span } from './frame.ts'
import { textOf } from './text.ts'

export function entryIn(
  bodies: Loaded,
  { seq, kind, record, origin, bytes: span }: PlacedEntry,
): StoredEntry {
  const bytes = viewOf(bodies, span)
  if (bytes === undefined)
    return { seq, record, damage: `its bytes are missing from body ${span.frame.body}` }
  if (entryCrc(seq, bytes) !== span.crc) return { seq, record, damage: 'its checksum does not fit its bytes' }
  const entry = { seq, kind, record, bytes: bytes.slice() }
  return origin ? { ...entry, origin: { ...origin } } : entry
}

/** @throws StoreDamage */
export function rowIn(bodies: Loaded, row: PlacedRow): RecordRow {
  const { record, collection, frontierBytes, bytes: span } = row
  const bytes = soundBytes(bodies, span, record)
  const view =
    bytes && row.view && textOf({ bytes: bytes.subarray(frontierBytes), isUtf16: row.view.isUtf16 })
  if (bytes === undefined || (row.view && view === undefined))
    throw new StoreDamage(`the row of ${record} cannot be read back as it was written`, { record })
  const indexed = row.indexed.map(([field, value]) => [field, value] as const)
  const whole = { record, collection, frontier: bytes.slice(0, frontierBytes), indexed }
  return view === undefined ? whole : { ...whole, view }
}

/** @throws StoreDamage */
export function valueIn(bodies: Loaded, table: string, key: string, span: Span): Uint8Array {
  const bytes = soundBytes(bodies, span, key)
  if (bytes) return bytes.slice()
  throw new StoreDamage(`${key} of table ${table} cannot be read back as it was written`, { table, key })
}

function soundBytes(bodies: Loaded, span: Span, key: string): Uint8Array | undefined {
  const bytes = viewOf(bodies, span)
  return bytes && keyedCrc(key, bytes) === span.crc ? bytes : undefined
}

/** Not checked; undefined where the body does not reach. */
export function viewOf(bodies: Loaded, { frame, from, length }: Span): Uint8Array | undefined {
  const body = bodies.get(frame)
  return body && from + length <= body.length ? body.subarray(from, from + length) : undefined
}
