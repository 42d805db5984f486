/** Who can reach whom: lines between machines, and connections opened over them, as @skerry/ws dials. */
import type { Transport } from '@skerry/core'
import { type Dial, LinkError } from '@skerry/ws/testing'
import type { Life } from '../machine/life.ts'
import type { Random } from '../machine/random.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import { Connection, type Tap } from './connection.ts'
import { calm, Line, type Weather } from './line.ts'

/** After this long without an answer a dial gives up, as in @skerry/ws. */
const CONNECT_MS_MAX = 10_000

/** A process that takes connections. */
export interface Listener {
  life: Life
  accept(transport: Transport, from: string): void
}

export interface NetworkParts {
  scheduler: Scheduler
  randomOf: (name: string) => Random
  weatherOf: (name: string) => Weather
  tap: Tap
  /** What leaves a machine in place of a message. */
  tamper: (from: string, message: Uint8Array) => readonly Uint8Array[]
}

export class Network {
  readonly #parts: NetworkParts
  readonly #lines = new Map<string, Line>()
  readonly #listeners = new Map<string, Listener>()
  messages = 0
  #isCalm = false

  constructor(parts: NetworkParts) {
    this.#parts = parts
  }

  get lines(): Iterable<Line> {
    return this.#lines.values()
  }

  /** Nothing is on its way anywhere. */
  get isQuiet(): boolean {
    for (const line of this.#lines.values())
      for (const connection of line.connections) if (!connection.isQuiet) return false
    return true
  }

  line(from: string, to: string): Line {
    const name = `${from}-${to}`
    const known = this.#lines.get(name)
    if (known) return known
    const { scheduler, randomOf, weatherOf } = this.#parts
    const line = new Line(scheduler, randomOf(name), this.#isCalm ? calm : weatherOf(name))
    this.#lines.set(name, line)
    return line
  }

  /** Lines that are used for the first time from now on have no faults either. */
  calmDown(): void {
    this.#isCalm = true
  }

  listen(name: string, listener: Listener): void {
    this.#listeners.set(name, listener)
  }

  /** Lines at one machine. */
  linesAt(name: string): Line[] {
    return [...this.#lines].filter(([ends]) => ends.split('-').includes(name)).map(([, line]) => line)
  }

  dial(from: { name: string; life: Life }): Dial {
    const { scheduler } = this.#parts
    return (to, opened, failed) => {
      const line = this.line(from.name, to)
      const delayMs = line.isBlocked ? CONNECT_MS_MAX : 2 * line.delayMs
      const cancel = from.life.timer(delayMs, () => {
        const listener = this.#listeners.get(to)
        if (line.isBlocked) failed(new LinkError('connect-timeout', `no answer from ${to}`))
        else if (!listener?.life.isAlive) failed(new LinkError('connection-refused', `${to} is down`))
        else {
          const acceptor = { name: to, life: listener.life }
          const tap: Tap = (sender, receiver, message) => {
            this.messages += 1
            this.#parts.tap(sender, receiver, message)
          }
          const { tamper } = this.#parts
          const connection = new Connection({ scheduler, line, initiator: from, acceptor, tap, tamper })
          listener.accept(connection.acceptor, from.name)
          opened(connection.initiator)
        }
      })
      return { abort: cancel }
    }
  }
}
