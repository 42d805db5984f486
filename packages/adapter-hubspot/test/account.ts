/** An account of its own for a test: the stand-in in this process, its clock, and a hand on its admin side. */
import { type HubSpotAdapterOptions, hubspotAdapter } from '@skerry/adapter-hubspot'
import type { Adapter } from '@skerry/bridge'
import type { LedgerEntry } from '@skerry/sandbox'
import {
  defaultHubSpotClient,
  defaultPrivateApp,
  type HubSpotFault,
  type HubSpotOptions,
  type ObjectType,
  startHubSpot,
} from '@skerry/sandbox/hubspot'
import { onTestFinished } from 'vitest'

export const call = { signal: new AbortController().signal }

export interface ShownRow {
  id: string
  archived: boolean
  mergedInto: string | null
  modifiedAt: string
  properties: Record<string, string>
}

/** A type that the tests may do anything with. */
const visit: ObjectType = {
  name: 'visits',
  objectTypeId: '2-4242',
  label: 'Visits',
  properties: {
    skerry_id: { type: 'string', hasUniqueValue: true },
    code: { type: 'string', hasUniqueValue: true },
    title: { type: 'string' },
    note: { type: 'string', fieldType: 'textarea' },
    starts: { type: 'datetime', fieldType: 'date' },
    day: { type: 'date', fieldType: 'date' },
    hours: { type: 'number', fieldType: 'number' },
    cost: { type: 'number', fieldType: 'number', showCurrencySymbol: true },
    done: { type: 'bool', fieldType: 'booleancheckbox' },
    parts: { type: 'enumeration', fieldType: 'checkbox', options: ['pump', 'valve'] },
  },
  defaults: ['title'],
  required: ['title'],
  rules: [{ property: 'title', pattern: '^poison', message: 'Nothing poisonous, please' }],
}

const types: HubSpotAdapterOptions['types'] = {
  visits: {
    externalId: 'skerry_id',
    objectTypeId: '2-4242',
    properties: ['title', 'note', 'code', 'starts', 'day', 'hours', 'cost', 'done', 'parts'],
  },
}

/** Many more than the limits of an account: a test hurries. */
const settings = { burstCalls: 100_000, searchCalls: 100_000 }

export type Account = Awaited<ReturnType<typeof openAccount>>

/** Closed by whoever opened it. */
export async function openAccount(options: HubSpotOptions = {}) {
  let heldAt: number | undefined
  let aheadMs = 0
  const { url, adminUrl, close } = await startHubSpot({
    objectTypes: [visit],
    now: () => heldAt ?? Date.now(),
    ...options,
    settings: { ...settings, ...options.settings },
  })
  const admin = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(adminUrl + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
  const edit = async (action: string, id: string, properties: object = {}, more: object = {}) =>
    (await admin<{ row: ShownRow }>('POST', '/edit', { type: 'visits', action, id, properties, ...more })).row
  const ledger = async () => (await admin<{ entries: LedgerEntry[] }>('GET', '/ledger')).entries
  const now = () => (heldAt ?? Date.now()) + aheadMs
  const { token: refreshToken } = await admin<{ token: string }>('POST', '/refresh-tokens', {
    client: defaultHubSpotClient.clientId,
  })
  return {
    url,
    close,
    admin,
    edit,
    ledger,
    /** The time there, which a machine that keeps its clock has too. */
    now,
    oauth: { ...defaultHubSpotClient, refreshToken },
    adapter: (more: Partial<HubSpotAdapterOptions> = {}): Adapter =>
      hubspotAdapter({
        baseUrl: url,
        allowPrivate: true,
        ...(more.oauth === undefined && { token: defaultPrivateApp.token }),
        types,
        archivedEveryMs: 0,
        timeoutMs: 10_000,
        now,
        ...more,
      }),
    create: async (properties: object, type = 'visits') =>
      (await edit('create', '', properties, { type })).id,
    seed: async (rows: object[], type = 'visits') =>
      (await admin<{ ids: string[] }>('POST', '/rows', { type, rows })).ids,
    rows: async (type = 'visits') => (await admin<{ rows: ShownRow[] }>('GET', `/rows/${type}`)).rows,
    fault: async (...plan: (Partial<HubSpotFault> & Pick<HubSpotFault, 'fault'>)[]) =>
      void (await admin('POST', '/faults', { plan })),
    settings: async (settings: object) => void (await admin('PATCH', '/settings', settings)),
    /** API requests, as `GET /crm/v3/objects/visits`; not those for a token, which nobody counts. */
    requests: async () =>
      (await ledger())
        .filter(({ path }) => path.startsWith('/crm'))
        .map(({ method, path }) => `${method} ${path.split('?')[0]}`),
    /** Writes that changed a row: which row, and which of its properties. */
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

export async function startAccount(options: HubSpotOptions = {}): Promise<Account> {
  const account = await openAccount(options)
  onTestFinished(account.close)
  return account
}

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
