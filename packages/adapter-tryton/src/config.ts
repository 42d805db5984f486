/** How a Tryton server is reached and what of it is bridged, as data. What is not named here is neither read nor written. */
import { isThisMachine, secretSchema, systemUrlSchema } from '@skerry/bridge/http'
import * as z from 'zod'
import {
  CALL_TIMEOUT_MS_DEFAULT,
  CALL_TIMEOUT_MS_MAX,
  OVERLAP_MS_DEFAULT,
  RESPONSE_BYTES_MAX_DEFAULT,
} from './limits.ts'

const modelName = z.string().regex(/^[a-z][\w.]*\.\w+$/, 'want the name of a model, as in party.party')
const path = z.string().regex(/^[a-z]\w*(\.[a-z]\w*)*$/, 'want a field, or a path as in party.code')

const linesSchema = z.strictObject({
  /** The path by which a line is known in its row. */
  key: path,
  /** Beside the key. */
  fields: z.array(path).default([]),
  /** Of every line made here, as Tryton takes them. */
  onCreate: z.record(z.string(), z.json()).default({}),
})

const buttonSchema = z.strictObject({
  from: z.array(z.string()).min(1),
  to: z.string(),
})

const workflowSchema = z.strictObject({
  /** The selection that the buttons move. */
  field: path.default('state'),
  /** By the button's method. */
  buttons: z.record(z.string().regex(/^[a-z]\w*$/), buttonSchema),
})

const modelSchema = z
  .strictObject({
    /** The field of the external id; absent: rows are only read and changed, never made. */
    key: path.optional(),
    /** Tryton refuses a second row of the same key. */
    unique: z.boolean().default(false),
    fields: z.array(path).min(1),
    /** By the one2many. */
    lines: z.record(z.string(), linesSchema).default({}),
    workflow: workflowSchema.optional(),
    /** Deleting sets `active` to false, and a row that is not active is told as deleted. */
    deactivates: z.boolean().default(false),
    /** Of every row made here, as Tryton takes them. */
    onCreate: z.record(z.string(), z.json()).default({}),
    /** Which rows are listed; as Tryton writes domains. */
    domain: z.array(z.json()).optional(),
  })
  .refine(({ fields }) => new Set(fields).size === fields.length, 'fields: one of them stands there twice')
  .refine(
    ({ key, unique }) => key !== undefined || !unique,
    'unique: says something about a key, and there is none',
  )

const fields = {
  name: z.string().min(1).default('tryton'),
  url: systemUrlSchema.transform((url) => url.replace(/\/+$/, '')),
  database: z.string().regex(/^[\w-]+$/, 'want the name of a database'),
  user: secretSchema,
  password: secretSchema,
  models: z
    .record(modelName, modelSchema)
    .refine((models) => Object.keys(models).length > 0, 'wants at least one model'),
  /** Over the user's preferences; `company`, `language` … */
  context: z.record(z.string(), z.json()).default({}),
  /** Names of warnings that are confirmed without asking anybody; `*` stands for anything, as in `*.date_future`. */
  acceptWarnings: z.array(z.string().min(1)).default([]),
  overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
  timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
  responseBytesMax: z.number().int().min(1).default(RESPONSE_BYTES_MAX_DEFAULT),
  /** True: the server's name or address may lead into a private network, or to this machine, which the name `localhost` may anyhow. */
  allowPrivate: z.boolean().default(false),
  /** True: http without TLS, to another machine. */
  allowPlain: z.boolean().default(false),
  /** PEM. `ca`: whom to believe, instead of everybody. */
  ca: secretSchema.optional(),
}

const trytonConfigSchema = z
  .strictObject(fields)
  .refine(({ url, allowPlain }) => allowPlain || url.startsWith('https:') || isThisMachine(url), {
    path: ['url'],
    error:
      'http without TLS, to another machine: the password travels for everybody to read; use https, or set allowPlain',
  })

/** What a user writes; what is absent has the default above. */
export type TrytonAdapterOptions = z.input<z.ZodObject<typeof fields>>
export type TrytonConfig = z.output<typeof trytonConfigSchema>
export type ModelConfig = z.output<typeof modelSchema>
export type LinesConfig = z.output<typeof linesSchema>
export type WorkflowConfig = z.output<typeof workflowSchema>

export class TrytonConfigError extends Error {
  override readonly name = 'TrytonConfigError'
  readonly code = 'tryton-config'
}

/** @throws TrytonConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): TrytonConfig {
  const result = trytonConfigSchema.safeParse(options)
  if (result.success) return result.data
  throw new TrytonConfigError(result.error.issues.flatMap(linesOf).join('\n'))
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `trytonAdapter: unknown key '${at ? `${at}.` : ''}${key}'`)
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message
  return [`trytonAdapter: ${at || 'options'}: ${message}`]
}
