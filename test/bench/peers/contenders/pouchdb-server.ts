/** PouchDB behind express-pouchdb, in the mode that its manual names for replication with other PouchDBs; databases in LevelDB. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sep } from 'node:path'
import expressPouchdb from 'express-pouchdb'
import { fieldRecord, idOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import type { Place, ServerCommands } from '../src/server.ts'
import { DATABASE, PouchDB } from './pouchdb.ts'

/** Milliseconds. By default Node's server closes a connection idle for 5 s, and a request that goes out at that moment fails. */
const KEEP_ALIVE_MS = 120_000

const pouchIn = ({ folder }: Place) => PouchDB.defaults({ prefix: `${folder}${sep}`, adapter: 'leveldb' })

const server: ServerCommands = {
  async seed(place) {
    const seeding = new (pouchIn(place))(DATABASE)
    const numbers = Array.from({ length: place.records }, (_, number) => number)
    await seeding.bulkDocs(numbers.map((number) => ({ _id: idOf(number), ...fieldRecord(number) })))
    await seeding.close()
  },

  async open(place) {
    const Pouch = pouchIn(place)
    const http = createServer(expressPouchdb(Pouch, { mode: 'minimumForPouchDB' }))
    http.keepAliveTimeout = KEEP_ALIVE_MS
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  },

  admit: async () => [],
}

serveContender(server)
