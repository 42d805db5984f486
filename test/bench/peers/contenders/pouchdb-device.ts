/** A device of PouchDB: a database in LevelDB, in live replication both ways. */
import { join } from 'node:path'
import type { Device, Heard } from '../src/device.ts'
import { deviceCommands } from '../src/device-commands.ts'
import { asFieldRecord, editOf, type FieldRecord, idOf, numberOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import { DATABASE, PouchDB } from './pouchdb.ts'

let local: PouchDB.Database<FieldRecord>
let remote: PouchDB.Database<FieldRecord>
let sync: PouchDB.Replication.Sync<FieldRecord> | undefined
let tell: Heard

const device: Device = {
  async open({ folder, url }, heard) {
    tell = heard
    local = new PouchDB<FieldRecord>(join(folder, DATABASE), { adapter: 'leveldb' })
    remote = new PouchDB<FieldRecord>(new URL(DATABASE, url).href, { adapter: 'http' })
    return undefined
  },

  enter: async () => undefined,

  async connect() {
    const running = local.sync(remote, { live: true, retry: true })
    sync = running
    running.on('change', ({ direction, change }) => {
      if (direction === 'pull') for (const doc of change.docs) tell(numberOf(doc._id), asFieldRecord(doc))
    })
    // Both ways have caught up, and wait for more.
    await new Promise<void>((resolve) => running.once('paused', () => resolve()))
  },

  async disconnect() {
    const running = sync
    if (!running) return
    const ended = new Promise<void>((resolve) => running.once('complete', () => resolve()))
    running.cancel()
    await ended
  },

  async readAll() {
    const { rows } = await local.allDocs({ include_docs: true })
    return new Map(rows.map(({ id, doc }) => [numberOf(id), asFieldRecord(doc!)]))
  },

  async edit(number, mark) {
    const doc = await local.get(idOf(number))
    await local.put({ ...doc, ...editOf(mark) })
  },
}

serveContender(deviceCommands(device))
