/** How a database is reached and what of it is bridged, as data. */
import { isThisMachine, secretSchema } from '@skerry/bridge/http'
import { configFaults, outboxSchema, sqlConfigFields, timeSchema } from '@skerry/bridge/sql'
import * as z from 'zod'

const slotPart = z.string().regex(/^[a-z0-9_]{1,40}$/, 'want lower-case letters, digits and _')

/** Changes by logical replication. */
const logSchema = z.strictObject({
  by: z.literal('log'),
  publication: z.string().min(1).default('skerry'),
  /** A slot for each type: `<slots>_<type>`. */
  slots: slotPart.default('skerry'),
})

const tlsSchema = z.strictObject({
  /** PEM. Whom to believe, instead of everybody; and who we are. */
  ca: secretSchema.optional(),
  cert: secretSchema.optional(),
  key: secretSchema.optional(),
})

const fields = {
  name: z.string().min(1).default('postgres'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(5_432),
  database: z.string().min(1),
  user: z.string().min(1),
  /** Read anew for each connection; absent where the server knows us in another way. */
  password: secretSchema.optional(),
  tls: tlsSchema.default({}),
  /** True: without TLS, to another machine. Never wanted to this one. */
  allowPlain: z.boolean().default(false),
  changes: z.discriminatedUnion('by', [logSchema, outboxSchema, timeSchema]).default({
    by: 'log',
    publication: 'skerry',
    slots: 'skerry',
  }),
  ...sqlConfigFields(['xmin']),
}

const postgresConfigSchema = z.strictObject(fields).superRefine(({ changes, tables }, context) => {
  for (const [type, { modifiedAt }] of Object.entries(tables))
    if (changes.by === 'time' && modifiedAt === undefined)
      context.addIssue({
        code: 'custom',
        path: ['tables', type, 'modifiedAt'],
        message: 'changes by time want it',
      })
})

/** What a user writes; what is absent has the default above. */
export type PostgresAdapterOptions = z.input<z.ZodObject<typeof fields>>
export type PostgresConfig = z.output<typeof postgresConfigSchema>
export type LogConfig = z.output<typeof logSchema>

export class PostgresConfigError extends Error {
  override readonly name = 'PostgresConfigError'
  readonly code = 'postgres-config'
}

/** @throws PostgresConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): PostgresConfig {
  const result = postgresConfigSchema.safeParse(options)
  if (result.success) return result.data
  throw new PostgresConfigError(configFaults('postgresAdapter', result.error))
}

/** A socket's folder, or an address of this machine: nobody listens in between. */
export function isNear(host: string): boolean {
  return host.startsWith('/') || isThisMachine(`http://${host.includes(':') ? `[${host}]` : host}`)
}
