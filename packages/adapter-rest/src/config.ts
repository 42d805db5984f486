/**
 * How a JSON REST API looks, as data. Every default fits Skerry's own stand-in CRM (apps/sandbox); another system names what is different there. The parts stand in files of their own.
 */
import {
  type AuthOptions,
  authSchema,
  isThisMachine,
  secretSchema,
  systemUrlSchema,
} from '@skerry/bridge/http'
import * as z from 'zod'
import { answerSchema } from './config-answers.ts'
import { listSchema, rowSchema } from './config-list.ts'
import { webhookSchema } from './config-webhook.ts'
import { batchSchema, writeSchema } from './config-write.ts'
import { CALL_TIMEOUT_MS_DEFAULT, CALL_TIMEOUT_MS_MAX, RESPONSE_BYTES_MAX_DEFAULT } from './limits.ts'

const path = z.string().startsWith('/')

/** Where things stand in the address; `{type}`, `{id}` and `{externalId}` are filled in, encoded. */
const pathsSchema = z.strictObject({
  list: path.default('/v1/{type}'),
  byId: path.default('/v1/{type}/{id}'),
  byExternalId: path.default('/v1/{type}/by-external-id/{externalId}'),
  webhooks: path.default('/v1/webhooks'),
  /** Read by `check`. */
  check: path.default('/v1/webhooks'),
})

const functionSchema = <Call>() => z.custom<Call>((value) => typeof value === 'function', 'want a function')

type EtagOf = (version: string) => string

/** A text with `{version}` in it, or a function. */
const etagSchema = z
  .union(
    [z.string().includes('{version}'), functionSchema<EtagOf>()],
    'want a text with {version} in it, or a function',
  )
  .transform(
    (etag): EtagOf =>
      typeof etag === 'string' ? (version) => etag.replace('{version}', () => version) : etag,
  )

const fields = {
  name: z.string().min(1).default('rest'),
  /** Without a trailing slash. */
  baseUrl: systemUrlSchema.transform((url) => url.replace(/\/+$/, '')),
  /** True: the system's name or address may lead into a private network, or to this machine, which the name `localhost` may anyhow. */
  allowPrivate: z.boolean().default(false),
  /** True: http without TLS, to another machine. */
  allowPlain: z.boolean().default(false),
  /** PEM. `ca`: whom to believe, instead of everybody; `cert` and `key`: who we are, where the system asks for that (mutual TLS). */
  tls: z
    .strictObject({
      ca: secretSchema.optional(),
      cert: secretSchema.optional(),
      key: secretSchema.optional(),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'want cert and key, or neither')
    .optional(),
  headers: z.record(z.string(), z.string()).default({}),
  paths: pathsSchema.prefault({}),
  row: rowSchema.prefault({}),
  list: listSchema.prefault({}),
  write: writeSchema.prefault({}),
  /** Absent: one write a call. */
  batch: batchSchema.optional(),
  answers: z.array(answerSchema).default([]),
  /** The entity tag that stands for a version. */
  etag: etagSchema.prefault('"v{version}"'),
  /** False when the system does not look at versions. */
  compareAndSet: z.boolean().default(true),
  /** `unseen`: the system deletes for good and tells nobody; a row that is not found when it is written counts as deleted, and whole listings show the others. */
  deletions: z.enum(['told', 'unseen']).default('told'),
  /** Milliseconds for which the system keeps answers to PUT, PATCH and DELETE by Idempotency-Key, as its documentation says. Default 0: it does not look at the key. */
  replayMs: z.number().int().min(0).default(0),
  timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
  responseBytesMax: z.number().int().min(1).default(RESPONSE_BYTES_MAX_DEFAULT),
  /** Absent: no pushes are asked for. */
  webhook: webhookSchema.optional(),
  now: functionSchema<() => number>().default(() => Date.now),
}

export const restConfigSchema = z
  .strictObject({ ...fields, auth: authSchema.optional() })
  .refine(({ baseUrl, allowPlain }) => allowPlain || isSafe(baseUrl), {
    path: ['baseUrl'],
    error:
      'http without TLS, to another machine: what is said there, anybody on the way can read; use https, or set allowPlain',
  })
  .refine(
    ({ auth, allowPlain }) =>
      allowPlain || !auth || !('tokenUrl' in auth) || !auth.tokenUrl || isSafe(auth.tokenUrl),
    {
      path: ['auth', 'tokenUrl'],
      error: 'http without TLS, to another machine; use https, or set allowPlain',
    },
  )
  .refine(({ batch, write }) => !batch || (write.create.kind === 'put' && write.update.kind === 'merge'), {
    path: ['batch'],
    error:
      'nothing is searched or read before a batch, so that it needs a system that upserts by external id and changes single fields',
  })
  .refine(({ compareAndSet, row }) => !compareAndSet || typeof row.version === 'string', {
    path: ['row', 'version'],
    error: 'a digest is nothing that the system could compare: set compareAndSet to false',
  })

function isSafe(url: string): boolean {
  return url.startsWith('https:') || isThisMachine(url)
}

/** What a user writes; what is absent has the default above. */
export type RestAdapterOptions = z.input<z.ZodObject<typeof fields>> & { auth?: AuthOptions | undefined }
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
