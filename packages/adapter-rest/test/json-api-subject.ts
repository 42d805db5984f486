/** A JSON API of one make as the contract suite needs it. */
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import type { ContractSystem } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { JsonApi, type JsonApiOptions } from './json-api.ts'

/** What all of these APIs have in common. */
const shape: Partial<RestAdapterOptions> = {
  name: 'erp',
  paths: { list: '/{type}', byId: '/{type}/{id}', check: '/me' },
  row: {
    at: 'data',
    id: 'key',
    externalId: 'ref',
    version: 'meta.rev',
    modifiedAt: 'meta.changed',
    deleted: { at: 'state', is: 'archived' },
    fields: 'attributes',
  },
  etag: '"{version}"',
  write: {
    create: { kind: 'search', search: '/{type}?ref={externalId}', path: '/{type}' },
    idempotencyKey: null,
  },
}
const listShape = {
  rows: 'items',
  next: 'links.next',
  cursor: 'at',
  since: 'since',
  sinceFormat: 'iso',
  always: {},
} as const

export type ApiConfig = Omit<RestAdapterOptions, 'baseUrl'>

/** The config for an API of this make; `more` adds what is particular. */
export function configFor(more: Partial<ApiConfig> & { list?: RestAdapterOptions['list'] }): ApiConfig {
  return {
    ...shape,
    ...more,
    row: { ...shape.row, ...more.row },
    write: { ...shape.write, ...more.write },
    list: { ...listShape, ...more.list },
  }
}

export async function apiSubject(
  options: JsonApiOptions,
  config: ApiConfig,
): Promise<ContractSystem & { api: JsonApi }> {
  const api = await new JsonApi(options).open()
  const adapter = () => restAdapter({ ...config, baseUrl: api.url })
  return {
    api,
    adapter: adapter(),
    again: adapter,
    type: 'items',
    fields: { title: 'name', note: 'note' },
    poison: { fields: { name: 'poison' }, reason: /house rules/, names: ['name'] },
    lacks: {
      describe: 'this API has no address for its schema',
      batch: 'this API takes one write at a time',
      bulk: 'this API has no jobs',
      listen: 'this API does not push',
      deletions: 'what is deleted is gone for good',
      compareAndSet: 'this API looks at no version',
    },
    create: async (fields) => ({ id: String(api.store({}, fields).key) }),
    edit: async (id, fields) => void api.store(api.rows.get(Number(id)) ?? {}, fields),
    remove: async (id) => api.remove(Number(id)),
    rows: async () =>
      [...api.rows.values()].map(({ key, ref, state, attributes }) => ({
        id: String(key),
        externalId: ref ?? undefined,
        deleted: state === 'archived',
        value: attributes as JsonObject,
      })),
    atOneMoment: (work) => api.atOneMoment(work),
    requests: async () => api.requests,
    faults: {
      loseAnswer: async () => api.strike('write', 'lose'),
      exhaustQuota: async (next) => {
        api.strike(next, 'quota')
        return { retryAfterMs: 2_000 }
      },
      breakServer: async (next) => api.strike(next, 'break'),
      garbleAnswer: async (next) => api.strike(next, 'html'),
      swellAnswer: async (next) => api.strike(next, 'swell'),
      hang: async (next) => ({ arrived: new Promise((resolve) => api.strike(next, 'hang', resolve)) }),
      expireTokens: { never: 'what it asks for does not end' },
      refuseIdentity: async () => {
        api.lets = () => false
      },
      expirePositions: { never: 'its positions are times, which do not end' },
      dropField: async (field) => void api.fields.delete(field),
      commitLate: async (fields) => {
        const [key, changed] = [api.nextKey(), api.now()]
        return { id: String(key), show: async () => void api.store({ key }, fields, changed) }
      },
    },
    close: () => api.close(),
  }
}
