/** The hub's port: hono's app behind Node's server, with its ceilings set. Sessions are upgraded on the same server by @skerry/ws. */
import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Env } from './api.ts'
import { HubError } from './hub-error.ts'
import { CONNECTIONS_MAX, HEADERS_MS_MAX, LISTEN_BACKLOG, REQUEST_MS_MAX } from './limits.ts'

/** Milliseconds between looks for requests that take too long. */
const TIMEOUT_LOOK_MS = 2_000

export function httpServer(app: Pick<Hono<Env>, 'fetch'>): Server {
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
      const advice = listenAdvice[cause.code ?? ''] ?? 'choose another address or port'
      const message = `listening on ${host} port ${port}: ${cause.message}; ${advice}`
      reject(new HubError('cannot-listen', message, { cause }))
    }
    server.once('error', failed)
    server.listen(port, host, LISTEN_BACKLOG, () => {
      server.off('error', failed)
      resolve(urlOf(server))
    })
  })
}

const noSuchHost =
  'no such host; want an address of this machine: 127.0.0.1, or 0.0.0.0 or :: for all of its interfaces'

const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already; choose another port',
  EADDRNOTAVAIL:
    'no interface of this machine has that address; 127.0.0.1 is this machine alone, 0.0.0.0 or :: all of its interfaces',
  ENOTFOUND: noSuchHost,
  EAI_AGAIN: noSuchHost,
  EACCES: 'not allowed; choose a port from 1024 up, and put a proxy in front for 80 and 443',
}

/** Before anything is made that would stay behind. Somebody may still take the port before it is listened on in earnest. @throws HubError `cannot-listen` */
export async function checkAddress(port: number, host: string): Promise<void> {
  const probe = createServer()
  await listen(probe, port, host)
  await closeServer(probe, 0)
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
