/** A device of TinyBase: a mergeable store in memory, saved whole to a file whenever it changes. */
import { join } from 'node:path'
import { createMergeableStore, type MergeableStore } from 'tinybase'
import { createFilePersister } from 'tinybase/persisters/persister-file'
import { createWsSynchronizer, type WsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client'
import { WebSocket } from 'ws'
import type { Device } from '../src/device.ts'
import { deviceCommands } from '../src/device-commands.ts'
import { asFieldRecord, editOf, idOf, numberOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import { TABLE } from './tinybase-names.ts'

let store: MergeableStore
let synchronizer: WsSynchronizer<WebSocket> | undefined
let serverUrl: string

const device: Device = {
  async open({ folder, url }, heard) {
    serverUrl = url
    store = createMergeableStore()
    const persister = createFilePersister(store, join(folder, 'store.json'))
    await persister.startAutoSave()
    store.addRowListener(TABLE, null, (_store, _table, id) => {
      if (store.hasCell(TABLE, id, 'count')) heard(numberOf(id), asFieldRecord(store.getRow(TABLE, id)))
    })
    return undefined
  },

  enter: async () => undefined,

  async connect() {
    synchronizer = await createWsSynchronizer(store, new WebSocket(serverUrl))
    await synchronizer.startSync()
  },

  async disconnect() {
    await synchronizer?.destroy()
  },

  async readAll() {
    const rows = Object.entries(store.getTable(TABLE))
    return new Map(rows.map(([id, row]) => [numberOf(id), asFieldRecord(row)]))
  },

  async edit(number, mark) {
    store.setPartialRow(TABLE, idOf(number), editOf(mark))
  },
}

serveContender(deviceCommands(device))
