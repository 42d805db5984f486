/** The CRM of the adapter rounds: the sandbox with its office, its faults and its ledger, as the parent uses them. */
import type { JsonObject } from '@skerry/core'
import { type Fault, type LedgerEntry, type Sandbox, startSandbox } from '@skerry/sandbox'
import { CASES, type CrmRow } from './cases.ts'

/** Entries of the ledger read at once. */
const LEDGER_PAGE = 1_000
/** Milliseconds to wait for a call that is held. */
const HELD_MS_MAX = 1_500

export class Crm {
  readonly #sandbox: Sandbox
  #ledgerSeen = 0
  /** Rows created through the API, by external id. */
  readonly #created = new Map<string, number>()

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
  }

  static async start(file: string): Promise<Crm> {
    return new Crm(await startSandbox({ file }))
  }

  get url(): string {
    return this.#sandbox.url
  }

  async rows(): Promise<CrmRow[]> {
    const { rows } = await this.#admin<{ rows: CrmRow[] }>('GET', `/rows/${CASES}`)
    return rows.filter(({ deleted }) => !deleted)
  }

  async create(fields: JsonObject): Promise<CrmRow> {
    return (
      await this.#admin<{ row: CrmRow }>('POST', '/office-edit', { type: CASES, action: 'create', fields })
    ).row
  }

  async update(id: string, fields: JsonObject): Promise<CrmRow> {
    return (await this.#admin<{ row: CrmRow }>('POST', '/office-edit', { type: CASES, id, fields })).row
  }

  async addFaults(plan: readonly Partial<Fault>[]): Promise<void> {
    await this.#admin('POST', '/faults', { plan })
  }

  /** No faults any more; calls that are held lose their answers. */
  async clearFaults(): Promise<void> {
    await this.#admin('DELETE', '/faults')
    await this.#admin('POST', '/faults/release', { how: 'lose' })
  }

  /** Resolves when a call is held between its commit and its answer, or none was for a while. */
  async heldCall(): Promise<void> {
    await this.#admin('GET', `/faults/held?atLeast=1&timeoutMs=${HELD_MS_MAX}`)
  }

  /** External ids of which the CRM created more than one row, by its ledger. */
  async createdTwice(): Promise<string[]> {
    for (;;) {
      const { entries } = await this.#admin<{ entries: LedgerEntry[] }>(
        'GET',
        `/ledger?since=${this.#ledgerSeen}&limit=${LEDGER_PAGE}`,
      )
      for (const { operations } of entries)
        for (const { created, committed, externalId } of operations)
          if (created && committed)
            this.#created.set(String(externalId), (this.#created.get(String(externalId)) ?? 0) + 1)
      this.#ledgerSeen = entries.at(-1)?.seq ?? this.#ledgerSeen
      if (entries.length < LEDGER_PAGE) break
    }
    return [...this.#created].filter(([, times]) => times > 1).map(([externalId]) => externalId)
  }

  close(): Promise<void> {
    return this.#sandbox.close()
  }

  async #admin<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const json = body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    const response = await fetch(this.#sandbox.adminUrl + path, { method, ...json })
    if (!response.ok)
      throw new Error(
        `the sandbox answered ${method} ${path} with ${response.status}: ${await response.text()}`,
      )
    return (await response.json()) as Answer
  }
}
