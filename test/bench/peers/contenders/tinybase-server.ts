/** TinyBase's WebSocket server with a file for the store, as its manual shows. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createMergeableStore } from 'tinybase'
import { createFilePersister } from 'tinybase/persisters/persister-file'
import { createWsServer } from 'tinybase/synchronizers/synchronizer-ws-server'
import { WebSocketServer } from 'ws'
import { fieldRecord, idOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import type { Place, ServerCommands } from '../src/server.ts'
import { PATH, TABLE } from './tinybase-names.ts'

const persisterIn = ({ folder }: Place) =>
  createFilePersister(createMergeableStore('server'), join(folder, 'store.json'))

const server: ServerCommands = {
  async seed(place) {
    const persister = persisterIn(place)
    const store = persister.getStore()
    store.transaction(() => {
      for (let number = 0; number < place.records; number++)
        store.setRow(TABLE, idOf(number), { ...fieldRecord(number) })
    })
    await persister.save()
    await persister.destroy()
  },

  async open(place) {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(sockets, 'listening')
    createWsServer(sockets, () => persisterIn(place))
    return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/${PATH}`
  },

  admit: async () => [],
}

serveContender(server)
