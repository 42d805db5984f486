/**
 * The line between a device and its server: it passes every byte on at once and counts. All contenders go through it, so that bytes and messages are measured at the
 * same place, with everything that HTTP and WebSocket add, and what the line itself costs is the same for all.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as elapsed } from 'node:timers/promises'
import { MessageCounter } from './message-counter.ts'

export interface Traffic {
  bytesUp: number
  bytesDown: number
  messagesUp: number
  messagesDown: number
  /** From the first connection to the last byte. */
  ms: number
}

type Direction = 'up' | 'down'

export class CountingLine {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #bytes = { up: 0, down: 0 }
  #counters: Record<Direction, MessageCounter[]> = { up: [], down: [] }
  #firstMs: number | undefined
  #lastMs = performance.now()

  private constructor(server: Server) {
    this.#server = server
  }

  /** `to`: an http: or ws: URL. */
  static async start(to: string): Promise<CountingLine> {
    const { hostname, port } = new URL(to)
    const server = createServer()
    const line = new CountingLine(server)
    server.on('connection', (near) => {
      const far = connect(Number(port), hostname)
      line.#firstMs ??= performance.now()
      line.#join(near, far, 'up')
      line.#join(far, near, 'down')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return line
  }

  /** The URL that leads through this line to the path of `to`. */
  urlOf(to: string): string {
    const url = new URL(to)
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  /** From now on counts anew. */
  reset(): void {
    this.#bytes = { up: 0, down: 0 }
    this.#counters = { up: [], down: [] }
    this.#firstMs = undefined
  }

  get traffic(): Traffic {
    const messages = (direction: Direction) =>
      this.#counters[direction].reduce((sum, counter) => sum + counter.messages, 0)
    return {
      bytesUp: this.#bytes.up,
      bytesDown: this.#bytes.down,
      messagesUp: messages('up'),
      messagesDown: messages('down'),
      ms: this.#firstMs === undefined ? 0 : this.#lastMs - this.#firstMs,
    }
  }

  /** Resolves when nothing went over the line for `quietMs`, or after `limitMs`; tells which. */
  async quiet(quietMs: number, limitMs: number): Promise<boolean> {
    const endMs = performance.now() + limitMs
    let leftMs = quietMs
    while (leftMs > 0 && performance.now() < endMs) {
      await elapsed(leftMs)
      leftMs = this.#lastMs + quietMs - performance.now()
    }
    return leftMs <= 0
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(from: Socket, to: Socket, direction: Direction): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    const counter = new MessageCounter()
    this.#counters[direction].push(counter)
    from.on('data', (bytes: Buffer) => {
      this.#bytes[direction] += bytes.length
      this.#lastMs = performance.now()
      to.write(bytes)
      counter.push(bytes)
    })
    from.once('end', () => to.end())
    from.once('close', () => {
      this.#sockets.delete(from)
      to.destroySoon()
    })
    // Each side tells of its end by `close`; a reset is one.
    from.on('error', () => undefined)
  }
}
