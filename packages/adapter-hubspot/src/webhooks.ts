/** Webhooks as hints: whom to believe, and which rows are named (SPEC HS-50, HS-51). What is lost here the next poll finds. */
import { createHmac } from 'node:crypto'
import type { Hint } from '@skerry/bridge'
import { HeardPushes, isSameText, listenForPushes, type Push } from '@skerry/bridge/http'
import * as z from 'zod'
import type { HubSpotConfig, WebhookConfig } from './config.ts'
import { objectTypeIdOf, objectTypeIdOfWord } from './types.ts'

/** Nothing can listen there. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code = 'webhook'
}

const id = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,20}$/))
const eventSchema = z.object({
  subscriptionType: z.string(),
  objectTypeId: z.string().optional().catch(undefined),
  objectId: id.optional().catch(undefined),
  primaryObjectId: id.optional().catch(undefined),
  mergedObjectIds: z.array(id).catch([]),
  newObjectId: id.optional().catch(undefined),
})

/** Percent-encoded characters that HubSpot writes as themselves in the address that it signs. */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/** @returns what ends it, once it listens @throws WebhookError */
export async function receiveWebhooks(
  config: HubSpotConfig,
  webhook: WebhookConfig,
  onHint: (hint: Hint) => void,
): Promise<() => Promise<void>> {
  const { host, port } = webhook
  const heard = new HeardPushes()
  try {
    const server = await listenForPushes({ host, port }, (push) => {
      const now = config.now()
      if (!isBelieved(webhook, push, now)) return 401
      const events = eventsIn(push.body)
      if (!events) return 400
      // A sender whose answer was lost says it again, and must hear that it was heard.
      if (heard.wasHeard(push.headers[SIGNATURE] ?? '', now, 2 * webhook.ageMsMax)) return 204
      for (const hint of hintsOf(config, events)) onHint(hint)
      return 204
    })
    return () => server.close()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new WebhookError(`listening on ${host}:${port} for webhooks: ${reason}`, { cause })
  }
}

const SIGNATURE = 'x-hubspot-signature-v3'

/** The signature first: of a forged one nothing else is looked at. */
function isBelieved({ secret, publicUrl, ageMsMax }: WebhookConfig, push: Push, now: number): boolean {
  const { method, headers, body } = push
  const timestamp = headers['x-hubspot-request-timestamp'] ?? ''
  const url = publicUrl.replace(DECODED, decodeURIComponent)
  const wanted = createHmac('sha256', secret.value)
    .update(method + url + body + timestamp)
    .digest('base64')
  if (!isSameText(headers[SIGNATURE] ?? '', wanted)) return false
  return /^\d{1,15}$/.test(timestamp) && Math.abs(now - Number(timestamp)) <= ageMsMax
}

function eventsIn(body: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Each row once, however many of its properties changed. */
function hintsOf({ types }: HubSpotConfig, events: readonly unknown[]): Hint[] {
  const hints = new Map<string, Hint>()
  for (const event of events) {
    const { data } = eventSchema.safeParse(event)
    if (!data) continue
    const { subscriptionType, objectTypeId = objectTypeIdOfWord(subscriptionType.split('.')[0] ?? '') } = data
    const type = Object.keys(types).find((name) => objectTypeIdOf(name, types[name]) === objectTypeId)
    if (type === undefined || objectTypeId === undefined) continue
    const named = [data.objectId, data.primaryObjectId, data.newObjectId, ...data.mergedObjectIds]
    for (const id of named) if (id !== undefined) hints.set(`${type} ${id}`, { type, id })
  }
  return [...hints.values()]
}
