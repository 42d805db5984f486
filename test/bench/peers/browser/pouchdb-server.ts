/** PouchDB behind express-pouchdb, in the mode that its manual names for replication with other PouchDBs, at the pages' own origin; databases in LevelDB. */
import { createServer } from 'node:http'
import { sep } from 'node:path'
import expressPouchdb from 'express-pouchdb'
import { type BrowserServerCommands, type Place, servePages } from '../../src/browser/server.ts'
import { DATABASE, PouchDB } from '../contenders/pouchdb.ts'
import { editOf, type FieldRecord, fieldRecord, idOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'

/** Path below which the databases are. */
const MOUNT = '/db'

let url: string

const pouchIn = ({ folder }: Place) => PouchDB.defaults({ prefix: `${folder}${sep}`, adapter: 'leveldb' })

const server: BrowserServerCommands = {
  async seed(place) {
    const seeding = new (pouchIn(place))(DATABASE)
    const numbers = Array.from({ length: place.records }, (_, number) => number)
    await seeding.bulkDocs(numbers.map((number) => ({ _id: idOf(number), ...fieldRecord(number) })))
    await seeding.close()
  },

  async open(serving) {
    const Pouch = pouchIn(serving)
    const databases = createServer(expressPouchdb(Pouch, { mode: 'minimumForPouchDB' }))
    const records = new Pouch<FieldRecord>(DATABASE)
    const edit = async (number: number, mark: number) => {
      const doc = await records.get(idOf(number))
      await records.put({ ...doc, ...editOf(mark) })
    }
    const site = await servePages(
      serving.pages,
      ({ number, mark }) => edit(number, mark),
      (request, response) => {
        if (!request.url?.startsWith(`${MOUNT}/`)) return false
        request.url = request.url.slice(MOUNT.length)
        databases.emit('request', request, response)
        return true
      },
    )
    url = new URL(`${MOUNT}/${DATABASE}`, site.url).href
    return site.url
  },

  admit: async () => ({ url, pass: [] }),
}

serveContender(server)
