/**
 * The sandbox's one file: rows, tokens, stored answers, webhooks with their queue, and the call ledger. All of it is
 * durable, so that a killed sandbox comes back as the same CRM. WAL with synchronous=NORMAL loses nothing when the
 * process dies, and that is the only death this stand-in has to survive.
 */
import Database from 'better-sqlite3'

export type Connection = Database.Database

const tables = `
CREATE TABLE IF NOT EXISTS rows (
  type TEXT NOT NULL, id TEXT NOT NULL, externalId TEXT, version INTEGER NOT NULL, modifiedAt INTEGER NOT NULL,
  modifiedBy TEXT NOT NULL, deleted INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS rowsByExternalId ON rows (type, externalId) WHERE externalId IS NOT NULL;
CREATE INDEX IF NOT EXISTS rowsByModified ON rows (type, modifiedAt, id);
CREATE TABLE IF NOT EXISTS counters (type TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tokens (hash TEXT PRIMARY KEY, client TEXT NOT NULL, expiresAt INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS answers (
  client TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, answer TEXT NOT NULL, expiresAt INTEGER NOT NULL,
  PRIMARY KEY (client, key)
) STRICT;
CREATE TABLE IF NOT EXISTS endpoints (
  id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, secret TEXT NOT NULL, disabled INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY, endpointId TEXT NOT NULL, messageId TEXT NOT NULL, event TEXT NOT NULL, externalId TEXT,
  body TEXT NOT NULL, attempts INTEGER NOT NULL, dueAt INTEGER NOT NULL, state TEXT NOT NULL, lastError TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS deliveriesDue ON deliveries (state, dueAt, id);
CREATE TABLE IF NOT EXISTS calls (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, type TEXT,
  externalId TEXT, fields TEXT NOT NULL, requestBytes INTEGER NOT NULL, responseBytes INTEGER NOT NULL,
  status INTEGER NOT NULL, fault TEXT, committed INTEGER NOT NULL, created INTEGER NOT NULL, client TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS operations (
  seq INTEGER NOT NULL, position INTEGER NOT NULL, method TEXT NOT NULL, type TEXT, externalId TEXT,
  fields TEXT NOT NULL, status INTEGER NOT NULL, committed INTEGER NOT NULL, created INTEGER NOT NULL,
  PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operationsByExternalId ON operations (externalId, seq);
`

const tableNames = [
  'rows',
  'counters',
  'tokens',
  'answers',
  'endpoints',
  'deliveries',
  'calls',
  'operations',
  'sqlite_sequence',
]

/** @param file a path, or `:memory:` for a CRM that ends with its process. */
export function openDatabase(file: string): Connection {
  const connection = new Database(file)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = NORMAL')
  connection.pragma('busy_timeout = 2000')
  connection.exec(tables)
  return connection
}

export function emptyDatabase(connection: Connection): void {
  connection.transaction(() => {
    for (const name of tableNames) connection.exec(`DELETE FROM ${name}`)
  })()
}
