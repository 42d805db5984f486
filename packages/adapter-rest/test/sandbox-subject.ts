/** The stand-in CRM as the contract suite needs it, and an adapter on it by configuration alone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import type { ContractSystem, Strikes } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import {
  defaultClient,
  type Fault,
  type LedgerEntry,
  type ObjectType,
  type Row,
  startSandbox,
} from '@skerry/sandbox'

/** Bytes by which an answer is too large: an adapter reads 16 MiB. */
const SWOLLEN_BYTES = 17 * 1024 * 1024

const type = 'accounts'
const methods: Record<Strikes, string> = { read: 'GET', write: 'PUT|PATCH|POST|DELETE' }
const text = { kind: 'string', lengthMax: 200 } as const

const accounts = (gone?: string): ObjectType => {
  const fields: ObjectType['fields'] = {
    name: text,
    notes: text,
    latitude: { kind: 'number', min: -90, max: 90 },
  }
  return {
    name: type,
    idPrefix: 'ACC',
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => name !== gone)),
  }
}

/** The CRM's batch, as data. */
export const batch: RestAdapterOptions['batch'] = {
  path: '/v1/batch',
  writesMax: 200,
  create: {
    method: 'PUT',
    type: '{type}',
    externalId: '{externalId}',
    fields: '{fields}',
    ifNoneMatch: '{ifNone}',
  },
  update: {
    method: 'PATCH',
    type: '{type}',
    id: '{id}',
    fields: '{fields}',
    ifMatch: '{etag}',
    undelete: '{restore}',
  },
  delete: { method: 'DELETE', type: '{type}', id: '{id}', ifMatch: '{etag}' },
  row: 'body.row',
}

export async function sandboxSubject(options: Partial<RestAdapterOptions> = {}): Promise<ContractSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-contract-'))
  let heldAt: number | undefined
  const world = { file: join(folder, 'crm.db'), now: () => heldAt ?? Date.now() }
  let sandbox = await startSandbox({ ...world, objectTypes: [accounts()] })
  const admin = async (method: string, path: string, body?: object): Promise<JsonObject> => {
    const headers = { 'content-type': 'application/json' }
    const sent = body ? { body: JSON.stringify(body), headers } : {}
    const response = await fetch(sandbox.adminUrl + path, { method, ...sent })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as JsonObject
  }
  const fault = async (one: Partial<Fault> & Pick<Fault, 'fault'>) =>
    void (await admin('POST', '/faults', { plan: [{ count: 1, ...one }] }))
  const rows = (next: Strikes) => ({ match: { method: methods[next], path: `^/v1/(${type}|batch)` } })
  const adapter = () =>
    restAdapter({
      name: 'crm',
      baseUrl: sandbox.url,
      auth: defaultClient,
      batch,
      timeoutMs: 10_000,
      ...options,
    })
  const office = (action: string, more: object) => admin('POST', '/office-edit', { type, action, ...more })
  return {
    adapter: adapter(),
    again: adapter,
    type,
    fields: { title: 'name', note: 'notes' },
    poison: { fields: { latitude: 91 }, reason: /latitude/, names: ['latitude'] },
    lacks: {
      describe: 'this API has no address for its schema',
      bulk: 'this API has no jobs',
      listen: 'it was configured without pushes',
    },
    create: async (fields) => (await office('create', { fields })).row as never,
    edit: async (id, fields) => void (await office('update', { id, fields })),
    remove: async (id) => void (await office('delete', { id })),
    rows: async () =>
      ((await admin('GET', `/rows/${type}`)).rows as unknown as Row[]).map((row) => ({
        id: row.id,
        externalId: row.externalId ?? undefined,
        deleted: row.deleted,
        value: row.fields as JsonObject,
      })),
    atOneMoment: async (work) => {
      heldAt = Date.now()
      await work()
      heldAt = undefined
    },
    requests: async () => ((await admin('GET', '/ledger')).entries as unknown as LedgerEntry[]).length,
    faults: {
      loseAnswer: () => fault({ fault: 'commit-then-lose-answer', ...rows('write') } as Fault),
      exhaustQuota: async (next) => {
        await fault({ fault: 'limits', calls: 0, windowMs: 1_000, ...rows(next) } as Fault)
        return { retryAfterMs: 1_000 }
      },
      breakServer: (next) => fault({ fault: 'status', status: 500, ...rows(next) } as Fault),
      garbleAnswer: (next) => fault({ fault: 'truncate-body', ...rows(next) } as Fault),
      swellAnswer: (next) => fault({ fault: 'swell-body', bytes: SWOLLEN_BYTES, ...rows(next) } as Fault),
      hang: async (next) => {
        await fault({ fault: 'hold', ...rows(next) } as Fault)
        return { arrived: admin('GET', '/faults/held?atLeast=1').then(() => undefined) }
      },
      expireTokens: async () => void (await admin('POST', '/tokens/expire')),
      refuseIdentity: async () => {
        await admin('POST', '/tokens/expire')
        const plan = [{ fault: 'status', status: 401, match: { path: '/oauth/token' } }]
        await admin('POST', '/faults', { plan })
      },
      expirePositions: () =>
        fault({ fault: 'status', status: 410, match: { method: 'GET', path: `^/v1/${type}\\?` } } as Fault),
      dropField: async (field) => {
        const [port, adminPort] = [sandbox.url, sandbox.adminUrl].map((url) => Number(new URL(url).port))
        await sandbox.close()
        sandbox = await startSandbox({ ...world, port, adminPort, objectTypes: [accounts(field)] } as never)
      },
      commitLate: { never: 'its commits are one after the other, each with its own time' },
    },
    close: async () => {
      await sandbox.close()
      rmSync(folder, { recursive: true })
    },
  }
}
