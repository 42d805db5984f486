/**
 * Two transports joined by two queues: how two replicas meet before they meet on a wire. Nothing is delivered unless flushed, so a test
 * or a simulator decides what arrives, in which turn, and where the link breaks.
 */
import type { Transport, TransportEvents } from './transport.ts'

export type Side = 'initiator' | 'acceptor'

export interface MemoryLink {
  readonly initiator: Transport
  readonly acceptor: Transport
  /** Delivers what waits, oldest first whichever side sent it, up to `n` messages; returns how many. What arises meanwhile waits. */
  flush(n?: number): number
  /** Delivers the oldest message that waits for this side; false when there is none. */
  deliver(to: Side): boolean
  /** Messages on their way, by the side that they go to. */
  pending(): Record<Side, number>
  /** The link breaks: what is on its way is lost, both sides are told in a later microtask. */
  cut(reason?: string): void
  readonly isOpen: boolean
}

/** Close code of a link that broke (RFC 6455, 7.1.5). */
const BROKEN = 1006
const TOO_LARGE = 1009

interface Sent {
  order: number
  /** Absent: the sender closed. */
  message?: Uint8Array
  code: number
  reason: string
}

export function memoryLink(): MemoryLink {
  let sent = 0
  const nextOrder = () => sent++
  const initiator = new MemoryTransport(nextOrder)
  const acceptor = new MemoryTransport(nextOrder)
  initiator.other = acceptor
  acceptor.other = initiator
  const sides: Record<Side, MemoryTransport> = { initiator, acceptor }

  function oldest(): MemoryTransport | undefined {
    return Object.values(sides)
      .filter((side) => side.waiting.length > 0)
      .sort((a, b) => a.waiting[0]!.order - b.waiting[0]!.order)[0]
  }

  return {
    initiator,
    acceptor,
    flush(n = initiator.waiting.length + acceptor.waiting.length) {
      let delivered = 0
      for (let next = oldest(); next !== undefined && delivered < n; next = oldest()) {
        next.deliver()
        delivered += 1
      }
      return delivered
    },
    deliver: (to) => sides[to].deliver(),
    pending: () => ({ initiator: initiator.waiting.length, acceptor: acceptor.waiting.length }),
    cut(reason = 'the link was cut') {
      for (const side of Object.values(sides)) side.finish(BROKEN, reason)
    },
    get isOpen() {
      return !initiator.isFinished && !acceptor.isFinished
    },
  }
}

class MemoryTransport implements Transport {
  other!: MemoryTransport
  waiting: Sent[] = []
  isFinished = false
  #events: TransportEvents | undefined
  #messageBytesMax = Number.POSITIVE_INFINITY
  readonly #nextOrder: () => number

  constructor(nextOrder: () => number) {
    this.#nextOrder = nextOrder
  }

  get bufferedBytes(): number {
    let bytes = 0
    for (const { message } of this.other.waiting) bytes += message?.length ?? 0
    return bytes
  }

  bind(events: TransportEvents): void {
    this.#events = events
  }

  allowMessageBytes(bytesMax: number): void {
    this.#messageBytesMax = bytesMax
  }

  send(message: Uint8Array): void {
    if (this.isFinished || this.other.isFinished) return
    this.other.waiting.push({ order: this.#nextOrder(), message: message.slice(), code: 0, reason: '' })
  }

  /** What was sent before still arrives, then the other side is told. */
  close(code: number, reason: string): void {
    if (this.isFinished) return
    if (!this.other.isFinished) this.other.waiting.push({ order: this.#nextOrder(), code, reason })
    this.finish(code, reason)
  }

  deliver(): boolean {
    const next = this.waiting.shift()
    if (next === undefined) return false
    if (next.message === undefined) this.finish(next.code, next.reason)
    else if (next.message.length > this.#messageBytesMax) this.close(TOO_LARGE, 'message too large')
    else {
      this.#events?.message(next.message)
      this.other.drained()
    }
    return true
  }

  drained(): void {
    if (!this.isFinished) this.#events?.drained()
  }

  finish(code: number, reason: string): void {
    if (this.isFinished) return
    this.isFinished = true
    this.waiting = []
    Promise.resolve().then(() => this.#events?.closed(code, reason))
  }
}
