/** What an account keeps beside the ledger. `indexed` is what a search sees of a row, `indexing` what it will see, and from when on. */
import { tokenTable } from '../calls/tokens.ts'

export const hubspotTables = `
CREATE TABLE IF NOT EXISTS rows (
  type TEXT NOT NULL, id INTEGER NOT NULL, createdAt INTEGER NOT NULL, modifiedAt INTEGER NOT NULL, archivedAt INTEGER,
  mergedInto INTEGER, properties TEXT NOT NULL, PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (
  type TEXT NOT NULL, property TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (type, property, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS indexed (
  type TEXT NOT NULL, id INTEGER NOT NULL, modifiedAt INTEGER NOT NULL, properties TEXT NOT NULL, PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS indexedByModified ON indexed (type, modifiedAt, id);
CREATE TABLE IF NOT EXISTS indexing (
  seq INTEGER PRIMARY KEY, type TEXT NOT NULL, id INTEGER NOT NULL, dueAt INTEGER, modifiedAt INTEGER NOT NULL, properties TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS associations (
  fromType TEXT NOT NULL, fromId INTEGER NOT NULL, toType TEXT NOT NULL, toId INTEGER NOT NULL, PRIMARY KEY (fromType, fromId, toType, toId)
) STRICT, WITHOUT ROWID;
${tokenTable}
CREATE TABLE IF NOT EXISTS refreshTokens (token TEXT PRIMARY KEY, client TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, body TEXT NOT NULL, attempts INTEGER NOT NULL, dueAt INTEGER NOT NULL, state TEXT NOT NULL, lastError TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS eventsDue ON events (state, dueAt, id);
`
