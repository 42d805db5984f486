/**
 * Pushes: a small server of its own, registered with the system, that believes nobody without a good signature (webhook-schemes.ts). A webhook is a hint and no more, so it is answered as soon as it
 * is read; what is lost here the next poll finds.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Call, Hint } from '@skerry/bridge'
import * as z from 'zod'
import type { Client } from './client.ts'
import type { WebhookConfig } from './config-webhook.ts'
import { hintsOf } from './hints.ts'
import { WEBHOOK_CONNECTIONS_MAX, WEBHOOK_TIMEOUT_MS } from './limits.ts'
import { Bodies } from './webhook-bodies.ts'
import { PushCheck } from './webhook-schemes.ts'

export interface Receiving {
  client: Client
  webhook: WebhookConfig
  onHint: (hint: Hint) => void
  call: Call
}

/** The system would not register us, or nothing can listen there. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code = 'webhook'
}

const registeredSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  secret: z.string().optional(),
})

/** Resolves once the system knows where to call. @throws WebhookError */
export async function receiveWebhooks({
  client,
  webhook,
  onHint,
  call,
}: Receiving): Promise<() => Promise<void>> {
  let check: PushCheck | undefined
  const bodies = new Bodies()
  const server = createServer((request, response) => {
    receive(request, bodies, check)
      .then((received) => {
        if (typeof received === 'number') return answer(response, received)
        for (const hint of hintsOf(webhook, received.payload)) onHint(hint)
        return answer(response, 204)
      })
      .catch(() => answer(response, 400))
  })
  server.requestTimeout = WEBHOOK_TIMEOUT_MS
  server.maxConnections = WEBHOOK_CONNECTIONS_MAX
  await listening(server, webhook)
  const port = (server.address() as AddressInfo).port
  const url = webhook.publicUrl ?? `http://${webhook.host}:${port}/webhooks`
  const checking = { webhook, url, now: client.config.now }
  try {
    const registered = webhook.registers
      ? await register(client, url, webhook.secret?.value, call)
      : undefined
    check = new PushCheck({ ...checking, secret: registered?.secret ?? webhook.secret?.value ?? '' })
    const temporary = registered !== undefined && webhook.publicUrl === undefined
    return async () => {
      if (temporary)
        await client.send(
          { method: 'DELETE', path: `${client.config.paths.webhooks}/${encodeURIComponent(registered.id)}` },
          { signal: new AbortController().signal },
        )
      await closed(server)
    }
  } catch (error) {
    await closed(server)
    throw error
  }
}

async function register(
  client: Client,
  url: string,
  secret: string | undefined,
  call: Call,
): Promise<{ id: string; secret: string }> {
  const body = JSON.stringify({ url, ...(secret !== undefined && { secret }) })
  const headers = { 'content-type': 'application/json' }
  const answer = await client.send(
    { method: 'POST', path: client.config.paths.webhooks, headers, body },
    call,
  )
  const registered =
    answer.kind === 'answer' && answer.status < 300 ? registeredSchema.safeParse(answer.json).data : undefined
  const known = registered?.secret ?? secret
  if (registered && known !== undefined) return { id: registered.id, secret: known }
  const reason = registered
    ? 'it gave no secret; configure webhook.secret'
    : client.failureOf(answer, 'write').reason
  throw new WebhookError(`registering ${url} for webhooks: ${reason}`)
}

/** A status to answer with, or what a believed sender said. */
async function receive(
  request: IncomingMessage,
  bodies: Bodies,
  check: PushCheck | undefined,
): Promise<number | { payload: unknown }> {
  if (request.method !== 'POST') return 405
  // Nothing is believed before the registration has given the secret; the sender tries again.
  if (!check) return 503
  const body = await bodies.read(request)
  if (typeof body === 'number') return body
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  const believed = check.check({ method: request.method, headers, body })
  if (believed.kind === 'believed') return { payload: believed.payload }
  // A sender whose answer was lost says it again, and must hear that it was heard.
  return believed.kind === 'heard' ? 204 : 401
}

function answer(response: ServerResponse, status: number): void {
  // What was not read to its end is not read on.
  response.writeHead(status, status >= 400 ? { connection: 'close' } : {}).end()
}

function listening(server: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new WebhookError(`listening on ${host}:${port} for webhooks: ${cause.message}`, { cause })),
    )
    server.listen(port, host, () => resolve())
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
