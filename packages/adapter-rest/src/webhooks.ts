/**
 * Pushes: a small server of its own, registered with the system, that believes nobody without a good signature (webhook-schemes.ts). A webhook is a hint and no more, so it is answered as soon as it
 * is read; what is lost here the next poll finds.
 */
import type { Call, Hint } from '@skerry/bridge'
import { listenForPushes } from '@skerry/bridge/http'
import * as z from 'zod'
import type { Client } from './client.ts'
import type { WebhookConfig } from './config-webhook.ts'
import { hintsOf } from './hints.ts'
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
  const server = await listening(webhook, (push) => {
    // Nothing is believed before the registration has given the secret; the sender tries again.
    if (!check) return 503
    const believed = check.check(push)
    if (believed.kind === 'believed') for (const hint of hintsOf(webhook, believed.payload)) onHint(hint)
    // A sender whose answer was lost says it again, and must hear that it was heard.
    return believed.kind === 'refused' ? 401 : 204
  })
  const url = webhook.publicUrl ?? `http://${webhook.host}:${server.port}/webhooks`
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
      await server.close()
    }
  } catch (error) {
    await server.close()
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

async function listening(
  { port, host }: WebhookConfig,
  take: Parameters<typeof listenForPushes>[1],
): ReturnType<typeof listenForPushes> {
  try {
    return await listenForPushes({ host, port }, take)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new WebhookError(`listening on ${host}:${port} for webhooks: ${reason}`, { cause })
  }
}
