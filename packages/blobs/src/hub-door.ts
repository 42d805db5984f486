/** Asking a hub, or a replica beside, as the device that this is: every request shows the credential with a proof for just that request. */
import { type ProvingKey, provePossession } from '@skerry/credentials'
import type { BlobReason } from './reason.ts'

/** In every answer of a hub to a device that asks about blobs: the name of the state that its folder is in (SPEC.md, BL-81). */
export const GENERATION_HEADER = 'skerry-blobs-generation'

export interface DeviceAccess {
  /** The credential now; undefined before enrolment. */
  token(): string | undefined
  key: ProvingKey
  /** Milliseconds since 1970. */
  now(): number
  /** Whoever refused a proof said what time it is there; true when `now` was far from that, and follows it from here on. */
  heardTime?(date: string | null): boolean
  /** An answer came, from whoever has this address. */
  heard?(url: string, headers: Headers): void
  sha256(bytes: Uint8Array): Uint8Array
  /** In place of the platform's, for tests and pages that wrap it. */
  fetch?: typeof fetch
}

/** What came of a request: an answer of a hub (or of a replica that serves), or none. */
export type Asked =
  | { kind: 'answer'; response: Response }
  /** `words` from the hub. */
  | {
      kind: 'refused'
      status: number
      code: string
      retryable: boolean
      words: string
      retryAfterMs?: number
    }
  | ({ kind: 'nobody' } & BlobReason)

type Asking = RequestInit & { method: string }

/** @throws never for what the world does */
export async function ask(access: DeviceAccess, url: string, asking: Asking): Promise<Asked> {
  let date: string | null = null
  const once = () => askOnce(access, url, asking, (headers) => (date = headers.get('date')))
  const asked = await once()
  const isProofRefused = asked.kind === 'refused' && asked.status === 401
  return isProofRefused && access.heardTime?.(date) ? once() : asked
}

async function askOnce(
  access: DeviceAccess,
  url: string,
  { signal, ...init }: Asking,
  answered: (headers: Headers) => void,
): Promise<Asked> {
  const proof = await proofOf(access, init.method, url)
  if (!proof) return { kind: 'nobody', code: 'no-credential', words: 'this device has no credential yet' }
  try {
    const response = await (access.fetch ?? fetch)(url, {
      redirect: 'error',
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...proof },
      ...(signal && { signal }),
    })
    answered(response.headers)
    access.heard?.(url, response.headers)
    return await judged(response, url)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const words = `${url}: ${cause instanceof Error ? cause.message : String(cause)}`
    return { kind: 'nobody', code: 'unreachable', words }
  }
}

async function proofOf(
  { token, key, now, sha256 }: DeviceAccess,
  method: string,
  url: string,
): Promise<Record<string, string> | undefined> {
  const shown = token()
  if (shown === undefined) return undefined
  const dpop = await provePossession(shown, { method, url, at: now() }, key, sha256)
  return { authorization: `DPoP ${shown}`, dpop }
}

/** An upload that nobody wants any more; whether the hub hears of it is no matter. */
export async function endUpload(access: DeviceAccess, url: string, signal: AbortSignal): Promise<void> {
  const headers = { 'tus-resumable': '1.0.0' }
  await ask(access, url, { method: 'DELETE', headers, signal })
}

/** A network that wants a sign-in answers 200 with a page of its own: no hub answers a device in HTML. */
async function judged(response: Response, url: string): Promise<Asked> {
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('text/html')) {
    await response.body?.cancel()
    return {
      kind: 'nobody',
      code: 'no-hub',
      words: `${url}: a page answers in place of the hub; does this network want a sign-in?`,
    }
  }
  if (response.ok) return { kind: 'answer', response }
  if (!type.includes('json')) {
    await response.body?.cancel()
    return refusal(response, {})
  }
  return refusal(response, (await response.json().catch(() => ({}))) as Record<string, unknown>)
}

function refusal({ status }: Response, body: Record<string, unknown>): Asked {
  const { code, detail, retryable, retryAfterMs } = body
  return {
    kind: 'refused',
    status,
    code: typeof code === 'string' ? code : `http-${status}`,
    // Without the hub's own word, what a proxy says passes.
    retryable: typeof retryable === 'boolean' ? retryable : status >= 500 || status === 429 || status === 408,
    words: typeof detail === 'string' ? detail : `the hub answered ${status}`,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
  }
}

export function blobUrl(hub: string, sha256: string, record: string): string {
  return new URL(`/api/v1/blobs/${sha256}?record=${encodeURIComponent(record)}`, hub).href
}

/** Its answer has nothing but headers. */
export function generationUrl(hub: string): string {
  return new URL('/api/v1/blobs', hub).href
}

export function uploadsUrl(hub: string): string {
  return new URL('/api/v1/blobs/uploads', hub).href
}
