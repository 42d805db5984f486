/**
 * A transport on a simulated network: below the session, so that what is seen is what real sessions, links and outboxes make of such a line; above the socket, which stays as it is.
 *
 *     session ──send──▶ PacedQueue ──▶ socket's transport
 *     session ◀─message─ PacedQueue ◀── socket's transport        either may end, or be broken here
 */
import { type Host, sessionLimits, type TransportEvents } from '@skerry/core'
import type { WsTransport } from '@skerry/ws/browser'
import { type Pace, PacedQueue } from './paced-queue.ts'

/** First byte of the answer that entries have arrived (core/src/session/MESSAGES.md). */
const ACK = 0x11
const CLOSE_NORMAL = 1000
/** What a browser tells of a line that broke. */
const CLOSE_ABNORMAL = 1006
const CLOSE_TOO_LARGE = 4413

export interface NetworkOfTransport {
  readonly host: Pick<Host, 'now' | 'timer'>
  readonly pace: Pace | undefined
  readonly losesAcks: boolean
  held(): void
  lostAck(): void
  broke(): void
  over(transport: SimulatedTransport): void
}

export class SimulatedTransport implements WsTransport {
  readonly #inner: WsTransport
  readonly #network: NetworkOfTransport
  readonly #up: PacedQueue
  readonly #down: PacedQueue
  #events: TransportEvents | undefined
  #messageBytesMax: number = sessionLimits.HANDSHAKE_MESSAGE_BYTES_MAX
  #end: { code: number; reason: string } | undefined

  constructor(inner: WsTransport, network: NetworkOfTransport) {
    this.#inner = inner
    this.#network = network
    this.#up = new PacedQueue(network.host, network.pace)
    this.#down = new PacedQueue(network.host, network.pace)
    // What the other side may say is judged where it comes out here: on a slow line later than the socket has it.
    inner.allowMessageBytes(sessionLimits.MESSAGE_BYTES_MAX)
  }

  get bufferedBytes(): number {
    return this.#up.bytes + this.#inner.bufferedBytes
  }

  get lastContactAt(): number {
    return this.#inner.lastContactAt
  }

  probe(): void {
    if (!this.#end) this.#inner.probe()
  }

  bind(events: TransportEvents): void {
    this.#events = events
    if (this.#end) events.closed(this.#end.code, this.#end.reason)
    this.#inner.bind({
      message: (bytes) => this.#hold(this.#down, bytes.length, () => this.#message(bytes)),
      drained: () => {
        if (!this.#end) events.drained()
      },
      // Behind what was said before it.
      closed: (code, reason) => this.#down.push({ bytes: 0, out: () => this.#ended(code, reason) }),
    })
  }

  allowMessageBytes(bytesMax: number): void {
    this.#messageBytesMax = Math.min(bytesMax, sessionLimits.MESSAGE_BYTES_MAX)
  }

  send(message: Uint8Array): void {
    if (this.#end) return
    let isHeld = false
    isHeld = this.#hold(this.#up, message.length, () => {
      this.#inner.send(message)
      if (isHeld) this.#events?.drained()
    })
  }

  /** What was said before goes first, at once: nobody waits for a slow line that is given up. */
  close(code: number, reason: string): void {
    if (this.#end) return
    this.#up.flush()
    this.#ended(code, reason)
    this.#inner.close(code, reason)
  }

  /** As when a cable is pulled: what is under way in either direction is lost. */
  break(reason: string): void {
    if (this.#end) return
    this.#network.broke()
    this.#up.clear()
    this.#ended(CLOSE_ABNORMAL, reason)
    this.#inner.close(CLOSE_NORMAL, reason)
  }

  /** The network is another one. */
  repace(): void {
    this.#up.setPace(this.#network.pace)
    this.#down.setPace(this.#network.pace)
  }

  #hold(queue: PacedQueue, bytes: number, out: () => void): boolean {
    const isHeld = queue.push({ bytes, out })
    if (isHeld) this.#network.held()
    return isHeld
  }

  #message(bytes: Uint8Array): void {
    if (this.#end) return
    if (bytes[0] === ACK && this.#network.losesAcks) {
      this.#network.lostAck()
      this.break('the network simulator broke the line as an answer came')
    } else if (bytes.length > this.#messageBytesMax)
      this.close(CLOSE_TOO_LARGE, `a message of ${bytes.length} bytes, limit ${this.#messageBytesMax}`)
    else this.#events?.message(bytes)
  }

  #ended(code: number, reason: string): void {
    if (this.#end) return
    this.#end = { code, reason }
    this.#down.clear()
    this.#network.over(this)
    this.#events?.closed(code, reason)
  }
}
