/** A service of its own for each test, a hand on its admin side, and a client that is nothing but `fetch`. */
import { defaultODataClient, type ODataOptions, startOData } from '@skerry/sandbox/odata'
import { onTestFinished } from 'vitest'
import type { LedgerEntry } from '../../src/ledger/entry.ts'
import { request } from '../crm.ts'

/** A first instant for tests that hold the clock: 2026-01-01T00:00:00Z. */
export const newYear = 1_767_225_600_000

export type ShownRow = { id: string; deleted: boolean; modifiedAt: string; fields: Record<string, unknown> }

/** Every member of a body that some test reads. */
type Body = Record<string, unknown> & {
  value: Record<string, unknown>[]
  error: { code: string; message: string; target?: string }
  '@odata.nextLink': string
  '@odata.deltaLink': string
  '@odata.etag': string
  responses: { id: string; status: number; headers: Record<string, string>; body?: Body }[]
}

export async function startService(options: ODataOptions) {
  const service = await startOData(options)
  const { adminUrl, serviceUrl, tokenUrl, close } = service
  onTestFinished(close)
  const { clientId, clientSecret } = options.clients?.[0] ?? defaultODataClient
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  const given = await fetch(tokenUrl, { method: 'POST', body: form })
  const { access_token: token } = (await given.json()) as { access_token: string }
  const admin = async <T = Record<string, never>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> => {
    const answer = await request(method, adminUrl + path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text)
  }
  return {
    ...service,
    token,
    admin,
    /** What any client may send; a path below the service, or a whole address. */
    call: async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const url = path.startsWith('http') ? path : serviceUrl + path
      const answer = await request(method, url, body, { authorization: `Bearer ${token}`, ...headers })
      const json: Body = answer.text.startsWith('{') ? JSON.parse(answer.text) : {}
      return { ...answer, json }
    },
    fault: (...plan: object[]) => admin('POST', '/faults', { plan }),
    edit: async (type: string, action: string, id: string, fields: object = {}) =>
      (await admin<{ row: ShownRow }>('POST', '/edit', { type, action, id, fields })).row,
    seed: async (type: string, rows: object[]) =>
      (await admin<{ ids: string[] }>('POST', '/rows', { type, rows })).ids,
    rows: async (type: string) => (await admin<{ rows: ShownRow[] }>('GET', `/rows/${type}`)).rows,
    ledger: async () => (await admin<{ entries: LedgerEntry[] }>('GET', '/ledger')).entries,
  }
}

export type Service = Awaited<ReturnType<typeof startService>>
