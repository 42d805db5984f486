/**
 * A session's transport from one of the many addresses of the loopback interface: a hub admits so many sessions of one address, and a crowd in one process is not
 * one office. Nothing is missing from a link but that it comes back.
 */
import type { IncomingMessage } from 'node:http'
import type { Transport, TransportEvents } from '@skerry/core'
import { SUBPROTOCOL } from '@skerry/ws'
import { WebSocket } from 'ws'

/** Sessions of one address: as many as a hub lets begin at once from one. */
const PER_ADDRESS = 64

export interface LoopbackTransport extends Transport {
  /** Reads nothing more, as a reader that hangs: the system's buffers fill, then those of the other side. */
  pause(): void
}

/** The upgrade was answered with something else. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused'
  readonly status: number
  readonly retryAfterS: number
  constructor({ statusCode = 0, headers }: IncomingMessage) {
    super(`the upgrade was answered with ${statusCode}`)
    this.status = statusCode
    this.retryAfterS = Number(headers['retry-after'] ?? 0)
  }
}

/** `number` of the session; the promise resolves when the WebSocket is open. @throws UpgradeRefused, Error when there is no connection */
export async function loopbackTransport(url: string, number: number): Promise<LoopbackTransport> {
  const localAddress = `127.0.1.${1 + Math.floor(number / PER_ADDRESS)}`
  const socket = new WebSocket(url, [SUBPROTOCOL], { localAddress, perMessageDeflate: false })
  // Nothing is delivered before `bind`.
  const early: Uint8Array[] = []
  let events: TransportEvents | undefined
  socket.on('message', (message: Buffer) => {
    // A beat.
    if (message.length === 0) return
    if (events) events.message(message)
    else early.push(message)
  })
  socket.on('close', (code, reason) => events?.closed(code, reason.toString()))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    // It stays: what goes wrong later is told by `close`.
    socket.on('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      reject(new UpgradeRefused(response))
      socket.terminate()
    })
  })
  return {
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send: (message) => socket.send(message, () => events?.drained()),
    bind(bound) {
      events = bound
      for (const message of early) bound.message(message)
    },
    close: (code, reason) => socket.close(code, reason),
    allowMessageBytes: () => undefined,
    pause: () => socket.pause(),
  }
}
