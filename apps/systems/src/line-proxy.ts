/**
 * A proxy on loopback in front of a server that speaks over plain TCP, with faults on demand: what makes a call doubtful happens on the way. A strike waits for bytes of the client that match, so it can be the COMMIT of a database.
 */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'

/** What becomes of the bytes that matched. */
export type LineFate =
  /** They never arrive; the connection breaks. */
  | { act: 'cut' }
  /** They arrive, and are answered; the answer is lost, and the connection breaks. */
  | { act: 'lose' }
  /** As `lose`, but half of the answer arrives. */
  | { act: 'half' }
  /** They never arrive; these bytes do, and the connection ends. */
  | { act: 'answer'; bytes: Uint8Array }
  /** They never arrive, and nothing is answered. */
  | { act: 'hang' }

interface Strike {
  matches: (sent: string) => boolean
  fate: LineFate
  struck: () => void
}

export class LineProxy {
  readonly port: number
  readonly #server: Server
  readonly #target: { host: string; port: number }
  #strikes: Strike[] = []
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => this.#join(client))
  }

  static start(target: { host: string; port: number }): Promise<LineProxy> {
    const server = createServer()
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => resolve(new LineProxy(server, target)))
    })
  }

  /** The next bytes that match meet this fate, the newest strike first. Resolves when they arrived here. @param matches is given them as latin-1 */
  strike(matches: (sent: string) => boolean, fate: LineFate): Promise<void> {
    return new Promise((struck) => {
      this.#strikes.unshift({ matches, fate, struck })
    })
  }

  /** No bytes are struck any more. */
  calm(): void {
    this.#strikes = []
  }

  /** Breaks every connection there is. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cutAll()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket): void {
    const server = createConnection(this.#target)
    let fate: LineFate | undefined
    const both = [client, server]
    const end = () => {
      for (const socket of both) socket.destroy()
    }
    for (const socket of both) {
      this.#sockets.add(socket)
      // What breaks on one side breaks on the other.
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
    }
    client.on('data', (bytes) => {
      fate ??= this.#fateOf(bytes)
      if (fate?.act === 'cut') end()
      else if (fate?.act === 'answer') client.end(fate.bytes)
      else if (fate?.act !== 'hang') server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (fate?.act === 'half') client.write(bytes.subarray(0, bytes.length >> 1), end)
      else if (fate?.act === 'lose') end()
      else if (fate === undefined) client.write(bytes)
    })
  }

  #fateOf(bytes: Buffer): LineFate | undefined {
    const sent = bytes.toString('latin1')
    const strike = this.#strikes.find(({ matches }) => matches(sent))
    if (!strike) return undefined
    this.#strikes.splice(this.#strikes.indexOf(strike), 1)
    strike.struck()
    return strike.fate
  }
}
