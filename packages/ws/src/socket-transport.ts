/**
 * What both WebSocket transports do alike (T- and H-rules of SPEC.md): a bound on what is queued for a slow reader, one end, and signs of life. What
 * differs is how a message is written, what a beat is, and how a socket is left that no longer answers.
 */
import type { TransportEvents } from '@skerry/core'
import { CLOSE_ABNORMAL, CLOSE_PROTOCOL_ERROR, CLOSE_TOO_MANY, closeReason } from './close-code.ts'
import { Heartbeat } from './heartbeat.ts'
import { Inbound } from './inbound.ts'
import { SEND_BUFFER_HARD_BYTES_MAX } from './limits.ts'
import type { HeartbeatOptions, TransportHost, WsTransport } from './transport.ts'

/** An empty message: a sign of life that a browser can see, and no session. */
export const BEAT = new Uint8Array(0)

export abstract class SocketTransport implements WsTransport {
  lastContactAt: number
  protected readonly host: TransportHost
  protected readonly inbound: Inbound
  protected readonly heartbeat: Heartbeat
  protected abstract readonly socket: {
    readonly bufferedAmount: number
    close(code: number, reason: string): void
  }

  constructor(host: TransportHost, options: HeartbeatOptions) {
    this.host = host
    this.lastContactAt = host.now()
    this.inbound = new Inbound((code, reason) => this.refuse(code, reason))
    this.heartbeat = new Heartbeat(host, options, {
      beat: () => this.beat(),
      dead: (missed) => {
        this.end(CLOSE_ABNORMAL, `no sign of life in ${missed} heartbeats`)
        this.abandon()
      },
    })
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount
  }

  bind(events: TransportEvents): void {
    this.inbound.bind(events)
  }

  allowMessageBytes(bytesMax: number): void {
    this.inbound.allow(bytesMax)
  }

  /** `message` belongs to the transport until it is sent. */
  send(message: Uint8Array): void {
    if (!this.inbound.open) return
    const buffered = this.socket.bufferedAmount + message.length
    if (buffered > SEND_BUFFER_HARD_BYTES_MAX)
      this.close(
        CLOSE_TOO_MANY,
        `slow reader: ${buffered} bytes queued, at most ${SEND_BUFFER_HARD_BYTES_MAX}`,
      )
    else this.write(message)
  }

  close(code: number, reason: string): void {
    if (!this.inbound.open) return
    const cut = closeReason(reason)
    this.end(code, cut)
    this.socket.close(code, cut)
  }

  probe(): void {
    if (this.inbound.open) this.heartbeat.probe()
  }

  protected contact(): void {
    this.lastContactAt = this.host.now()
    this.heartbeat.contact()
  }

  protected end(code: number, reason: string): void {
    this.heartbeat.stop()
    this.inbound.end(code, reason)
  }

  /** The other side does not keep to the limits. */
  protected refuse(code: number, reason: string): void {
    this.close(code, reason)
  }

  protected refuseText(): void {
    this.refuse(CLOSE_PROTOCOL_ERROR, 'text message: only binary messages are spoken here')
  }

  protected abstract write(message: Uint8Array): void
  protected abstract beat(): void
  /** The end was told; the socket is left without waiting for an answer. */
  protected abstract abandon(): void
}
