/**
 * Hocuspocus with documents in SQLite, in the table that its own SQLite extension has. That extension is not used itself because it brings a second better-sqlite3
 * whose build downloads something; what is left of it is the two statements here.
 */
import { join } from 'node:path'
import { Database as DatabaseExtension } from '@hocuspocus/extension-database'
import { Server as Hocuspocus } from '@hocuspocus/server'
import Database from 'better-sqlite3'
import * as Y from 'yjs'
import { fieldRecord } from '../src/field-record.ts'
import type { Place, ServerCommands } from '../src/server.ts'
import type { Layout } from './yjs-layout.ts'

/** Documents of one socket: by default Hocuspocus closes a socket that opens more than 100 at once. */
const DOCUMENTS_MAX = 100_000
/** Each document sends a few messages before it is let in. */
const MESSAGES_MAX = 10 * DOCUMENTS_MAX
const QUEUED_BYTES_MAX = 256 * 1024 * 1024

export function hocuspocusServer(layout: Layout): ServerCommands {
  let db: Database.Database

  function openDatabase({ folder }: Place): void {
    db = new Database(join(folder, 'documents.db'))
    db.exec('CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, data BLOB NOT NULL)')
  }

  const put = (name: string, data: Uint8Array | Buffer) =>
    db.prepare('INSERT OR REPLACE INTO documents (name, data) VALUES (?, ?)').run(name, data)

  return {
    async seed(place) {
      openDatabase(place)
      const documents = new Map(layout.documents(place.records).map((name) => [name, new Y.Doc()]))
      for (let number = 0; number < place.records; number++) {
        const document = documents.get(layout.documentOf(number))!
        const map = layout.mapOf(document, number)
        for (const [field, value] of Object.entries(fieldRecord(number))) map.set(field, value)
      }
      const putAll = db.transaction(() => {
        for (const [name, document] of documents) put(name, Y.encodeStateAsUpdate(document))
      })
      putAll()
      db.close()
    },

    async open(place) {
      openDatabase(place)
      const select = db.prepare<[string], Uint8Array>('SELECT data FROM documents WHERE name = ?').pluck()
      const server = new Hocuspocus({
        address: '127.0.0.1',
        port: 0,
        quiet: true,
        stopOnSignals: false,
        maxPendingDocuments: DOCUMENTS_MAX,
        maxUnauthenticatedQueueMessages: MESSAGES_MAX,
        maxUnauthenticatedQueueSize: QUEUED_BYTES_MAX,
        extensions: [
          new DatabaseExtension({
            fetch: async ({ documentName }) => select.get(documentName) ?? null,
            store: async ({ documentName, state }) => void put(documentName, state),
          }),
        ],
      })
      await server.listen()
      return `ws://127.0.0.1:${server.address.port}`
    },

    admit: async () => [],
  }
}
