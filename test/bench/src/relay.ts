/**
 * A line with delay: what comes in on one side goes out on the other so many milliseconds later, and is counted. Round trips are then told by the time that an
 * exchange takes, not by who spoke in between.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Relay {
  /** Bytes from the side that connected, and to it: with HTTP's and WebSocket's own. */
  readonly bytes = { up: 0, down: 0 }
  /**
   * How often the side that connected spoke after it had heard something, no sooner than a round trip after it spoke before: what is said in several pieces counts once.
   */
  exchanges = 0
  #lastWasUp = false
  #exchangeMs = Number.NEGATIVE_INFINITY
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** `to`: a `ws:` URL. `delayMs`: one way. */
  static async start(to: string, delayMs: number): Promise<Relay> {
    const { hostname, port } = new URL(to)
    const server = createServer()
    const relay = new Relay(server)
    server.on('connection', (near) => {
      const far = connect(Number(port), hostname)
      relay.#join(near, far, delayMs, (bytes) => {
        relay.bytes.up += bytes
        relay.#spokeUp(2 * delayMs)
      })
      relay.#join(far, near, delayMs, (bytes) => {
        relay.bytes.down += bytes
        relay.#lastWasUp = false
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return relay
  }

  /** The URL that leads through this line to the path of `to`. */
  urlOf(to: string): string {
    const url = new URL(to)
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #spokeUp(roundTripMs: number): void {
    const nowMs = performance.now()
    // Timers may fire a millisecond early.
    const isLater = nowMs - this.#exchangeMs >= roundTripMs - 2
    if (!this.#lastWasUp && isLater) {
      this.exchanges += 1
      this.#exchangeMs = nowMs
    }
    this.#lastWasUp = true
  }

  #join(from: Socket, to: Socket, delayMs: number, count: (bytes: number) => void): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.on('data', (bytes) => {
      count(bytes.length)
      setTimeout(() => to.write(bytes), delayMs)
    })
    from.once('close', () => {
      this.#sockets.delete(from)
      setTimeout(() => to.destroy(), delayMs)
    })
    // Each side tells of its end by `close`; a reset is one.
    from.on('error', () => undefined)
  }
}
