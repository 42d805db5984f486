/** The device of the bare limit: it keeps every row that comes, one commit a message. */
import { once } from 'node:events'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { BareRows, type Row } from './bare-rows.ts'
import type { Said } from './bare-server.ts'
import type { Device, Heard } from './device.ts'
import { deviceCommands } from './device-commands.ts'
import { editOf, type FieldRecord, idOf, numberOf } from './field-record.ts'
import { serveContender } from './serve-contender.ts'

let rows: BareRows
let serverUrl: string
let socket: WebSocket | undefined
let tell: Heard

const say = (said: Said) => socket?.send(JSON.stringify(said))
const recordOf = (json: string) => JSON.parse(json) as FieldRecord

function hear(message: readonly Row[]): void {
  rows.keep(message)
  for (const [, id, json] of message) tell(numberOf(id), recordOf(json))
}

const device: Device = {
  async open({ folder, url }, heard) {
    rows = new BareRows(join(folder, 'device.db'))
    serverUrl = url
    tell = heard
    return undefined
  },

  enter: async () => undefined,

  async connect() {
    socket = new WebSocket(serverUrl, { perMessageDeflate: false })
    await once(socket, 'open')
    await new Promise<void>((resolve) => {
      socket!.on('message', (message: Buffer) => {
        const told = JSON.parse(message.toString()) as Row[]
        if (told.length === 0) resolve()
        else hear(told)
      })
      say({ after: rows.head })
    })
  },

  async disconnect() {
    socket?.terminate()
    socket = undefined
  },

  async readAll() {
    return new Map([...rows.all()].map(([, id, json]) => [numberOf(id), recordOf(json)]))
  },

  async edit(number, mark) {
    const id = idOf(number)
    const json = JSON.stringify({ ...recordOf(rows.get(id)!), ...editOf(mark) })
    // Under the number it stands at already, so that what others wrote meanwhile still comes.
    rows.keep([[rows.head, id, json]])
    say({ id, json })
  },
}

serveContender(deviceCommands(device))
