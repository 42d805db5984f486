/**
 * Core's transport over a socket of the `ws` library, either side (T- and H-rules of SPEC.md). Binary messages only, bounded in both
 * directions: nobody can make this process hold more than one allowed message, or more than SEND_BUFFER_HARD_BYTES_MAX that they do not read.
 */
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { CLOSE_PROTOCOL_ERROR, CLOSE_TOO_LARGE, closeCodeHeard, closeReason } from './close-code.ts'
import {
  BUFFERED_CHUNKS_MAX,
  CLOSE_GRACE_MS,
  FRAGMENTS_MAX,
  FRAMING_BYTES_MAX,
  MESSAGE_BYTES_MAX,
} from './limits.ts'
import { BEAT, SocketTransport } from './socket-transport.ts'
import type { HeartbeatOptions, TransportHost } from './transport.ts'
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

export class NodeTransport extends SocketTransport {
  protected readonly socket: WebSocket
  private readonly role: 'initiator' | 'acceptor'
  private readonly unfinished: Unfinished
  private socketError = ''

  /** @param ws open; @param stream the one under it, of which every byte is counted */
  constructor(ws: WebSocket, stream: Duplex, options: NodeTransportOptions) {
    super(options.host, options)
    this.socket = ws
    this.role = options.role
    this.unfinished = new Unfinished(options.role === 'acceptor')
    ws.on('message', (data, isBinary) => this.onMessage(data, isBinary))
    ws.on('ping', (data) => this.unfinished.complete(data.length))
    ws.on('pong', (data) => this.unfinished.complete(data.length))
    ws.on('error', (error) => this.onError(error))
    ws.on('close', (code, reason) => this.onClose(code, reason))
    // After ws has its own listener, so that messages that end in a chunk were told before the chunk is counted.
    stream.on('data', (chunk: Uint8Array) => this.onChunk(chunk.length))
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.socketError = error.code ?? error.message
    })
  }

  /** Destroys the socket now, with whatever is queued. */
  terminate(code: number, reason: string): void {
    this.end(code, reason)
    this.abandon()
  }

  /** ws does not copy what it need not mask. */
  protected override write(message: Uint8Array): void {
    this.socket.send(message, (error) => {
      if (!error) this.inbound.drained()
    })
  }

  /** Reads nothing more. */
  protected override refuse(code: number, reason: string): void {
    super.refuse(code, reason)
    this.socket.pause()
  }

  protected override beat(): void {
    this.socket.ping()
    // A browser answers pings and does not show them; an empty message it can see.
    if (this.role === 'acceptor') this.socket.send(BEAT)
  }

  protected override abandon(): void {
    this.socket.terminate()
  }

  private onChunk(length: number): void {
    this.contact()
    this.unfinished.arrived(length)
    const bytesMax = this.inbound.messageBytesMax
    if (this.inbound.open && this.unfinished.bytes > bytesMax + FRAMING_BYTES_MAX)
      this.refuse(CLOSE_TOO_LARGE, `unfinished message of more than ${bytesMax} bytes`)
  }

  private onMessage(data: RawData, isBinary: boolean): void {
    const bytes = plainBytes(data)
    this.unfinished.complete(bytes.length)
    if (!isBinary) this.refuseText()
    else if (this.inbound.message(bytes)) this.answerBeat()
  }

  /** Only the acceptor answers, and only when nothing is queued that would be a sign of life as well: no echo, no pile. */
  private answerBeat(): void {
    if (this.role === 'acceptor' && this.socket.bufferedAmount === 0) this.socket.send(BEAT)
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
