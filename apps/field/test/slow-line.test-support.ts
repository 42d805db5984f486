/** A line as a valley has it: TCP to the hub at so many bytes a second in each direction, that breaks again and again. Connections share it fairly; what passed is counted. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'

/** Bytes that a connection sends before it is another one's turn: a packet. */
const PACKET_BYTES = 1_400
/** How the connection of a session begins. */
const SESSION_REQUEST = 'GET /sync'

export interface LineState {
  bytesPerSecond: number
  /** Milliseconds after which all connections are reset, again and again. */
  breaksEveryMs?: number
}

type Direction = 'up' | 'down'

export class SlowLine implements AsyncDisposable {
  readonly #server: Server
  readonly #targetPort: number
  readonly #sockets = new Set<Socket>()
  readonly #freeAt = { up: 0, down: 0 }
  /** Bytes that went up: of sessions, and of requests, which are those with photos. */
  readonly sent = { sessions: 0, requests: 0 }
  breaks = 0
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #breaking: NodeJS.Timeout | undefined

  private constructor(server: Server, targetPort: number) {
    this.#server = server
    this.#targetPort = targetPort
    server.on('connection', (client) => this.#join(client))
  }

  static async start(targetPort: number): Promise<SlowLine> {
    const server = createServer()
    const line = new SlowLine(server, targetPort)
    server.listen(0, 'localhost')
    await once(server, 'listening')
    return line
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  set({ bytesPerSecond, breaksEveryMs }: LineState): void {
    this.#bytesPerSecond = bytesPerSecond
    clearInterval(this.#breaking)
    if (breaksEveryMs !== undefined) this.#breaking = setInterval(() => this.break(), breaksEveryMs)
  }

  break(): void {
    this.breaks += 1
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#breaking)
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.break()
    await closed
  }

  #join(client: Socket): void {
    const server = connect(this.#targetPort, 'localhost')
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.setNoDelay()
      // Resets are what this line is for; both ends see one.
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        this.#sockets.delete(one)
      })
    }
    void this.#carry('up', client, server)
    void this.#carry('down', server, client)
  }

  async #carry(direction: Direction, from: Socket, to: Socket): Promise<void> {
    let kind: keyof SlowLine['sent'] | undefined
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        kind ??=
          chunk.toString('latin1', 0, SESSION_REQUEST.length) === SESSION_REQUEST ? 'sessions' : 'requests'
        for (let at = 0; at < chunk.length; at += PACKET_BYTES) {
          const packet = chunk.subarray(at, at + PACKET_BYTES)
          await this.#pass(direction, to, packet)
          if (direction === 'up') this.sent[kind] += packet.length
        }
      }
      to.end()
    } catch {
      // Of a connection that was reset: its other end is told by 'close'.
      to.destroy()
    }
  }

  async #pass(direction: Direction, to: Socket, packet: Buffer): Promise<void> {
    const now = performance.now()
    const sent = Math.max(now, this.#freeAt[direction]) + (1_000 * packet.length) / this.#bytesPerSecond
    this.#freeAt[direction] = sent
    if (sent > now) await after(sent - now)
    if (to.destroyed) throw new Error('the line is broken')
    if (!to.write(packet)) await once(to, 'drain')
  }
}
