/**
 * Whether a push is believed: its signature over the raw body, its age, and whether it was heard before (fault I5). A signature that does not cover when it was sent, or which message it is, cannot
 * tell a replay from news for ever; such a push is remembered by its signature as long as any other.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import type { WebhookConfig, WebhookScheme } from './config-webhook.ts'
import { WEBHOOK_IDS_MAX } from './limits.ts'

/** A push as it arrived. */
export interface Push {
  method: string
  headers: Readonly<Record<string, string>>
  body: string
}

export type Believed =
  | { kind: 'believed'; payload: unknown }
  /** The sender is who it says, and said it before. */
  | { kind: 'heard' }
  | { kind: 'refused'; reason: string }

export interface PushChecking {
  webhook: WebhookConfig
  secret: string
  /** As the system calls it: some sign the address. */
  url: string
  now: () => number
}

export class PushCheck {
  readonly #checking: PushChecking
  /** What identifies a push, and until when it is remembered; the oldest first. */
  readonly #heard = new Map<string, number>()

  constructor(checking: PushChecking) {
    this.#checking = checking
  }

  check(push: Push): Believed {
    const { webhook, secret, url, now } = this.#checking
    const { scheme } = webhook
    const signed = scheme.kind === 'standard' ? standard(secret, push) : hmac(scheme, secret, url, push)
    if (signed.kind === 'refused') return signed
    const { sentAt, id } = signed
    if (sentAt !== undefined && !(Math.abs(now() - sentAt) <= webhook.ageMsMax))
      return {
        kind: 'refused',
        reason: `it was sent at ${sentAt}, and is older, or younger, than ${webhook.ageMsMax} ms`,
      }
    const payload = parsed(push.body)
    if (payload === undefined) return { kind: 'refused', reason: 'the body is no JSON' }
    if (this.#wasHeard(id)) return { kind: 'heard' }
    return { kind: 'believed', payload }
  }

  #wasHeard(id: string): boolean {
    const now = this.#checking.now()
    if ((this.#heard.get(id) ?? 0) > now) return true
    this.#heard.delete(id)
    for (const [old, until] of this.#heard) {
      if (until > now && this.#heard.size < WEBHOOK_IDS_MAX) break
      this.#heard.delete(old)
    }
    // One that comes from a clock ahead may be repeated for twice as long.
    this.#heard.set(id, now + 2 * this.#checking.webhook.ageMsMax)
    return false
  }
}

type Signed =
  | { kind: 'signed'; sentAt: number | undefined; id: string }
  | Extract<Believed, { kind: 'refused' }>

/** The library checks signature and age; its five minutes are those of the specification. */
function standard(secret: string, { headers, body }: Push): Signed {
  try {
    new Webhook(secret).verify(body, { ...headers })
  } catch (error) {
    if (error instanceof WebhookVerificationError) return { kind: 'refused', reason: error.message }
    // The body is signed, and is no JSON.
    if (error instanceof SyntaxError) return { kind: 'refused', reason: error.message }
    throw error
  }
  return {
    kind: 'signed',
    sentAt: Number(headers['webhook-timestamp']) * 1000,
    id: headers['webhook-id'] ?? '',
  }
}

type Hmac = Extract<WebhookScheme, { kind: 'hmac' }>

function hmac(scheme: Hmac, secret: string, url: string, { method, headers, body }: Push): Signed {
  const refused = (reason: string): Signed => ({ kind: 'refused', reason })
  const given = headers[scheme.header.toLowerCase()] ?? ''
  if (!given.startsWith(scheme.prefix) || given === '') return refused(`no signature in ${scheme.header}`)
  const words: Record<string, string | undefined> = {
    method,
    url,
    body,
    timestamp: scheme.timestamp && headers[scheme.timestamp.header.toLowerCase()],
    id: scheme.id && headers[scheme.id.toLowerCase()],
  }
  const what = scheme.signs.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? '')
  const wanted = createHmac(scheme.algorithm, secret).update(what).digest(scheme.encoding)
  const signature = given.slice(scheme.prefix.length)
  if (!isEqual(signature, wanted)) return refused('the signature is another one')
  if (!scheme.timestamp) return { kind: 'signed', sentAt: undefined, id: words.id ?? wanted }
  const digits = words.timestamp ?? ''
  if (!/^\d{1,15}$/.test(digits)) return refused(`no time in ${scheme.timestamp.header}`)
  const unitMs = scheme.timestamp.unit === 's' ? 1000 : 1
  return { kind: 'signed', sentAt: Number(digits) * unitMs, id: words.id ?? wanted }
}

/** In a time that does not tell how much of it is right. */
function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
