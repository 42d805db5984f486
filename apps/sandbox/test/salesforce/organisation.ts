/** An organisation of its own for each test, a hand on its admin side, and a client that is nothing but `fetch`. */
import { defaultSalesforceClient, type SalesforceOptions, startSalesforce } from '@skerry/sandbox/salesforce'
import jsforce from 'jsforce'
import { onTestFinished } from 'vitest'
import type { LedgerEntry } from '../../src/ledger/entry.ts'
import { request } from '../crm.ts'

export const version = '62.0'
export const base = `/services/data/v${version}`

/** A first instant for tests that hold the clock: 2026-01-01T00:00:00Z. */
export const newYear = 1_767_225_600_000

export type ShownRow = {
  id: string
  deleted: boolean
  modifiedAt: string
  modifiedBy: string
  fields: Record<string, unknown>
}

export async function startOrganisation(options: SalesforceOptions = {}) {
  const { url, adminUrl, close } = await startSalesforce(options)
  onTestFinished(close)
  const { clientId, clientSecret } = options.clients?.[0] ?? defaultSalesforceClient
  const oauth2 = { clientId, clientSecret, loginUrl: url }
  const login = async (more: object = {}) => {
    const connection = new jsforce.Connection({ loginUrl: url, instanceUrl: url, oauth2, version, ...more })
    await connection.authorize({ grant_type: 'client_credentials' })
    return connection
  }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  const token: string = (
    (await (await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: form })).json()) as {
      access_token: string
    }
  ).access_token
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
    url,
    close,
    oauth2,
    token,
    login,
    admin,
    /** What any client may send. Paths from the version on. */
    call: async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${token}`
      const answer = await request(method, url + base + path, body, { authorization, ...headers })
      return { ...answer, json: answer.text === '' ? undefined : JSON.parse(answer.text) }
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

export type Organisation = Awaited<ReturnType<typeof startOrganisation>>
