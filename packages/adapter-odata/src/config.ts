/** How a service is reached, and what of it is bridged, as data. What is not named here is neither read nor written. */
import {
  type AuthOptions,
  authSchema,
  guardedAgent,
  type HttpSettings,
  isThisMachine,
  systemUrlSchema,
} from '@skerry/bridge/http'
import * as z from 'zod'
import {
  CALL_TIMEOUT_MS_DEFAULT,
  CALL_TIMEOUT_MS_MAX,
  OVERLAP_MS_DEFAULT,
  RESPONSE_BYTES_MAX_DEFAULT,
  SELECT_LENGTH_MAX,
} from './limits.ts'
import { profileNames, profiles } from './profiles.ts'

const name = z.string().regex(/^[A-Za-z_]\w*$/, 'want a name, such as Visits or LastChangedAt')

const fieldSchema = z.union(
  [
    name.transform((field) => ({ name: field, kind: 'plain' as const })),
    z.strictObject({
      name,
      /** `decimal`: always digits as text. `time`: always UTC. */
      kind: z.enum(['plain', 'decimal', 'time']),
    }),
  ],
  "want a name, or { name, kind: 'decimal' | 'time' }",
)

const typeSchema = z
  .strictObject({
    key: name,
    keyType: z.enum(['guid', 'text', 'integer']).default('guid'),
    /** A property of text that holds the bridge's id of a row; no two rows have the same. */
    externalId: name,
    /** When a row was changed last. Wanted where changes are found by it. */
    modified: name.optional(),
    fields: z.array(fieldSchema).min(1),
    /** Which rows are listed; a condition as it stands in $filter. */
    filter: z.string().min(1).optional(),
    /** Default: the profile's. */
    create: z.enum(['alternate-key', 'known-id', 'unique-field']).optional(),
  })
  .refine(
    ({ fields }) => new Set(fields.map((field) => field.name)).size === fields.length,
    'fields: one of them stands there twice',
  )
  .refine(
    ({ fields }) => fields.map((field) => field.name).join(',').length <= SELECT_LENGTH_MAX,
    `fields: more than ${SELECT_LENGTH_MAX} characters together`,
  )

const functionSchema = <Call>() => z.custom<Call>((value) => typeof value === 'function', 'want a function')

const fields = {
  name: z.string().min(1).default('odata'),
  profile: z.enum(profileNames).default('plain'),
  /** The root of the service, as `https://org.crm.dynamics.com/api/data/v9.2`. */
  serviceUrl: systemUrlSchema
    .refine(
      (url) => !/[?#]/.test(url),
      'want an address without query; what every request carries stands in headers',
    )
    .transform((url) => url.replace(/\/+$/, '')),
  /** By entity set. */
  types: z
    .record(name, typeSchema)
    .refine((types) => Object.keys(types).length > 0, 'wants at least one type'),
  /** Sent with every request. */
  headers: z.record(z.string(), z.string()).default({}),
  csrf: z.boolean().optional(),
  changes: z.enum(['delta', 'modified']).optional(),
  batch: z.union([z.enum(['multipart', 'json']), z.literal(false)]).optional(),
  /** `digest`: for a service without entity tags; nothing is compared there. */
  versions: z.enum(['etag', 'digest']).default('etag'),
  overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
  /** Names and addresses may lead into private networks, or to this machine, which the name `localhost` may anyhow. */
  allowPrivate: z.boolean().default(false),
  /** http without TLS, to another machine. */
  allowPlain: z.boolean().default(false),
  timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
  responseBytesMax: z.number().int().min(1).default(RESPONSE_BYTES_MAX_DEFAULT),
  now: functionSchema<() => number>().default(() => Date.now),
}

export const odataConfigSchema = z
  .strictObject({ ...fields, auth: authSchema.optional() })
  .transform(({ csrf, changes, batch, types, ...config }) => {
    const profile = profiles[config.profile]
    return {
      ...config,
      csrf: csrf ?? profile.csrf,
      changes: changes ?? profile.changes,
      batch: batch ?? profile.batch,
      selectsOnWrite: profile.selectsOnWrite,
      partAddress: profile.partAddress,
      types: Object.fromEntries(
        Object.entries(types).map(([set, type]) => [set, { ...type, create: type.create ?? profile.create }]),
      ),
    }
  })
  .superRefine((config, context) => {
    const wrong = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const { serviceUrl, allowPlain, auth, changes, types } = config
    const plain = 'http without TLS, to another machine; use https, or set allowPlain'
    if (!allowPlain && !isSafe(serviceUrl)) wrong(['serviceUrl'], plain)
    if (!allowPlain && auth && 'tokenUrl' in auth && auth.tokenUrl && !isSafe(auth.tokenUrl))
      wrong(['auth', 'tokenUrl'], plain)
    for (const [set, type] of Object.entries(types)) {
      if (changes === 'modified' && type.modified === undefined)
        wrong(['types', set, 'modified'], 'changes are found by the time of the last one: name its property')
      if (changes === 'delta' && type.filter !== undefined)
        wrong(
          ['types', set, 'filter'],
          "a service that tracks changes takes no filter; set changes: 'modified'",
        )
      if (type.create === 'known-id' && type.keyType !== 'guid')
        wrong(['types', set, 'create'], 'a key that follows from the external id is a guid')
    }
  })

function isSafe(url: string): boolean {
  return url.startsWith('https:') || isThisMachine(url)
}

/** What a user writes; what is absent has the default above, or the profile's. */
export type ODataAdapterOptions = z.input<z.ZodObject<typeof fields>> & { auth?: AuthOptions | undefined }
/** Ready for use. */
export interface ODataConfig extends z.output<typeof odataConfigSchema>, Pick<HttpSettings, 'agent'> {}
export type TypeConfig = ODataConfig['types'][string]
/** A type under its name. */
export interface Typed extends TypeConfig {
  set: string
}

export class ODataConfigError extends Error {
  override readonly name = 'ODataConfigError'
  readonly code = 'odata-config'
}

/** @throws ODataConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): ODataConfig {
  const result = odataConfigSchema.safeParse(options)
  if (result.success) {
    const { allowPrivate } = result.data
    return { ...result.data, agent: guardedAgent({ allowPrivate }) }
  }
  throw new ODataConfigError(result.error.issues.flatMap(linesOf).join('\n'))
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `odataAdapter: unknown key '${at ? `${at}.` : ''}${key}'`)
  return [`odataAdapter: ${at || 'options'}: ${issue.message}`]
}
