/**
 * Core's transport over the standard WebSocket of browsers (and of Node's global), with nothing imported that a browser has not. The standard
 * shows no pings, no drain event and no part of a message, so (T- and H-rules of SPEC.md): the acceptor beats with empty messages and
 * silence of two beats is the end; `bufferedAmount` is looked at every DRAIN_POLL_MS while something is queued; and a message above
 * the limit is refused when it is here, because the browser holds it by then.
 */
import type { TransportEvents } from '@skerry/core'
import {
  CLOSE_ABNORMAL,
  CLOSE_PROTOCOL_ERROR,
  CLOSE_TOO_MANY,
  closeCodeHeard,
  closeReason,
} from './close-code.ts'
import { Heartbeat } from './heartbeat.ts'
import { Inbound } from './inbound.ts'
import { DRAIN_POLL_MS, SEND_BUFFER_HARD_BYTES_MAX } from './limits.ts'
import type { HeartbeatOptions, TransportHost, WsTransport } from './transport.ts'

/** What is used of the standard WebSocket (https://websockets.spec.whatwg.org/). */
export interface StandardWebSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  onopen: ((event: never) => unknown) | null
  onmessage: ((event: never) => unknown) | null
  onerror: ((event: never) => unknown) | null
  onclose: ((event: never) => unknown) | null
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
}

export interface BrowserTransportOptions extends HeartbeatOptions {
  host: TransportHost
  /** Called instead of waiting for a closing handshake that will not come, when the other side fell silent. */
  onSilence?: () => void
}

const BEAT = new Uint8Array(0)

export class BrowserTransport implements WsTransport {
  lastContactAt: number
  private readonly socket: StandardWebSocket
  private readonly host: TransportHost
  private readonly inbound: Inbound
  private readonly heartbeat: Heartbeat
  private readonly onSilence: (() => void) | undefined
  private probing = false
  private drainSeenBytes = 0
  private cancelDrainPoll: (() => void) | undefined

  /** @param socket open */
  constructor(socket: StandardWebSocket, options: BrowserTransportOptions) {
    this.socket = socket
    this.host = options.host
    this.onSilence = options.onSilence
    this.lastContactAt = options.host.now()
    this.inbound = new Inbound((code, reason) => this.close(code, reason))
    this.heartbeat = new Heartbeat(options.host, options, {
      beat: () => this.beat(),
      dead: (missed) => this.dead(missed),
    })
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event: { data: unknown }) => this.onMessage(event.data)
    socket.onclose = (event: { code: number; reason: string }) =>
      this.end(closeCodeHeard(event.code), event.reason)
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

  send(message: Uint8Array): void {
    if (!this.inbound.open) return
    const buffered = this.socket.bufferedAmount + message.length
    if (buffered > SEND_BUFFER_HARD_BYTES_MAX) {
      this.close(
        CLOSE_TOO_MANY,
        `slow reader: ${buffered} bytes queued, at most ${SEND_BUFFER_HARD_BYTES_MAX}`,
      )
      return
    }
    // The standard refuses views of shared memory only, which nothing here makes.
    this.socket.send(message as Uint8Array<ArrayBuffer>)
    this.drainSeenBytes = this.socket.bufferedAmount
    this.cancelDrainPoll ??= this.pollDrain()
  }

  close(code: number, reason: string): void {
    if (!this.inbound.open) return
    const cut = closeReason(reason)
    this.end(code, cut)
    this.socket.close(code, cut)
  }

  /** Sends a beat, which the acceptor answers. Behind a queue the answer would take as long as the queue, so then the beats decide alone. */
  probe(): void {
    if (!this.inbound.open || this.socket.bufferedAmount > 0) return
    this.probing = true
    this.heartbeat.probe()
  }

  private end(code: number, reason: string): void {
    this.heartbeat.stop()
    this.cancelDrainPoll?.()
    this.inbound.end(code, reason)
  }

  /** The acceptor beats by itself; only a probe asks. */
  private beat(): void {
    if (this.probing) this.socket.send(BEAT)
    this.probing = false
  }

  private dead(missed: number): void {
    this.end(CLOSE_ABNORMAL, `no sign of life in ${missed} heartbeats`)
    this.socket.close()
    this.onSilence?.()
  }

  private onMessage(data: unknown): void {
    this.lastContactAt = this.host.now()
    this.heartbeat.contact()
    if (data instanceof ArrayBuffer) this.inbound.message(new Uint8Array(data))
    else this.close(CLOSE_PROTOCOL_ERROR, 'text message: only binary messages are spoken here')
  }

  private pollDrain(): () => void {
    return this.host.timer(DRAIN_POLL_MS, () => {
      const bytes = this.socket.bufferedAmount
      const fell = bytes < this.drainSeenBytes || bytes === 0
      this.drainSeenBytes = bytes
      this.cancelDrainPoll = bytes > 0 ? this.pollDrain() : undefined
      if (fell) this.inbound.drained()
    })
  }
}
