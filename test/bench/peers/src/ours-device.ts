/** The device of ours: an edge on SQLite. */
import { join } from 'node:path'
import type { JsonObject, Replica, Session } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { inStep } from '../../src/in-step.ts'
import type { Device } from './device.ts'
import { deviceCommands } from './device-commands.ts'
import { asFieldRecord, editOf, idOf, numberOf } from './field-record.ts'
import { collections, SPACE } from './ours-collection.ts'
import { serveContender } from './serve-contender.ts'

/** A change names its record with the collection before the id. */
const KEY_PREFIX = `${collections.records.name}/`

let replica: Replica<typeof collections>
let hubUrl: string
let link: Link<Session> | undefined

const device: Device = {
  async open({ folder, url }, heard) {
    hubUrl = url
    const store = sqliteStore({ path: join(folder, 'edge.db') })
    replica = await openReplica({ store, collections, space: SPACE })
    const read = (record: string, value: JsonObject | undefined) =>
      value && heard(numberOf(record.slice(KEY_PREFIX.length)), asFieldRecord(value))
    replica.onCommit(({ changes, unverified }) => {
      // What an app is shown first: the hub's views.
      for (const { record, after } of unverified) read(record, after())
      for (const { record, after } of changes) read(record, after)
    })
    return replica.publicKey
  },

  async enter([token]) {
    await replica.setCredential(token!)
  },

  async connect() {
    link = connect(replica, hubUrl)
    await inStep(link)
  },

  async disconnect() {
    await link?.close()
    link = undefined
  },

  async readAll() {
    const records = await replica.records.all()
    return new Map(records.map((record) => [numberOf(record.id), asFieldRecord(record)]))
  },

  async edit(number, mark) {
    await replica.records.update(idOf(number), (draft) => Object.assign(draft, editOf(mark)))
  },
}

serveContender(deviceCommands(device))
