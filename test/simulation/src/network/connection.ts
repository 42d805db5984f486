/**
 * One WebSocket between two processes. Each side hears of its end in its own time: after a cut one side may hold it for alive for the length of its heartbeats, and what
 * was on its way to it still arrives there, also when the other side has long opened a new one.
 */

import type { TransportEvents } from '@skerry/core'
import type { WsTransport } from '@skerry/ws/testing'
import type { Life } from '../machine/life.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { Direction, Line } from './line.ts'
import { type Packet, Pipe } from './pipe.ts'

/** Close codes of RFC 6455, 7.4.1. */
const BROKEN = 1006
const TOO_LARGE = 1009
/** Two heartbeats of @skerry/ws with their jitter: when a side finds out by itself that the other is gone. */
const HEARTBEATS_MS: readonly [number, number] = [30_000, 45_000]
/** A reset is heard as fast as any message. */
const RESET_SHARE = 0.5

/** Hears every message that is delivered. */
export type Tap = (from: string, to: string, message: Uint8Array) => void

export interface ConnectionParts {
  scheduler: Scheduler
  line: Line
  initiator: Party
  acceptor: Party
  tap: Tap
  tamper: (from: string, message: Uint8Array) => readonly Uint8Array[]
}

interface Party {
  name: string
  life: Life
}

export class Connection {
  readonly initiator: End
  readonly acceptor: End
  readonly #scheduler: Scheduler
  readonly #line: Line
  #isCut = false

  constructor({ scheduler, line, initiator, acceptor, tap, tamper }: ConnectionParts) {
    this.#scheduler = scheduler
    this.#line = line
    this.initiator = new End(scheduler, initiator, this)
    this.acceptor = new End(scheduler, acceptor, this)
    this.#join('out', this.initiator, this.acceptor, tap)
    this.#join('back', this.acceptor, this.initiator, tap)
    for (const end of [this.initiator, this.acceptor]) end.tamper = tamper
    line.connections.add(this)
  }

  /** The line changed. A direction that is blocked for longer than the heartbeats ends both sides. */
  changed(): void {
    for (const end of [this.initiator, this.acceptor]) end.sending.changed()
    if (!this.#line.isBlocked) return
    for (const end of [this.initiator, this.acceptor])
      this.#scheduler.after(this.#line.random.between(...HEARTBEATS_MS), () => {
        if (this.#line.isBlocked) end.finish(BROKEN, 'nothing heard')
      })
  }

  /** Nothing is on its way, and both sides agree on whether it is open. */
  get isQuiet(): boolean {
    const isHalfOpen = this.#isCut || this.initiator.isFinished !== this.acceptor.isFinished
    return !isHalfOpen && this.initiator.sending.isEmpty && this.acceptor.sending.isEmpty
  }

  /** All that the initiator sent has come to the acceptor; what a cut swallowed never does, and each side learns of the cut in its own time. */
  get isHeard(): boolean {
    return !this.#isCut && this.initiator.sending.isEmpty
  }

  /** Dies at some byte in each direction. */
  cut(): void {
    if (this.#isCut) return
    this.#isCut = true
    for (const end of [this.initiator, this.acceptor]) {
      end.sending.cut()
      this.#hearsOfEnd(end, 'the connection was reset')
    }
  }

  /** At once, or by its own heartbeats. */
  #hearsOfEnd(end: End, reason: string): void {
    const { random } = this.#line
    const delayMs = random.chance(RESET_SHARE) ? this.#line.delayMs : random.between(...HEARTBEATS_MS)
    this.#scheduler.after(delayMs, () => end.finish(BROKEN, reason))
  }

  #join(direction: Direction, from: End, to: End, tap: Tap): void {
    const { random } = this.#line
    const pipe = new Pipe(this.#scheduler, this.#line, this.#line.flows[direction], {
      arrived: (packet) => {
        if ('bytes' in packet && to.hears) tap(from.party.name, to.party.name, packet.bytes)
        to.receive(packet)
      },
      drained: () => from.drained(),
    })
    from.sending = pipe
    to.receiving = pipe
    from.sent = () => {
      if (random.chance(this.#line.weather.lossShare)) this.cut()
    }
    from.ended = (politely) => {
      if (!politely) this.#hearsOfEnd(to, 'the other side is gone')
      if (this.initiator.isFinished && this.acceptor.isFinished) this.#line.connections.delete(this)
    }
    from.party.life.atDeath(() => {
      pipe.abandon()
      from.finish(BROKEN, 'the process died')
      // Also where it had said goodbye, since that may not have left it.
      this.#hearsOfEnd(to, 'the other side is gone')
    })
  }
}

/** A transport as `@skerry/ws` gives one to a session. */
export class End implements WsTransport {
  readonly connection: Connection
  readonly party: Party
  sending!: Pipe
  receiving!: Pipe
  tamper: ConnectionParts['tamper'] = (_, message) => [message]
  sent: () => void = () => undefined
  ended: (politely: boolean) => void = () => undefined
  isFinished = false
  lastContactAt = 0
  readonly #scheduler: Scheduler
  #events: TransportEvents | undefined
  #early: Packet[] = []
  #messageBytesMax = Number.POSITIVE_INFINITY

  constructor(scheduler: Scheduler, party: Party, connection: Connection) {
    this.#scheduler = scheduler
    this.connection = connection
    this.party = party
  }

  /** Somebody is there. */
  get hears(): boolean {
    return !this.isFinished && this.party.life.isAlive
  }

  get bufferedBytes(): number {
    return this.sending.bufferedBytes
  }

  bind(events: TransportEvents): void {
    this.#events = events
    for (const packet of this.#early.splice(0)) this.receive(packet)
  }

  allowMessageBytes(bytesMax: number): void {
    this.#messageBytesMax = bytesMax
  }

  send(message: Uint8Array): void {
    if (!this.hears) return
    for (const bytes of this.tamper(this.party.name, message.slice())) this.sending.send({ bytes })
    this.sent()
  }

  close(code: number, reason: string): void {
    if (!this.hears) return
    this.sending.send({ code, reason })
    this.finish(code, reason, true)
  }

  /** Heartbeats are the connection's own here. */
  probe(): void {
    this.lastContactAt = this.#scheduler.nowMs
  }

  receive(packet: Packet): void {
    if (!this.hears) return
    if (this.#events === undefined) this.#early.push(packet)
    else if (!('bytes' in packet)) this.finish(packet.code, packet.reason)
    else if (packet.bytes.length > this.#messageBytesMax) this.close(TOO_LARGE, 'message too large')
    else {
      this.lastContactAt = this.#scheduler.nowMs
      this.#events.message(packet.bytes)
    }
  }

  drained(): void {
    if (this.hears) this.#events?.drained()
  }

  /** `politely`: what was sent before still leaves. */
  finish(code: number, reason: string, politely = false): void {
    if (this.isFinished) return
    this.isFinished = true
    this.receiving.end()
    if (!politely) this.sending.abandon()
    this.ended(politely)
    Promise.resolve().then(() => {
      if (this.party.life.isAlive) this.#events?.closed(code, reason)
    })
  }
}
