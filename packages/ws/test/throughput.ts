/**
 * Megabytes a second of the transport beside plain ws, in one process over loopback, alternating: `node packages/ws/test/throughput.ts`.
 * Frames of 256 KiB, at most 1 MiB queued, as a session sends.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { MESSAGE_BYTES_MAX, SUBPROTOCOL } from '../src/limits.ts'
import { listenTransports } from '../src/listen-transports.ts'
import { nodeDial } from '../src/node-dial.ts'
import type { WsTransport } from '../src/transport.ts'
import { RealHost } from './hosts.ts'

const FRAME_BYTES = 256 * 1024
const FRAMES = 4096
const QUEUED_BYTES_MAX = 1024 * 1024
const ROUNDS = 5

interface Sender {
  readonly bufferedBytes: number
  send(frame: Uint8Array, sent: () => void): void
}

/** Sends FRAMES; `more` is called whenever something was sent. */
function pump(sender: Sender): void {
  let left = FRAMES
  const frame = new Uint8Array(FRAME_BYTES).fill(1)
  const more = (): void => {
    while (left > 0 && sender.bufferedBytes < QUEUED_BYTES_MAX) {
      left -= 1
      sender.send(frame, more)
    }
  }
  more()
}

function speed(startedMs: number): number {
  return (FRAMES * FRAME_BYTES) / 1e6 / ((performance.now() - startedMs) / 1000)
}

async function plain(): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
  })
  const [far] = (await once(server, 'connection')) as [WebSocket]
  await (client.readyState === WebSocket.OPEN || once(client, 'open'))
  let received = 0
  const all = Promise.withResolvers<void>()
  client.on('message', () => {
    received += 1
    if (received === FRAMES) all.resolve()
  })
  const startedMs = performance.now()
  pump({
    get bufferedBytes() {
      return far.bufferedAmount
    },
    send: (frame, sent) => far.send(frame, sent),
  })
  await all.promise
  const result = speed(startedMs)
  client.terminate()
  server.close()
  return result
}

async function transported(): Promise<number> {
  const host = new RealHost()
  const accepted = Promise.withResolvers<WsTransport>()
  const listener = await listenTransports({ host, port: 0, onTransport: accepted.resolve })
  const opened = Promise.withResolvers<WsTransport>()
  nodeDial(host)(listener.url, opened.resolve, opened.reject)
  const [near, far] = await Promise.all([opened.promise, accepted.promise])
  near.allowMessageBytes(MESSAGE_BYTES_MAX)
  let received = 0
  const all = Promise.withResolvers<void>()
  near.bind({
    message: () => {
      received += 1
      if (received === FRAMES) all.resolve()
    },
    drained: () => undefined,
    closed: (code, reason) => all.reject(new Error(`closed ${code} ${reason}`)),
  })
  let more = (): void => undefined
  far.bind({ message: () => undefined, drained: () => more(), closed: () => undefined })
  await new Promise((resolve) => setImmediate(resolve))
  const startedMs = performance.now()
  pump({
    get bufferedBytes() {
      return far.bufferedBytes
    },
    send: (frame, sent) => {
      more = sent
      far.send(frame)
    },
  })
  await all.promise
  const result = speed(startedMs)
  near.close(1000, 'done')
  await listener.close(0)
  return result
}

const results = { plain: [] as number[], transport: [] as number[] }
for (let round = 0; round < ROUNDS; round++) {
  results.plain.push(await plain())
  results.transport.push(await transported())
}
const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const [ws, ours] = [median(results.plain), median(results.transport)]
process.stdout.write(
  `${SUBPROTOCOL}: ${ours.toFixed(0)} MB/s, plain ws: ${ws.toFixed(0)} MB/s, ratio ${(ours / ws).toFixed(2)} ` +
    `(medians of ${ROUNDS}, ${FRAMES} frames of ${FRAME_BYTES / 1024} KiB)\n`,
)
