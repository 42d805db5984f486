/**
 * How a JSON REST API looks, as data. Every default fits Skerry's own stand-in CRM (apps/sandbox); another system names what is different there.
 */
import type { Hint } from '@skerry/bridge'
import { isLinkLocal } from '@skerry/bridge/http'
import * as z from 'zod'
import {
  CALL_TIMEOUT_MS_DEFAULT,
  CALL_TIMEOUT_MS_MAX,
  OVERLAP_MS_DEFAULT,
  RESPONSE_BYTES_MAX_DEFAULT,
} from './limits.ts'

const path = z.string().startsWith('/')
const header = z.record(z.string(), z.string())

const clientCredentials = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** Below the base address. */
  tokenPath: path.default('/oauth/token'),
  scope: z.string().optional(),
})

/** Where things stand in the address; `{type}`, `{id}` and `{externalId}` are filled in, encoded. */
const pathsSchema = z.strictObject({
  list: path.default('/v1/{type}'),
  byId: path.default('/v1/{type}/{id}'),
  byExternalId: path.default('/v1/{type}/by-external-id/{externalId}'),
  webhooks: path.default('/v1/webhooks'),
  /** Read by `check`. */
  check: path.default('/v1/webhooks'),
})

/** Names in a row as the system sends it. */
const rowSchema = z.strictObject({
  id: z.string().default('id'),
  externalId: z.string().default('externalId'),
  version: z.string().default('version'),
  modifiedAt: z.string().default('modifiedAt'),
  modifiedBy: z.string().default('modifiedBy'),
  deleted: z.string().default('deleted'),
  /** The object that holds the fields; empty: the row itself. */
  fields: z.string().default('fields'),
})

const listSchema = z.strictObject({
  /** Names in a page. */
  rows: z.string().default('rows'),
  next: z.string().default('next'),
  /** Names of the query's parameters. */
  limit: z.string().default('limit'),
  cursor: z.string().default('cursor'),
  since: z.string().default('modifiedSince'),
  /** Parameters that every listing carries. */
  always: header.default({ includeDeleted: 'true' }),
  overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
})

const webhookSchema = z.strictObject({
  /** Where to listen; 0 takes any free port. */
  port: z.number().int().min(0).max(65_535).default(0),
  host: z.string().default('127.0.0.1'),
  /** What the system is told to call; default the address listened on. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Default: the one the system gives at registration. */
  secret: z.string().startsWith('whsec_').optional(),
  hints: z.custom<(payload: unknown) => Hint[]>((value) => typeof value === 'function').optional(),
})

const functionSchema = <Call>() => z.custom<Call>((value) => typeof value === 'function', 'want a function')

export const restConfigSchema = z.strictObject({
  name: z.string().min(1).default('rest'),
  /** Without a trailing slash. */
  baseUrl: z
    .url({ protocol: /^https?$/, abort: true })
    .refine((url) => !isLinkLocal(url), 'a link-local address is no system to write to')
    .transform((url) => url.replace(/\/+$/, '')),
  auth: z.union([clientCredentials, z.strictObject({ bearer: z.string().min(1) })]).optional(),
  headers: header.default({}),
  paths: pathsSchema.prefault({}),
  row: rowSchema.prefault({}),
  list: listSchema.prefault({}),
  /** The entity tag that stands for a version; default `"v<version>"`. */
  etag: functionSchema<(version: string) => string>().default(() => (version: string) => `"v${version}"`),
  /** False when the system ignores If-Match. */
  compareAndSet: z.boolean().default(true),
  /** Milliseconds for which the system keeps answers to PUT, PATCH and DELETE by Idempotency-Key, as its documentation says. Default 0: it does not look at the key. */
  replayMs: z.number().int().min(0).default(0),
  timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
  responseBytesMax: z.number().int().min(1).default(RESPONSE_BYTES_MAX_DEFAULT),
  /** Absent: no pushes are asked for. */
  webhook: webhookSchema.optional(),
  now: functionSchema<() => number>().default(() => Date.now),
})

/** What a user writes; what is absent has the default above. */
export type RestAdapterOptions = z.input<typeof restConfigSchema>
export type RestConfig = z.output<typeof restConfigSchema>

export class RestConfigError extends Error {
  override readonly name = 'RestConfigError'
  readonly code = 'rest-config'
}

/** @throws RestConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): RestConfig {
  const result = restConfigSchema.safeParse(options)
  if (result.success) return result.data
  const lines = result.error.issues.flatMap((issue) => {
    const at = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `restAdapter: unknown key '${at ? `${at}.` : ''}${key}'`)
    return [`restAdapter: ${at || 'options'}: ${issue.message}`]
  })
  throw new RestConfigError(lines.join('\n'))
}
