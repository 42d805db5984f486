/** A clock that a test moves, and a line whose other end is the test. */
import type { TransportEvents } from '@skerry/core'
import type { Dial, LinkError, WsTransport } from '@skerry/ws/browser'

export class HandClock {
  #now = 1_000_000
  #timers: { at: number; run: () => void }[] = []

  now = () => this.#now

  timer = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  /** Runs what is due on the way, oldest first. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = until
  }
}

export class FakeSocket implements WsTransport {
  readonly sent: Uint8Array[] = []
  readonly closes: [code: number, reason: string][] = []
  events!: TransportEvents
  bufferedBytes = 0
  lastContactAt = 5
  allowed = 0
  probes = 0

  send(message: Uint8Array): void {
    this.sent.push(message)
  }

  bind(events: TransportEvents): void {
    this.events = events
  }

  close(code: number, reason: string): void {
    this.closes.push([code, reason])
    this.events?.closed(code, reason)
  }

  allowMessageBytes(bytesMax: number): void {
    this.allowed = bytesMax
  }

  probe(): void {
    this.probes += 1
  }
}

/** What a session would hear. */
class Heard implements TransportEvents {
  readonly messages: Uint8Array[] = []
  readonly ends: [code: number, reason: string][] = []
  drains = 0

  message(bytes: Uint8Array): void {
    this.messages.push(bytes)
  }

  drained(): void {
    this.drains += 1
  }

  closed(code: number, reason: string): void {
    this.ends.push([code, reason])
  }
}

/** Dials through `through`; what becomes of it is here. */
export class FakeLink {
  readonly sockets: FakeSocket[] = []
  readonly failures: LinkError[] = []
  transport: WsTransport | undefined
  heard = new Heard()
  abort: () => void
  /** Attempts at the dialler below. */
  attempts = 0
  aborted = 0

  constructor(through: (dial: Dial) => Dial, opensAtOnce = true) {
    const below: Dial = (_url, opened) => {
      this.attempts += 1
      const socket = new FakeSocket()
      this.sockets.push(socket)
      if (opensAtOnce) opened(socket)
      return {
        abort: () => {
          this.aborted += 1
        },
      }
    }
    const dialled = through(below)(
      'ws://hub/sync',
      (transport) => {
        this.transport = transport
        transport.bind(this.heard)
        transport.allowMessageBytes(1_000)
      },
      (error) => this.failures.push(error),
    )
    this.abort = dialled.abort
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!
  }
}
