/** A line that breaks: TCP to a target that may change, cut after so many bytes of a direction, or slow. Bytes are counted, so that a test can tell going on from beginning anew. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Direction = 'up' | 'down'

export class CuttingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #targetPort: () => number
  readonly passed = { up: 0, down: 0 }
  connections = 0
  /** Bytes of a direction after which a connection from now on is reset; undefined: never. */
  cutAfter: (() => { direction: Direction; bytes: number } | undefined) | undefined
  /** Milliseconds that each chunk going up is held. */
  holdMs = 0

  private constructor(server: Server, targetPort: () => number) {
    this.#server = server
    this.#targetPort = targetPort
    server.on('connection', (client) => this.#join(client))
  }

  static async start(targetPort: () => number): Promise<CuttingProxy> {
    const server = createServer()
    const proxy = new CuttingProxy(server, targetPort)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.cutAll()
    await closed
  }

  #join(client: Socket): void {
    this.connections += 1
    const server = connect(this.#targetPort(), '127.0.0.1')
    const cut = this.cutAfter?.()
    this.#pipe('up', client, server, cut)
    this.#pipe('down', server, client, cut)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        this.#sockets.delete(one)
      })
    }
  }

  #pipe(
    direction: Direction,
    from: Socket,
    to: Socket,
    cut: { direction: Direction; bytes: number } | undefined,
  ): void {
    let left = cut?.direction === direction ? cut.bytes : Number.MAX_SAFE_INTEGER
    from.on('data', (chunk: Buffer) => {
      const passing = chunk.subarray(0, left)
      left -= passing.length
      this.passed[direction] += passing.length
      const forward = () => {
        if (!to.destroyed) to.write(passing)
        if (left > 0) return
        from.resetAndDestroy()
        to.destroySoon()
      }
      if (direction === 'up' && this.holdMs > 0) {
        from.pause()
        setTimeout(() => {
          forward()
          from.resume()
        }, this.holdMs)
      } else forward()
    })
    from.on('end', () => to.end())
  }
}
