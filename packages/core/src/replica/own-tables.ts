/** Tables of packages built on core (bridges, streams, followers), apart from the replica's own, written in the same commit as everything else. */
import type { TableRow, TableWrite } from '../store/port.ts'
import type { Turn } from './turn.ts'

export interface Tables {
  get(table: string, key: string): Promise<Uint8Array | undefined>
  /** An undefined value removes the key. */
  put(table: string, key: string, value: Uint8Array | undefined): void
  /** Keys that start with `prefix` and are above `after`, ascending. */
  scan(table: string, range: { prefix?: string; after?: string; limit: number }): Promise<TableRow[]>
}

export function ownTable(table: string): string {
  return `x:${table}`
}

/** Rows of the caller's own tables, written with an edit or not at all (W-18). */
export interface EditOptions {
  beside?: readonly TableWrite[]
}

/** As the store has them. */
export function besideRows({ beside = [] }: EditOptions): TableWrite[] {
  return beside.map(({ table, key, value }) => ({ table: ownTable(table), key, value }))
}

export function putBeside(turn: Turn, options: EditOptions): void {
  for (const { table, key, value } of besideRows(options)) turn.put(table, key, value)
}

export function ownTables(turn: Turn): Tables {
  return {
    get: (table, key) => turn.get(ownTable(table), key),
    put: (table, key, value) => turn.put(ownTable(table), key, value),
    scan: (table, range) => turn.scan(ownTable(table), range),
  }
}
