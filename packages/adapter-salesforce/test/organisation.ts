/** An organisation of its own for a test: the stand-in in this process, its clock, and a hand on its admin side. */
import { type SalesforceAdapterOptions, salesforceAdapter } from '@skerry/adapter-salesforce'
import type { Adapter } from '@skerry/bridge'
import type { LedgerEntry } from '@skerry/sandbox'
import {
  defaultSalesforceClient,
  type ObjectType,
  type SalesforceFault,
  type SalesforceOptions,
  startSalesforce,
} from '@skerry/sandbox/salesforce'
import { onTestFinished } from 'vitest'

export const call = { signal: new AbortController().signal }

export interface ShownRow {
  id: string
  deleted: boolean
  modifiedAt: string
  fields: Record<string, unknown>
}

/** A type that the tests may do anything with. */
export const visit: ObjectType = {
  name: 'Visit__c',
  keyPrefix: 'a00',
  fields: {
    Name: { type: 'string', length: 80 },
    Note__c: { type: 'textarea', length: 4_000 },
    Cost__c: { type: 'currency', precision: 18, scale: 2 },
    Done__c: { type: 'boolean' },
    Code__c: { type: 'string', length: 20, unique: true },
    Site__City__s: { type: 'string', length: 40 },
    Skerry_Id__c: { type: 'string', length: 128, unique: true, externalId: true },
  },
  compounds: { Site__c: { type: 'address', parts: { city: 'Site__City__s' } } },
  rules: [{ field: 'Name', pattern: '^poison', message: 'Nothing poisonous, please' }],
}

const types: SalesforceAdapterOptions['types'] = {
  Visit__c: {
    externalId: 'Skerry_Id__c',
    fields: ['Name', 'Note__c', 'Cost__c', 'Done__c', 'Code__c', 'Site__c'],
  },
}

export type Organisation = Awaited<ReturnType<typeof openOrganisation>>

/** Closed by whoever opened it. */
export async function openOrganisation(options: SalesforceOptions = {}) {
  let heldAt: number | undefined
  let aheadMs = 0
  const world = { objectTypes: [visit], now: () => heldAt ?? Date.now(), ...options }
  const { url, adminUrl, close } = await startSalesforce(world)
  const admin = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(adminUrl + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
  const edit = async (action: string, id: string, fields: object = {}, type = 'Visit__c') =>
    (await admin<{ row: ShownRow }>('POST', '/edit', { type, action, id, fields })).row
  const ledger = async () => (await admin<{ entries: LedgerEntry[] }>('GET', '/ledger')).entries
  const now = () => (heldAt ?? Date.now()) + aheadMs
  return {
    url,
    close,
    /** The time there, which a machine that keeps its clock has too. */
    now,
    admin,
    edit,
    ledger,
    adapter: (more: Partial<SalesforceAdapterOptions> = {}): Adapter =>
      salesforceAdapter({
        name: 'crm',
        loginUrl: url,
        allowPrivate: true,
        ...defaultSalesforceClient,
        types,
        timeoutMs: 10_000,
        now,
        ...more,
      }),
    create: async (fields: object, type = 'Visit__c') => (await edit('create', '', fields, type)).id,
    seed: async (rows: object[], type = 'Visit__c') =>
      (await admin<{ ids: string[] }>('POST', '/rows', { type, rows })).ids,
    rows: async (type = 'Visit__c') => (await admin<{ rows: ShownRow[] }>('GET', `/rows/${type}`)).rows,
    fault: async (...plan: (Partial<SalesforceFault> & Pick<SalesforceFault, 'fault'>)[]) =>
      void (await admin('POST', '/faults', { plan })),
    settings: async (settings: object) => void (await admin('PATCH', '/settings', settings)),
    /** API requests; not those for a session, which nobody counts. */
    requests: async () =>
      (await ledger()).filter(({ method, path }) => method !== 'BULK' && path.startsWith('/services/data/')),
    /** Writes that changed a row: which row, and which of its fields. */
    effects: async () =>
      (await ledger())
        .flatMap(({ operations }) => operations)
        .filter(({ committed }) => committed)
        .map(({ externalId, fields }) => [externalId, ...[...fields].sort()]),
    /** Time there stands still, or goes on from where it stands. */
    hold: (at?: number) => {
      heldAt = at
    },
    advance: async (advanceMs: number) => {
      aheadMs += advanceMs
      await admin('POST', '/clock', { advanceMs })
    },
  }
}

export async function startOrganisation(options: SalesforceOptions = {}): Promise<Organisation> {
  const organisation = await openOrganisation(options)
  onTestFinished(organisation.close)
  return organisation
}
