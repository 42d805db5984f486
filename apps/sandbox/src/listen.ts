/** One HTTP server on loopback, and its end: calls under way may finish within the grace, then every socket closes. */
import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { Env, Hono } from 'hono'
import { closeGraceMs } from './limits.ts'

export type Listening = { url: string; close: () => Promise<void> }

/** @param port 0 for any free one */
export async function listen<E extends Env & { Bindings?: HttpBindings }>(
  app: Hono<E>,
  host: string,
  port: number,
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch as never }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error(`the server on ${host}:${port} has no TCP address`)
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${address.port}`, close: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), closeGraceMs)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
