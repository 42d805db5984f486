/** What a service keeps beside the ledger. */
import { tokenTable } from '../calls/tokens.ts'

export const odataTables = `
CREATE TABLE IF NOT EXISTS rows (
  type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, modifiedAt TEXT NOT NULL, deleted INTEGER NOT NULL,
  hidden INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rowsByVersion ON rows (type, version);
CREATE TABLE IF NOT EXISTS keys (
  type TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (type, field, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
${tokenTable}
`
