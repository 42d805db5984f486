/** The CRM: the sandbox as a process, and its admin side, where the office works and the faults are made. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LedgerEntry, Row } from '@skerry/sandbox'
import type { Cast } from './cast.ts'
import type { Child } from './child.ts'
import { callJson, type Request } from './http.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.resolve('@skerry/sandbox')))

export type Type = 'accounts' | 'cases'

export class Crm {
  readonly process: Child
  /** Of the API and of the office page. */
  readonly url: string
  readonly #adminUrl: string

  constructor(process: Child, url: string, adminUrl: string) {
    this.process = process
    this.url = url
    this.#adminUrl = adminUrl
  }

  seed(type: Type, rows: { externalId: string; fields: object }[]): Promise<{ created: number }> {
    return this.#admin('/seed', { method: 'POST', body: { type, rows } })
  }

  /** Rows that are not deleted. */
  async rows(type: Type): Promise<Row[]> {
    const { rows } = await this.#admin<{ rows: Row[] }>(`/rows/${type}`)
    return rows.filter(({ deleted }) => !deleted)
  }

  async caseTitled(title: string): Promise<Row | undefined> {
    return (await this.rows('cases')).find(({ fields }) => fields.title === title)
  }

  officeEdit(row: Pick<Row, 'id'>, fields: object): Promise<unknown> {
    return this.#admin('/office-edit', { method: 'POST', body: { type: 'cases', id: row.id, fields } })
  }

  /** Commits the next calls that change cases, and keeps their answers back. */
  hold(count: number): Promise<unknown> {
    const plan = ['PUT', 'PATCH'].map((method) => ({
      fault: 'hold',
      count,
      match: { type: 'cases', method },
    }))
    return this.#admin('/faults', { method: 'POST', body: { plan } })
  }

  /** Resolves when so many calls are committed and wait for their answers. */
  async held(atLeast: number): Promise<void> {
    const { held } = await this.#admin<{ held: unknown[] }>(`/faults/held?atLeast=${atLeast}&timeoutMs=15000`)
    if (held.length < atLeast)
      throw new Error(`the CRM holds ${held.length} answers, ${atLeast} were waited for`)
  }

  /** No further call is held. */
  unplan(): Promise<unknown> {
    return this.#admin('/faults', { method: 'DELETE' })
  }

  /** Lets the answers go. */
  async release(): Promise<void> {
    await this.#admin('/faults/release', { method: 'POST', body: { how: 'answer' } })
  }

  /** Calls that wrote cases, or tried to, after the call numbered `since`. */
  async writes(since: number): Promise<LedgerEntry[]> {
    const { entries } = await this.#admin<{ entries: LedgerEntry[] }>(`/ledger?since=${since}&type=cases`)
    return entries.filter(({ method }) => method !== 'GET')
  }

  /** Number of the newest call. */
  async lastCall(): Promise<number> {
    const { entries } = await this.#admin<{ entries: LedgerEntry[] }>('/ledger?limit=100000')
    return entries.at(-1)?.seq ?? 0
  }

  #admin<Answer>(path: string, request?: Request): Promise<Answer> {
    return callJson(`${this.#adminUrl}${path}`, request)
  }
}

export async function startCrm(cast: Cast, folder: string, port: number): Promise<Crm> {
  const child = cast.start({
    name: 'crm',
    args: [main, '--port', String(port), '--file', join(folder, 'crm.db')],
  })
  const { url, adminUrl } = await child.line((line) =>
    line.startsWith('{"ready":true') ? (JSON.parse(line) as { url: string; adminUrl: string }) : undefined,
  )
  return new Crm(child, url, adminUrl)
}
