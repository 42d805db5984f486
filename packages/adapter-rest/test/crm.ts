/** A CRM of its own for a test: the sandbox in this process, and a hand on its admin side. */

import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import type { Adapter } from '@skerry/bridge'
import {
  defaultClient,
  type Fault,
  type LedgerEntry,
  type Row,
  type SandboxOptions,
  startSandbox,
} from '@skerry/sandbox'
import { onTestFinished } from 'vitest'

export const call = { signal: new AbortController().signal }

export interface Crm {
  url: string
  adapter(options?: Partial<RestAdapterOptions>): Adapter
  /** By an office user. */
  edit(
    type: string,
    key: { id?: string; externalId?: string },
    fields: object,
    action?: 'update' | 'create' | 'delete' | 'undelete',
  ): Promise<Row>
  seed(type: string, rows: { externalId?: string | null; fields: object }[]): Promise<void>
  rows(type: string): Promise<Row[]>
  fault(...plan: (Partial<Fault> & { fault: Fault['fault'] })[]): Promise<void>
  ledger(): Promise<LedgerEntry[]>
  /** Calls that changed a row: what was written, by field. */
  effects(type: string): Promise<string[][]>
  admin(method: string, path: string, body?: object): Promise<Record<string, unknown>>
  close(): Promise<void>
}

export async function startCrm(options: SandboxOptions = {}): Promise<Crm> {
  const sandbox = await startSandbox(options)
  onTestFinished(sandbox.close)
  const admin: Crm['admin'] = async (method, path, body) => {
    const response = await fetch(sandbox.adminUrl + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as Record<string, unknown>
  }
  const ledger = async () => (await admin('GET', '/ledger')).entries as LedgerEntry[]
  return {
    url: sandbox.url,
    adapter: (more = {}) =>
      restAdapter({ name: 'crm', baseUrl: sandbox.url, auth: defaultClient, timeoutMs: 2_000, ...more }),
    edit: async (type, key, fields, action = key.id || key.externalId ? 'update' : 'create') =>
      (await admin('POST', '/office-edit', { type, action, ...key, fields })).row as Row,
    seed: async (type, rows) => void (await admin('POST', '/seed', { type, rows })),
    rows: async (type) => (await admin('GET', `/rows/${type}`)).rows as Row[],
    fault: async (...plan) => void (await admin('POST', '/faults', { plan })),
    ledger,
    effects: async (type) =>
      (await ledger())
        .flatMap(({ operations }) => operations)
        .filter((one) => one.type === type && one.committed)
        .map(({ fields }) => [...fields].sort()),
    admin,
    close: sandbox.close,
  }
}
