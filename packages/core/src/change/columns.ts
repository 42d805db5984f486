// The columns of a change: which there are, where they lie, and how many rows they claim, without writing out
// one row.
//
// A change holds one row per operation. Each column is listed by a number (id << 4 | type) and its length;
// the data follow, in the same order. Left out here are the columns of marks (expand, mark name) and of
// documents: Skerry writes neither into a change.

import type { ByteReader } from '../bytes/reader.ts'
import type { ChangeLimits } from './limits.ts'
import { aboveLimit, ChangeRefused } from './refused.ts'

/** Column numbers, in the order in which they must appear. */
export const COLUMN = {
  objectActor: 0x01,
  objectCounter: 0x02,
  keyActor: 0x11,
  keyCounter: 0x13,
  keyText: 0x15,
  insert: 0x34,
  action: 0x42,
  valueMeta: 0x56,
  valueRaw: 0x57,
  predecessorCount: 0x70,
  predecessorActor: 0x71,
  predecessorCounter: 0x73,
} as const

export type ColumnName = keyof typeof COLUMN

const names = new Map<number, ColumnName>(
  Object.entries(COLUMN).map(([name, number]) => [number, name as ColumnName]),
)

/** Bytes `[start, end)` of the body. */
export interface ColumnRange {
  readonly start: number
  readonly end: number
}

/** The columns that are there; one that is not is absent. */
export type ColumnRanges = { readonly [name in ColumnName]?: ColumnRange }

/**
 * Reads the list of columns and steps over their data. Throws `ChangeRefused`: 'not-canonical' for an empty,
 * repeated or misplaced column, 'unsupported-operation' for one of marks, 'malformed' for an unknown one.
 */
export function readColumnRanges(reader: ByteReader): ColumnRanges {
  const count = reader.varint()
  if (count > names.size) throw aboveLimit('malformed', 'the number of columns', count, names.size)
  const found: { name: ColumnName; length: number }[] = []
  let previous = 0
  for (let i = 0; i < count; i++) {
    const number = reader.varint()
    const length = reader.varint()
    if (number <= previous || length === 0) {
      throw new ChangeRefused('not-canonical', `column ${number} of ${length} bytes after column ${previous}`)
    }
    found.push({ name: knownColumn(number), length })
    previous = number
  }
  const ranges: { [name in ColumnName]?: ColumnRange } = {}
  for (const { name, length } of found) {
    const start = reader.offset
    reader.skip(length)
    ranges[name] = { start, end: start + length }
  }
  return ranges
}

function knownColumn(number: number): ColumnName {
  const name = names.get(number)
  if (name !== undefined) return name
  if (number === 0x94 || number === 0xa5) {
    throw new ChangeRefused(
      'unsupported-operation',
      `column ${number} belongs to marks, which Skerry's text does not have`,
    )
  }
  throw new ChangeRefused('malformed', `column ${number} is unknown`)
}

/** What the counting walks need to know, and what they find out. */
export interface RowCount {
  readonly body: Uint8Array
  readonly ranges: ColumnRanges
  readonly limits: ChangeLimits
  /** Index 0 is the change's own actor; set to 1 once a column names it. */
  readonly actorsNamed: Uint8Array
}
