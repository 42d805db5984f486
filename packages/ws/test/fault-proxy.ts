/**
 * A TCP proxy inside the test process that does to a connection what bad lines do: cuts it at a byte, resets it, holds back one direction, swallows it,
 * delays it, lets it through slowly. `up` is from client to server.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Direction = 'up' | 'down'

export interface Faults {
  /** Reset both sides once this many bytes went that way. */
  resetAfterBytes?: { direction: Direction; bytes: number }
  /** Hold each chunk this long. */
  delayMs?: number
}

interface Pair {
  client: Socket
  server: Socket
  passed: Record<Direction, number>
}

export class FaultProxy {
  private readonly listener: Server
  private readonly targetPort: number
  private readonly pairs = new Set<Pair>()
  private readonly stalled = new Set<Direction>()
  private readonly swallowed = new Set<Direction>()
  private resumes: Array<() => void> = []
  /** For connections from now on. */
  faults: Faults = {}
  accepted = 0

  private constructor(listener: Server, targetPort: number) {
    this.listener = listener
    this.targetPort = targetPort
    listener.on('connection', (client) => this.join(client))
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const listener = createServer()
    const proxy = new FaultProxy(listener, targetPort)
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port
  }

  url(path = '/sync'): string {
    return `ws://127.0.0.1:${this.port}${path}`
  }

  /** Bytes of that direction stay here (and fill the sender's buffers) until `flow`. */
  stall(direction: Direction): void {
    this.stalled.add(direction)
  }

  flow(): void {
    this.stalled.clear()
    const resumes = this.resumes
    this.resumes = []
    for (const resume of resumes) resume()
  }

  /** Bytes of that direction are lost while the sender believes them delivered: a peer that vanished without FIN. */
  swallow(direction: Direction): void {
    this.swallowed.add(direction)
  }

  /** What vanished is back; new connections are whole. */
  heal(): void {
    this.swallowed.clear()
  }

  resetAll(): void {
    for (const { client, server } of this.pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()))
    this.resetAll()
    await closed
  }

  private join(client: Socket): void {
    this.accepted += 1
    const server = connect(this.targetPort, '127.0.0.1')
    const pair: Pair = { client, server, passed: { up: 0, down: 0 } }
    this.pairs.add(pair)
    const { faults } = this
    this.pipe(pair, 'up', faults)
    this.pipe(pair, 'down', faults)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay()
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        this.pairs.delete(pair)
      })
    }
  }

  private pipe(pair: Pair, direction: Direction, faults: Faults): void {
    const [from, to] = direction === 'up' ? [pair.client, pair.server] : [pair.server, pair.client]
    from.on('data', (chunk: Buffer) => {
      if (this.swallowed.has(direction)) return
      const room = this.room(pair, direction, faults)
      const passing = chunk.subarray(0, room)
      pair.passed[direction] += passing.length
      const forward = (): void => {
        if (!to.destroyed && !to.write(passing)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
        if (room < chunk.length) this.cut(pair)
      }
      if (this.stalled.has(direction)) {
        from.pause()
        this.resumes.push(() => {
          forward()
          from.resume()
        })
      } else if (faults.delayMs) setTimeout(forward, faults.delayMs)
      else forward()
    })
    from.on('end', () => to.end())
  }

  private room(pair: Pair, direction: Direction, faults: Faults): number {
    const limit = faults.resetAfterBytes
    return limit?.direction === direction
      ? Math.max(0, limit.bytes - pair.passed[direction])
      : Number.MAX_SAFE_INTEGER
  }

  /** Both sides see a reset; of the last bytes before it some may be lost, as on a real line. */
  private cut(pair: Pair): void {
    pair.client.resetAndDestroy()
    pair.server.resetAndDestroy()
  }
}
