/** The hub's port: hono's app behind Node's server, with its ceilings set. Sessions are upgraded on the same server by @skerry/ws. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Env } from './api.ts'
import { HubError } from './hub-error.ts'
import { CONNECTIONS_MAX, HEADERS_MS_MAX, REQUEST_MS_MAX } from './limits.ts'

/** Milliseconds between looks for requests that take too long. */
const TIMEOUT_LOOK_MS = 2_000

export function httpServer(app: Hono<Env>): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: TIMEOUT_LOOK_MS,
    },
  }) as Server
  server.maxConnections = CONNECTIONS_MAX
  return server
}

/** Resolves with the address it listens on. @throws HubError `cannot-listen` */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === 'EADDRINUSE' ? 'something listens there already; choose another port' : cause.message
      reject(new HubError('cannot-listen', `listening on ${host} port ${port}: ${hint}`, { cause }))
    }
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      resolve(urlOf(server))
    })
  })
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('a listening TCP server has an address and a port')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

/** Takes no more connections; requests under way are answered. Those that are not done after `graceMs` are cut off. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
