/** An account of its own for each test, a hand on its admin side, and a client that is nothing but `fetch`. */
import { defaultPrivateApp, type HubSpotOptions, startHubSpot } from '@skerry/sandbox/hubspot'
import { onTestFinished } from 'vitest'
import type { LedgerEntry } from '../../src/ledger/entry.ts'
import { request } from '../crm.ts'

/** A first instant for tests that hold the clock: 2026-01-01T00:00:00Z. */
export const newYear = 1_767_225_600_000

export type ShownRow = {
  id: string
  archived: boolean
  mergedInto: string | null
  modifiedAt: string
  properties: Record<string, string>
}

export async function startAccount(options: HubSpotOptions = {}) {
  const { url, adminUrl, close } = await startHubSpot({
    ...options,
    settings: { searchLagMs: 0, ...options.settings },
  })
  onTestFinished(close)
  const admin = async <T = Record<string, never>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> => {
    const answer = await request(method, adminUrl + path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text)
  }
  const call = async (method: string, path: string, body?: unknown, token = defaultPrivateApp.token) => {
    const answer = await request(method, url + path, body, { authorization: `Bearer ${token}` })
    return { ...answer, json: answer.text === '' ? undefined : JSON.parse(answer.text) }
  }
  return {
    url,
    admin,
    call,
    fault: (...plan: object[]) => admin('POST', '/faults', { plan }),
    edit: async (type: string, action: string, id: string, properties: object = {}, more: object = {}) =>
      (await admin<{ row: ShownRow }>('POST', '/edit', { type, action, id, properties, ...more })).row,
    seed: async (type: string, rows: object[]) =>
      (await admin<{ ids: string[] }>('POST', '/rows', { type, rows })).ids,
    rows: async (type: string) => (await admin<{ rows: ShownRow[] }>('GET', `/rows/${type}`)).rows,
    ledger: async () => (await admin<{ entries: LedgerEntry[] }>('GET', '/ledger')).entries,
  }
}
