/**
 * Core's transport over the standard WebSocket of browsers (and of Node's global), with nothing imported that a browser has not. The standard
 * shows no pings, no drain event and no part of a message, so (T- and H-rules of SPEC.md): the acceptor beats with empty messages and
 * silence of two beats is the end; `bufferedAmount` is looked at every DRAIN_POLL_MS while something is queued; and a message above
 * the limit is refused when it is here, because the browser holds it by then.
 */
import { closeCodeHeard } from './close-code.ts'
import { DRAIN_POLL_MS } from './limits.ts'
import { BEAT, SocketTransport } from './socket-transport.ts'
import type { HeartbeatOptions, TransportHost } from './transport.ts'

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

export class BrowserTransport extends SocketTransport {
  protected readonly socket: StandardWebSocket
  private readonly onSilence: (() => void) | undefined
  private probing = false
  private drainSeenBytes = 0
  private cancelDrainPoll: (() => void) | undefined

  /** @param socket open */
  constructor(socket: StandardWebSocket, options: BrowserTransportOptions) {
    super(options.host, options)
    this.socket = socket
    this.onSilence = options.onSilence
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event: { data: unknown }) => this.onMessage(event.data)
    socket.onclose = (event: { code: number; reason: string }) =>
      this.end(closeCodeHeard(event.code), event.reason)
  }

  /** Sends a beat, which the acceptor answers. Behind a queue the answer would take as long as the queue, so then the beats decide alone. */
  override probe(): void {
    if (this.socket.bufferedAmount > 0) return
    this.probing = true
    super.probe()
  }

  protected override write(message: Uint8Array): void {
    // The standard refuses views of shared memory only, which nothing here makes.
    this.socket.send(message as Uint8Array<ArrayBuffer>)
    this.drainSeenBytes = this.socket.bufferedAmount
    this.cancelDrainPoll ??= this.pollDrain()
  }

  protected override end(code: number, reason: string): void {
    this.cancelDrainPoll?.()
    super.end(code, reason)
  }

  /** The acceptor beats by itself; only a probe asks. */
  protected override beat(): void {
    if (this.probing) this.socket.send(BEAT)
    this.probing = false
  }

  protected override abandon(): void {
    this.socket.close()
    this.onSilence?.()
  }

  private onMessage(data: unknown): void {
    this.contact()
    if (data instanceof ArrayBuffer) this.inbound.message(new Uint8Array(data))
    else this.refuseText()
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
