/**
 * The device's side of enrolment: a code that the operator made becomes a credential, and a credential that is half over becomes a new one (packages/hub/src/SPEC.md, EN-1 to EN-12). Only `fetch`
 * is needed, so that it runs in a page, in a worker and in Node.
 */
import { toHex } from '@skerry/core'
import { AskedClock } from './asked-clock.ts'
import { type ProvingKey, provePossession } from './possession.ts'
import { takeApart } from './token.ts'

export interface HubDoor {
  /** Address of the hub: `https://hub.example`. */
  hub: string
  fetch?: typeof fetch
}

export interface Enrolled {
  token: string
  hash: string
  subject: string
  /** RFC 3339. */
  expiresAt: string
  space: string
  /** Public key of the space's authority, 64 hex digits: what the device may trust from now on. */
  authority: string
}

/** `code` is the hub's own (`enrolment-expired`, `credential-revoked` …), `unreachable` where nobody answered, or `no-hub` where somebody else did. */
export class EnrolmentError extends Error {
  override readonly name = 'EnrolmentError'
  readonly code: string
  /** Whether the same may work later. */
  readonly retryable: boolean
  constructor(code: string, message: string, retryable: boolean, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retryable = retryable
  }
}

/** Public key of the hub's authority, 64 hex digits, by its own word: a device that belongs to another one need not show its code there (EN-12). @throws EnrolmentError `unreachable`, `no-hub` */
export async function authorityOf(door: HubDoor): Promise<string> {
  const { publicKey } = await asked<{ publicKey: string }>(door, 'authority', {}, 'publicKey')
  return publicKey
}

/** May be asked again by the same key when the answer was lost. @throws EnrolmentError */
export function enrolDevice(
  door: HubDoor,
  { code, publicKey }: { code: string; publicKey: Uint8Array },
): Promise<Enrolled> {
  const body = JSON.stringify({ code, publicKey: toHex(publicKey) })
  return asked<Enrolled>(door, 'enrol', { method: 'POST', body }, 'token')
}

/**
 * A new credential in place of one that is valid still, with the same rights. A hub that refuses the proof for its time, and says another one, is asked once more by its own clock (EN-9). @throws EnrolmentError
 */
export async function renewCredential(
  door: HubDoor,
  present: { token: string; key: ProvingKey; at: number; sha256: (bytes: Uint8Array) => Uint8Array },
): Promise<Enrolled> {
  const { token, key, at, sha256 } = present
  const clock = new AskedClock(() => at)
  const url = addressOf(door, 'renew')
  let date: string | null = null
  const once = async () => {
    const dpop = await provePossession(token, { method: 'POST', url, at: clock.now() }, key, sha256)
    const init = { method: 'POST', headers: { authorization: `DPoP ${token}`, dpop } }
    return asked<Enrolled>(door, 'renew', init, 'token', (headers) => (date = headers.get('date')))
  }
  try {
    return await once()
  } catch (error) {
    const isOfProof = error instanceof EnrolmentError && error.code === 'proof-invalid'
    if (!isOfProof || !clock.heard(date)) throw error
    return once()
  }
}

/** When to ask for the next one, milliseconds since 1970: half of its life is left then, for a device that is long away from its hub. @throws CredentialError `credential-malformed` */
export function renewalDueAt(token: string): number {
  const { from, until } = lifeOf(token)
  return (from + until) / 2
}

/** Milliseconds since 1970; 0 for a token that does not say it. */
export function lifeOf(token: string): { from: number; until: number } {
  const { iat, exp } = takeApart(token).claims as { iat?: unknown; exp?: unknown }
  const isSaid = typeof iat === 'number' && typeof exp === 'number'
  return isSaid ? { from: iat * 1000, until: exp * 1000 } : { from: 0, until: 0 }
}

function addressOf({ hub }: HubDoor, name: string): string {
  return new URL(`/api/v1/${name}`, hub).href
}

/** @param proof a text that only a hub's answer has */
async function asked<Answer>(
  door: HubDoor,
  name: string,
  init: RequestInit,
  proof: string & keyof Answer,
  answered: (headers: Headers) => void = () => undefined,
): Promise<Answer> {
  const url = addressOf(door, name)
  const headers = { ...(init.body !== undefined && { 'content-type': 'application/json' }), ...init.headers }
  let response: Response
  try {
    response = await (door.fetch ?? fetch)(url, { redirect: 'error', ...init, headers })
  } catch (cause) {
    throw new EnrolmentError('unreachable', `${url}: nobody answers; try again with a network`, true, {
      cause,
    })
  }
  answered(response.headers)
  const answer = (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined
  if (response.ok && typeof answer?.[proof] === 'string') return answer as unknown as Answer
  if (typeof answer?.code === 'string')
    throw new EnrolmentError(answer.code, String(answer.detail), answer.retryable === true)
  throw new EnrolmentError(
    'no-hub',
    `${url}: ${response.status}, and no answer of a hub; is this the right address, or does a network ask for a sign-in first?`,
    true,
  )
}
