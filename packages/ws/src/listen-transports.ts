/**
 * An HTTP server whose only purpose is to take upgrades, for a peer that stands alone. A hub shares its own server instead (accept-upgrades.ts).
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AcceptOptions, type Acceptor, acceptUpgrades } from './accept-upgrades.ts'
import { CONNECTIONS_MAX, HEADERS_MS_MAX, UNDECIDED_MAX } from './limits.ts'
import { type Problem, problemBody, problemHeaders } from './problem.ts'

export interface ListenTransportsOptions extends AcceptOptions {
  /** 0 for any free port. */
  port: number
  /** Address to bind. Default 127.0.0.1; `::` for everyone. */
  address?: string
}

export interface TransportListener extends Acceptor {
  /** Where to connect: `ws://address:port/path`. */
  readonly url: string
  readonly port: number
}

/** @throws when the port cannot be bound (the system's error, with its code). */
export async function listenTransports(options: ListenTransportsOptions): Promise<TransportListener> {
  const { port, address = '127.0.0.1', path = '/sync' } = options
  const server = createServer(
    { headersTimeout: HEADERS_MS_MAX, requestTimeout: HEADERS_MS_MAX },
    (_request, response) => {
      const problem: Problem = {
        status: 426,
        code: 'upgrade-required',
        detail: `request without upgrade: only WebSockets are served here, at ${path}`,
      }
      response
        .writeHead(426, { ...problemHeaders(problem), connection: 'close, upgrade' })
        .end(problemBody(problem))
    },
  )
  server.maxConnections = (options.connectionsMax ?? CONNECTIONS_MAX) + UNDECIDED_MAX
  await bound(server, port, address)
  const acceptor = acceptUpgrades(server, options)
  const at = server.address() as AddressInfo
  const hostname = at.family === 'IPv6' ? `[${at.address}]` : at.address
  return {
    port: at.port,
    url: `ws://${hostname}:${at.port}${path}`,
    get connections() {
      return acceptor.connections
    },
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await acceptor.close(graceMs)
      server.closeAllConnections()
      await closed
    },
  }
}

function bound(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
