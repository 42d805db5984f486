/**
 * A session's transport from one of the many addresses of the loopback interface: a hub admits so many sessions of one address, and a crowd in one process is not
 * one office. Nothing is missing from a link but that it comes back.
 */
import type { Transport, TransportEvents } from '@skerry/core'
import { SUBPROTOCOL } from '@skerry/ws'
import { WebSocket } from 'ws'

/** Sessions of one address: half of what a hub admits. */
const PER_ADDRESS = 128

/** `number` of the session; the promise resolves when the WebSocket is open. @throws Error when it is refused */
export async function loopbackTransport(url: string, number: number): Promise<Transport> {
  const localAddress = `127.0.1.${1 + Math.floor(number / PER_ADDRESS)}`
  const socket = new WebSocket(url, [SUBPROTOCOL], { localAddress, perMessageDeflate: false })
  // Nothing is delivered before `bind`.
  const early: Uint8Array[] = []
  let events: TransportEvents | undefined
  socket.on('message', (message: Buffer) => {
    if (events) events.message(message)
    else early.push(message)
  })
  socket.on('close', (code, reason) => events?.closed(code, reason.toString()))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
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
  }
}
