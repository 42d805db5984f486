/**
 * A stand-in's one file: its own tables, and the call ledger. All of it is durable, so that a killed stand-in comes back as the same system. WAL with synchronous=NORMAL
 * loses nothing when the process dies, and that is the only death it has to survive.
 */
import Database from 'better-sqlite3'
import { ledgerTables } from './ledger/tables.ts'

export type Connection = Database.Database

/** @param file a path, or `:memory:` for a system that ends with its process. */
export function openDatabase(file: string, tables: string): Connection {
  const connection = new Database(file)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = NORMAL')
  connection.pragma('busy_timeout = 2000')
  connection.exec(ledgerTables)
  connection.exec(tables)
  return connection
}

export function emptyDatabase(connection: Connection): void {
  connection.transaction(() => {
    const names = connection
      .prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .pluck()
    for (const name of names.all()) connection.exec(`DELETE FROM ${name}`)
  })()
}
