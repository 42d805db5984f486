/** Asking a hub for external systems, as the node that this replica is. */
import type { LeaseAnswer, LeaseOffice } from '@skerry/bridge'
import type { Replica } from '@skerry/core'
import { provePossession } from '@skerry/credentials'
import { sha256 } from './sha256.ts'

/** Milliseconds after which a hub that does not answer is asked again: less than a third of a lease. */
const ANSWER_MS_MAX = 2_000

/** @param syncUrl where the node syncs: `wss://hub.example/sync`; leases are lent beside it */
export function hubLeases(replica: Replica, syncUrl: string): LeaseOffice {
  const address = (system: string) => {
    const url = new URL(`/api/v1/leases/${encodeURIComponent(system)}`, syncUrl)
    url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
    return url.href
  }
  const call = async (method: 'PUT' | 'DELETE', system: string, body?: object): Promise<Response> => {
    const url = address(system)
    const { session, publicKey, credential } = replica
    if (!credential) throw new Error('this node has no credential')
    const { token } = credential
    const key = { publicKey, sign: (message: Uint8Array) => session.sign(message) }
    const proof = await provePossession(token, { method, url, at: Date.now() }, key, sha256)
    return fetch(url, {
      method,
      headers: { authorization: `DPoP ${token}`, dpop: proof, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      redirect: 'error',
    })
  }
  return {
    async acquire(system, ms) {
      const run = replica.session.runs.at(-1)!.run
      try {
        return await answerOf(await call('PUT', system, { run, head: replica.head, ms }))
      } catch (error) {
        return { kind: 'unknown', reason: reasonOf(error) }
      }
    },
    async release(system) {
      // Nobody waits longer for it than until its time is up.
      await call('DELETE', system).catch(() => undefined)
    },
  }
}

async function answerOf(response: Response): Promise<LeaseAnswer> {
  const body = (await response.json()) as Record<string, unknown>
  const { epoch, heldForMs, detail, code, retryAfterMs } = body
  if (response.ok && typeof epoch === 'number' && typeof heldForMs === 'number')
    return { kind: 'held', epoch, ms: heldForMs }
  if (code === 'lease-held')
    return { kind: 'other', words: String(detail), retryAfterMs: Number(retryAfterMs ?? 0) }
  return {
    kind: 'unknown',
    reason: `${response.status}: ${String(detail ?? 'no answer of a hub that lends systems')}`,
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
