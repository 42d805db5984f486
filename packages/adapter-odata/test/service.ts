/** A service of its own for a test: the stand-in in this process, its clock, and a hand on its admin side. */
import { type ODataAdapterOptions, odataAdapter } from '@skerry/adapter-odata'
import type { Adapter } from '@skerry/bridge'
import type { LedgerEntry } from '@skerry/sandbox'
import {
  defaultODataClient,
  type ODataFault,
  type ODataOptions,
  type ProfileName,
  startOData,
} from '@skerry/sandbox/odata'
import { onTestFinished } from 'vitest'

export const call = { signal: new AbortController().signal }

export interface ShownRow {
  id: string
  deleted: boolean
  modifiedAt: string
  fields: Record<string, unknown>
}

/** What a profile calls things, and how the adapter is told. */
interface Names {
  set: string
  key: string
  externalId: string
  modified: string
  title: string
  note: string
  cost: string
  startsAt: string
}

const namesOf: Readonly<Record<ProfileName, Names>> = {
  sap: {
    set: 'Visits',
    key: 'VisitUUID',
    externalId: 'ExternalReference',
    modified: 'LastChangedAt',
    title: 'Title',
    note: 'Note',
    cost: 'Cost',
    startsAt: 'StartsAt',
  },
  dataverse: {
    set: 'skerry_visits',
    key: 'skerry_visitid',
    externalId: 'skerry_externalid',
    modified: 'modifiedon',
    title: 'skerry_name',
    note: 'skerry_note',
    cost: 'skerry_cost',
    startsAt: 'skerry_startsat',
  },
  'business-central': {
    set: 'visits',
    key: 'id',
    externalId: 'externalId',
    modified: 'systemModifiedAt',
    title: 'title',
    note: 'note',
    cost: 'cost',
    startsAt: 'startsAt',
  },
  plain: {
    set: 'Visits',
    key: 'Id',
    externalId: 'Reference',
    modified: 'ModifiedAt',
    title: 'Title',
    note: 'Note',
    cost: 'Cost',
    startsAt: 'StartsAt',
  },
}

export type Service = Awaited<ReturnType<typeof openService>>

/** Closed by whoever opened it. */
export async function openService(profile: ProfileName, options: Partial<ODataOptions> = {}) {
  let heldAt: number | undefined
  let aheadMs = 0
  const { adminUrl, serviceUrl, tokenUrl, close } = await startOData({
    profile,
    now: () => heldAt ?? Date.now(),
    ...options,
  })
  const names = namesOf[profile]
  const { set, key, externalId, modified, title, note, cost, startsAt } = names
  const admin = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(adminUrl + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
  const edit = async (action: string, id: string, fields: object = {}) =>
    (await admin<{ row: ShownRow }>('POST', '/edit', { type: set, action, id, fields })).row
  const { clientId, clientSecret } = defaultODataClient
  const auth =
    profile === 'sap'
      ? ({ kind: 'basic', user: clientId, password: clientSecret } as const)
      : { clientId, clientSecret, tokenUrl }
  const type = {
    key,
    externalId,
    modified,
    fields: [
      title,
      note,
      { name: cost, kind: 'decimal' as const },
      { name: startsAt, kind: 'time' as const },
    ],
  }
  const now = () => (heldAt ?? Date.now()) + aheadMs
  return {
    ...names,
    serviceUrl,
    close,
    type,
    /** The time there, which a machine that keeps its clock has too. */
    now,
    admin,
    edit,
    adapter: (more: Partial<ODataAdapterOptions> = {}): Adapter =>
      odataAdapter({ profile, serviceUrl, auth, types: { [set]: type }, timeoutMs: 10_000, now, ...more }),
    create: async (fields: object) => (await edit('create', '', fields)).id,
    seed: async (rows: object[]) =>
      (await admin<{ ids: string[] }>('POST', '/rows', { type: set, rows })).ids,
    rows: async () => (await admin<{ rows: ShownRow[] }>('GET', `/rows/${set}`)).rows,
    fault: async (...plan: (Partial<ODataFault> & Pick<ODataFault, 'fault'>)[]) =>
      void (await admin('POST', '/faults', { plan })),
    settings: async (settings: object) => void (await admin('PATCH', '/settings', settings)),
    requests: async () => (await admin<{ entries: LedgerEntry[] }>('GET', '/ledger')).entries,
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

export async function startService(
  profile: ProfileName,
  options: Partial<ODataOptions> = {},
): Promise<Service> {
  const service = await openService(profile, options)
  onTestFinished(service.close)
  return service
}
