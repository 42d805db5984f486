/**
 * Pushes of a system: a small server of the adapter's own, bounded in connections, bytes and time, since nobody is believed before the last byte. Whom to believe is the adapter's business;
 * what all of them need for that stands here: texts compared in a time that tells nothing, and pushes that were heard before.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WEBHOOK_CONNECTIONS_MAX, WEBHOOK_IDS_MAX, WEBHOOK_TIMEOUT_MS } from './limits.ts'
import { Bodies } from './push-bodies.ts'

/** A push as it arrived; names of headers in lower case. */
export interface Push {
  method: string
  headers: Readonly<Record<string, string>>
  body: string
}

export interface PushServer {
  /** Where it listens. */
  port: number
  close(): Promise<void>
}

/**
 * @param take answers a push by a status; one that throws is 400
 * @throws Error of the socket when nothing can listen there
 */
export async function listenForPushes(
  { host, port }: { host: string; port: number },
  take: (push: Push) => number,
): Promise<PushServer> {
  const bodies = new Bodies()
  const server = createServer((request, response) => {
    received(request, bodies)
      .then((push) => answer(response, typeof push === 'number' ? push : take(push)))
      .catch(() => answer(response, 400))
  })
  server.requestTimeout = WEBHOOK_TIMEOUT_MS
  server.maxConnections = WEBHOOK_CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) }
}

/** The push, or the status that refuses it. */
async function received(request: IncomingMessage, bodies: Bodies): Promise<Push | number> {
  if (request.method !== 'POST') return 405
  const body = await bodies.read(request)
  if (typeof body === 'number') return body
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return { method: request.method, headers: Object.fromEntries(headers), body }
}

function answer(response: ServerResponse, status: number): void {
  // What was not read to its end is not read on.
  response.writeHead(status, status >= 400 ? { connection: 'close' } : {}).end()
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** What identifies the pushes that were believed, so that each is heard once. Bounded: beyond WEBHOOK_IDS_MAX the oldest are forgotten. */
export class HeardPushes {
  /** Until when each is remembered; the oldest first. */
  readonly #heard = new Map<string, number>()

  /** Remembers it from now on. @param keptMs how long: one from a clock ahead may be repeated for twice as long as a push is young */
  wasHeard(id: string, now: number, keptMs: number): boolean {
    if ((this.#heard.get(id) ?? 0) > now) return true
    this.#heard.delete(id)
    for (const [old, until] of this.#heard) {
      if (until > now && this.#heard.size < WEBHOOK_IDS_MAX) break
      this.#heard.delete(old)
    }
    this.#heard.set(id, now + keptMs)
    return false
  }
}

/** In a time that does not tell how much of it is right. */
export function isSameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
