/** What the CRM keeps beside the ledger: rows, tokens, stored answers, webhooks with their queue. */
import { tokenTable } from './calls/tokens.ts'

export const crmTables = `
CREATE TABLE IF NOT EXISTS rows (
  type TEXT NOT NULL, id TEXT NOT NULL, externalId TEXT, version INTEGER NOT NULL, modifiedAt INTEGER NOT NULL,
  modifiedBy TEXT NOT NULL, deleted INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS rowsByExternalId ON rows (type, externalId) WHERE externalId IS NOT NULL;
CREATE INDEX IF NOT EXISTS rowsByModified ON rows (type, modifiedAt, id);
CREATE TABLE IF NOT EXISTS counters (type TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
${tokenTable}
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
`
