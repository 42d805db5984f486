/** The server of the bare limit: rows after a number to whoever asks, and what one device writes to all others. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { BareRows, messagesOf, type Row } from './bare-rows.ts'
import { fieldRecord, idOf } from './field-record.ts'
import { serveContender } from './serve-contender.ts'
import type { Place, ServerCommands } from './server.ts'

/** From a device: the number it has everything up to, or a record that it wrote. */
export type Said = { after: number } | { id: string; json: string }

let rows: BareRows
let sockets: WebSocketServer

const rowsIn = ({ folder }: Place) => new BareRows(join(folder, 'server.db'))

function answer(from: WebSocket, said: Said): void {
  if ('after' in said) {
    for (const message of messagesOf(rows.after(said.after))) from.send(JSON.stringify(message))
    from.send('[]')
    return
  }
  const message = JSON.stringify([rows.add(said.id, said.json)])
  for (const client of sockets.clients) if (client !== from) client.send(message)
}

const server: ServerCommands = {
  async seed(place) {
    rows = rowsIn(place)
    rows.keep(
      Array.from({ length: place.records }, (_, number): Row => {
        return [number + 1, idOf(number), JSON.stringify(fieldRecord(number))]
      }),
    )
    rows.close()
  },

  async open(place) {
    rows = rowsIn(place)
    sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
    sockets.on('connection', (from) => {
      from.on('message', (message: Buffer) => answer(from, JSON.parse(message.toString()) as Said))
    })
    await once(sockets, 'listening')
    return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`
  },

  admit: async () => [],
}

serveContender(server)
