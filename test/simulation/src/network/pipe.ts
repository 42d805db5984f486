/**
 * One direction of one connection: whole messages in order, or none. What was sent waits at the sender while the line is clogged or slow (`bufferedBytes`), flies for the line's
 * delay, and waits at the receiver's door while the direction is blocked. When the connection dies at some byte, the message with that byte and all behind it are lost.
 */
import type { Scheduler } from '../machine/scheduler.ts'
import type { Flow, Line } from './line.ts'

/** A message, or the sender's goodbye. */
export type Packet = { bytes: Uint8Array } | { code: number; reason: string }

export interface PipeEnds {
  /** At the receiver. */
  arrived(packet: Packet): void
  /** At the sender: `bufferedBytes` fell. */
  drained(): void
}

export class Pipe {
  readonly #scheduler: Scheduler
  readonly #line: Line
  readonly #flow: Flow
  readonly #ends: PipeEnds
  readonly #waiting: Packet[] = []
  #flying: Packet[] = []
  readonly #atDoor: Packet[] = []
  #lastArrivalMs = 0
  #leaving = false
  #isDead = false
  bufferedBytes = 0

  constructor(scheduler: Scheduler, line: Line, flow: Flow, ends: PipeEnds) {
    this.#scheduler = scheduler
    this.#line = line
    this.#flow = flow
    this.#ends = ends
  }

  get isEmpty(): boolean {
    return this.#waiting.length + this.#flying.length + this.#atDoor.length === 0
  }

  send(packet: Packet): void {
    if (this.#isDead) return
    if (
      this.#waiting.length === 0 &&
      !this.#flow.isClogged &&
      this.#line.weather.bytesPerMs === Number.POSITIVE_INFINITY
    ) {
      this.#fly(packet)
      return
    }
    this.#waiting.push(packet)
    this.bufferedBytes += lengthOf(packet)
    this.#leave()
  }

  /** The direction was blocked or clogged, or is free again. */
  changed(): void {
    while (!this.#flow.isBlocked && this.#atDoor.length > 0) this.#ends.arrived(this.#atDoor.shift()!)
    this.#leave()
  }

  /** The sender is gone: what had not left it is lost, what flies arrives. */
  abandon(): void {
    this.#waiting.length = 0
    this.bufferedBytes = 0
  }

  /** The connection dies at some byte of what is under way. */
  cut(): void {
    const { random } = this.#line
    const total = this.#flying.reduce((sum, packet) => sum + lengthOf(packet), 0)
    let left = random.below(total + 1)
    const whole = this.#flying.findIndex((packet) => {
      left -= lengthOf(packet)
      return left < 0
    })
    if (whole >= 0) this.#flying = this.#flying.slice(0, whole)
    this.abandon()
    this.#isDead = true
  }

  /** Nothing arrives any more: the receiver has closed. */
  end(): void {
    this.abandon()
    this.#flying = []
    this.#atDoor.length = 0
    this.#isDead = true
  }

  #leave(): void {
    if (this.#leaving || this.#flow.isClogged) return
    const packet = this.#waiting[0]
    if (packet === undefined) return
    this.#leaving = true
    this.#scheduler.after(lengthOf(packet) / this.#line.weather.bytesPerMs, () => {
      this.#leaving = false
      if (this.#waiting[0] !== packet) return
      if (this.#flow.isClogged) return
      this.#waiting.shift()
      this.bufferedBytes -= lengthOf(packet)
      this.#fly(packet)
      this.#ends.drained()
      this.#leave()
    })
  }

  #fly(packet: Packet): void {
    const { nowMs } = this.#scheduler
    this.#flying.push(packet)
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, nowMs + this.#line.delayMs)
    this.#scheduler.at(this.#lastArrivalMs, () => this.#arrive(packet))
  }

  #arrive(packet: Packet): void {
    if (this.#flying[0] !== packet) return
    this.#flying.shift()
    if (this.#flow.isBlocked || this.#atDoor.length > 0) this.#atDoor.push(packet)
    else this.#ends.arrived(packet)
  }
}

function lengthOf(packet: Packet): number {
  return 'bytes' in packet ? packet.bytes.length : 0
}
