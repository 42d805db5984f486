/**
 * Core's transport over a socket of the `ws` library, either side (T- and H-rules of SPEC.md). Binary messages only, bounded in both
 * directions: nobody can make this process hold more than one allowed message, or more than SEND_BUFFER_HARD_BYTES_MAX that they do not read.
 */
import type { Duplex } from 'node:stream'
import type { TransportEvents } from '@skerry/core'
import type { RawData, WebSocket } from 'ws'
import {
  CLOSE_ABNORMAL,
  CLOSE_PROTOCOL_ERROR,
  CLOSE_TOO_LARGE,
  CLOSE_TOO_MANY,
  closeCodeHeard,
  closeReason,
} from './close-code.ts'
import { Heartbeat } from './heartbeat.ts'
import { Inbound } from './inbound.ts'
import {
  BUFFERED_CHUNKS_MAX,
  CLOSE_GRACE_MS,
  FRAGMENTS_MAX,
  FRAMING_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  SEND_BUFFER_HARD_BYTES_MAX,
} from './limits.ts'
import type { HeartbeatOptions, TransportHost, WsTransport } from './transport.ts'
import { Unfinished } from './unfinished.ts'

/** Options of every ws socket here, both sides. No compression: a session deflates whole frames itself, with a bound. */
export const WS_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MESSAGE_BYTES_MAX,
  maxFragments: FRAGMENTS_MAX,
  maxBufferedChunks: BUFFERED_CHUNKS_MAX,
  closeTimeout: CLOSE_GRACE_MS,
} as const

export interface NodeTransportOptions extends HeartbeatOptions {
  host: TransportHost
  role: 'initiator' | 'acceptor'
}

const BEAT = new Uint8Array(0)

export class NodeTransport implements WsTransport {
  lastContactAt: number
  private readonly ws: WebSocket
  private readonly host: TransportHost
  private readonly role: 'initiator' | 'acceptor'
  private readonly inbound: Inbound
  private readonly unfinished: Unfinished
  private readonly heartbeat: Heartbeat
  private socketError = ''

  /** @param ws open; @param socket the stream under it, of which every byte is counted */
  constructor(ws: WebSocket, socket: Duplex, options: NodeTransportOptions) {
    this.ws = ws
    this.host = options.host
    this.role = options.role
    this.lastContactAt = options.host.now()
    this.inbound = new Inbound((code, reason) => this.refuse(code, reason))
    this.unfinished = new Unfinished(options.role === 'acceptor')
    this.heartbeat = new Heartbeat(options.host, options, {
      beat: () => this.beat(),
      dead: (missed) => this.dead(missed),
    })
    ws.on('message', (data, isBinary) => this.onMessage(data, isBinary))
    ws.on('ping', (data) => this.unfinished.complete(data.length))
    ws.on('pong', (data) => this.unfinished.complete(data.length))
    ws.on('error', (error) => this.onError(error))
    ws.on('close', (code, reason) => this.onClose(code, reason))
    // After ws has its own listener, so that messages that end in a chunk were told before the chunk is counted.
    socket.on('data', (chunk: Uint8Array) => this.onChunk(chunk.length))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.socketError = error.code ?? error.message
    })
  }

  get bufferedBytes(): number {
    return this.ws.bufferedAmount
  }

  bind(events: TransportEvents): void {
    this.inbound.bind(events)
  }

  allowMessageBytes(bytesMax: number): void {
    this.inbound.allow(bytesMax)
  }

  /** `message` belongs to the transport until it is sent: ws does not copy what it need not mask. */
  send(message: Uint8Array): void {
    if (!this.inbound.open) return
    const buffered = this.ws.bufferedAmount + message.length
    if (buffered > SEND_BUFFER_HARD_BYTES_MAX) {
      this.close(
        CLOSE_TOO_MANY,
        `slow reader: ${buffered} bytes queued, at most ${SEND_BUFFER_HARD_BYTES_MAX}`,
      )
      return
    }
    this.ws.send(message, (error) => {
      if (!error) this.inbound.drained()
    })
  }

  close(code: number, reason: string): void {
    if (!this.inbound.open) return
    const cut = closeReason(reason)
    this.end(code, cut)
    this.ws.close(code, cut)
  }

  probe(): void {
    if (this.inbound.open) this.heartbeat.probe()
  }

  /** Destroys the socket now, with whatever is queued. */
  terminate(code: number, reason: string): void {
    this.end(code, reason)
    this.ws.terminate()
  }

  private end(code: number, reason: string): void {
    this.heartbeat.stop()
    this.inbound.end(code, reason)
  }

  /** Close, and read nothing more from someone who does not keep to the limits. */
  private refuse(code: number, reason: string): void {
    this.close(code, reason)
    this.ws.pause()
  }

  private beat(): void {
    this.ws.ping()
    // A browser answers pings and does not show them; an empty message it can see.
    if (this.role === 'acceptor') this.ws.send(BEAT)
  }

  private dead(missed: number): void {
    this.terminate(CLOSE_ABNORMAL, `no sign of life in ${missed} heartbeats`)
  }

  private onChunk(length: number): void {
    this.lastContactAt = this.host.now()
    this.heartbeat.contact()
    this.unfinished.arrived(length)
    const bytesMax = this.inbound.messageBytesMax
    if (this.inbound.open && this.unfinished.bytes > bytesMax + FRAMING_BYTES_MAX)
      this.refuse(CLOSE_TOO_LARGE, `unfinished message of more than ${bytesMax} bytes`)
  }

  private onMessage(data: RawData, isBinary: boolean): void {
    const bytes = plainBytes(data)
    this.unfinished.complete(bytes.length)
    if (!isBinary) this.refuse(CLOSE_PROTOCOL_ERROR, 'text message: only binary messages are spoken here')
    else if (this.inbound.message(bytes)) this.answerBeat()
  }

  /** Only the acceptor answers, and only when nothing is queued that would be a sign of life as well: no echo, no pile. */
  private answerBeat(): void {
    if (this.role === 'acceptor' && this.ws.bufferedAmount === 0) this.ws.send(BEAT)
  }

  private onError(error: Error & { code?: string }): void {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      this.end(CLOSE_TOO_LARGE, `message of more than ${MESSAGE_BYTES_MAX} bytes`)
    else if (error.code?.startsWith('WS_ERR_')) this.end(CLOSE_PROTOCOL_ERROR, closeReason(error.message))
    else this.socketError = error.code ?? error.message
  }

  private onClose(code: number, reason: Buffer): void {
    this.end(closeCodeHeard(code), reason.toString() || this.socketError)
  }
}

/** A plain view: `Buffer.prototype.slice` does not copy, and that surprises whoever expects a Uint8Array. */
function plainBytes(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  const buffer = Array.isArray(data) ? Buffer.concat(data) : data
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
