/** The CRM of the story, unless another is asked for: the sandbox as a process, and its admin side, where the office works and the faults are made. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LedgerEntry, Row } from '@skerry/sandbox'
import type { Cast } from './cast.ts'
import { type Case, type CaseWrite, type Crm, HELD_MS_MAX } from './crm.ts'
import type { Airport } from './data.ts'
import { callJson, type Request } from './http.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.resolve('@skerry/sandbox')))

class SandboxCrm implements Crm {
  readonly name = 'CRM'
  /** Of the API and of the office page. */
  readonly url: string
  readonly writesOfStatus = 0
  readonly #adminUrl: string

  constructor(url: string, adminUrl: string) {
    this.url = url
    this.#adminUrl = adminUrl
  }

  get page(): string {
    return this.url
  }

  get environment() {
    return { SKERRY_CRM_URL: this.url }
  }

  async seedAccounts(airports: readonly Airport[]): Promise<number> {
    const rows = airports.map(({ iata, ...fields }) => ({ externalId: iata, fields }))
    const body = { type: 'accounts', rows }
    return (await this.#admin<{ created: number }>('/seed', { method: 'POST', body })).created
  }

  async cases(): Promise<Case[]> {
    const { rows } = await this.#admin<{ rows: Row[] }>('/rows/cases')
    return rows
      .filter(({ deleted }) => !deleted)
      .map(({ id, fields }) => ({ id, fields: fields as unknown as Case['fields'] }))
  }

  officeEdit({ id }: Pick<Case, 'id'>, fields: Partial<Case['fields']>): Promise<unknown> {
    return this.#admin('/office-edit', { method: 'POST', body: { type: 'cases', id, fields } })
  }

  hold(count: number): Promise<unknown> {
    const plan = ['PUT', 'PATCH'].map((method) => ({
      fault: 'hold',
      count,
      match: { type: 'cases', method },
    }))
    return this.#admin('/faults', { method: 'POST', body: { plan } })
  }

  async held(atLeast: number): Promise<void> {
    const path = `/faults/held?atLeast=${atLeast}&timeoutMs=${HELD_MS_MAX}`
    const { held } = await this.#admin<{ held: unknown[] }>(path)
    if (held.length < atLeast)
      throw new Error(`the CRM holds ${held.length} answers, ${atLeast} were waited for`)
  }

  unplan(): Promise<unknown> {
    return this.#admin('/faults', { method: 'DELETE' })
  }

  async release(): Promise<void> {
    await this.#admin('/faults/release', { method: 'POST', body: { how: 'answer' } })
  }

  async lastCall(): Promise<number> {
    const { entries } = await this.#admin<{ entries: LedgerEntry[] }>('/ledger?limit=100000')
    return entries.at(-1)?.seq ?? 0
  }

  async writes(since: number): Promise<CaseWrite[]> {
    const { entries } = await this.#admin<{ entries: LedgerEntry[] }>(`/ledger?since=${since}&type=cases`)
    return entries
      .filter(({ method }) => method !== 'GET')
      .map(({ externalId, fields, created, committed }) => {
        return { record: String(externalId), fields, created, committed }
      })
  }

  #admin<Answer>(path: string, request?: Request): Promise<Answer> {
    return callJson(`${this.#adminUrl}${path}`, request)
  }
}

export async function startSandboxCrm(cast: Cast, folder: string, port: number): Promise<Crm> {
  const args = [main, '--port', String(port), '--file', join(folder, 'crm.db')]
  const child = cast.start({ name: 'crm', args })
  const { url, adminUrl } = await child.line((line) =>
    line.startsWith('{"ready":true') ? (JSON.parse(line) as { url: string; adminUrl: string }) : undefined,
  )
  return new SandboxCrm(url, adminUrl)
}
