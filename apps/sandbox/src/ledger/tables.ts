/** Calls, and the rows that each of them named. */
export const ledgerTables = `
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
