/**
 * The bare limit: the same bytes over a plain WebSocket into rows of plain SQLite, with the same durability. No log, no merge, no rights: what this takes nothing
 * built on these two libraries can take less than.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Database from 'better-sqlite3'
import { WebSocket, WebSocketServer } from 'ws'
import { serve } from './serve.ts'

/** Bytes queued in the socket above which the sender waits, as a session does. */
const QUEUED_BYTES_MAX = 1024 * 1024
const options = { perMessageDeflate: false } as const

export interface Rows {
  frames: number
  rowsPerFrame: number
  rowBytes: number
}

let db: Database.Database
let insert: Database.Statement<[Uint8Array]>
let socket: WebSocket
const servers: WebSocketServer[] = []
let arrived: (at: bigint) => void = () => undefined

function commitRows(frame: Uint8Array, rowBytes: number): void {
  db.exec('BEGIN IMMEDIATE')
  for (let at = 0; at < frame.length; at += rowBytes) insert.run(frame.subarray(at, at + rowBytes))
  db.exec('COMMIT')
}

async function serverOf(onFrame: (from: WebSocket, frame: Buffer, server: WebSocketServer) => void) {
  const server = new WebSocketServer({ ...options, port: 0, host: '127.0.0.1' })
  servers.push(server)
  await once(server, 'listening')
  server.on('connection', (from) => from.on('message', (frame: Buffer) => onFrame(from, frame, server)))
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function connect(url: string): Promise<void> {
  socket = new WebSocket(url, options)
  await once(socket, 'open')
}

/** Sends all frames; gives the milliseconds until the last was acknowledged. */
async function send({ frames, rowsPerFrame, rowBytes }: Rows): Promise<number> {
  const frame = new Uint8Array(rowsPerFrame * rowBytes).fill(1)
  const startedMs = performance.now()
  let left = frames
  let unacknowledged = frames
  await new Promise<void>((resolve) => {
    const more = () => {
      while (left > 0 && socket.bufferedAmount < QUEUED_BYTES_MAX) {
        left -= 1
        socket.send(frame, more)
      }
    }
    socket.on('message', () => {
      unacknowledged -= 1
      if (unacknowledged === 0) resolve()
    })
    more()
  })
  socket.removeAllListeners('message')
  return performance.now() - startedMs
}

const commands = {
  open(path: string) {
    db = new Database(path)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)')
    insert = db.prepare('INSERT INTO rows (bytes) VALUES (?)')
  },

  /** Commits each frame as rows and acknowledges it. */
  listenForRows: (rowBytes: number) =>
    serverOf((from, frame) => {
      commitRows(frame, rowBytes)
      from.send(new Uint8Array(1))
    }),

  /** Commits each message as a row and passes it on to everybody else. */
  listenForEdits: () =>
    serverOf((from, message, server) => {
      commitRows(message, message.length)
      for (const client of server.clients) if (client !== from) client.send(message)
    }),

  connect,
  send,

  /** Connects anew and sends; gives the milliseconds of both. */
  async reconnect({ url, rows }: { url: string; rows: Rows }) {
    socket?.terminate()
    const startedMs = performance.now()
    await connect(url)
    await send(rows)
    return performance.now() - startedMs
  },

  /** Commits a row and sends it; gives the moment it began. */
  editOne(bytes: number) {
    const began = process.hrtime.bigint()
    const row = new Uint8Array(bytes).fill(1)
    commitRows(row, bytes)
    socket.send(row)
    return began
  },

  /** From now on rows that come are committed. */
  keepEdits() {
    socket.on('message', (row: Buffer) => {
      commitRows(row, row.length)
      arrived(process.hrtime.bigint())
    })
  },

  arrival: () =>
    new Promise<bigint>((resolve) => {
      arrived = resolve
    }),

  close() {
    socket?.terminate()
    for (const server of servers) server.close()
    db.close()
  },
}

export type BareCommands = typeof commands

serve(commands)
