/** How a database is reached and what of it is bridged, as data. */
import { isThisMachine, secretSchema } from '@skerry/bridge/http'
import { configFaults, outboxSchema, sqlConfigFields, timeSchema } from '@skerry/bridge/sql'
import * as z from 'zod'

/** Changes by the binary log. */
const logSchema = z.strictObject({ by: z.literal('log') })

const tlsSchema = z.strictObject({
  /** PEM. Whom to believe, instead of everybody; and who we are. */
  ca: secretSchema.optional(),
  cert: secretSchema.optional(),
  key: secretSchema.optional(),
})

const fields = {
  name: z.string().min(1).default('mysql'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(3_306),
  database: z.string().min(1),
  user: z.string().min(1),
  /** Read anew for each connection; absent where the server wants none. */
  password: secretSchema.optional(),
  tls: tlsSchema.default({}),
  /** True: without TLS, to another machine. Never wanted to this one. */
  allowPlain: z.boolean().default(false),
  changes: z.discriminatedUnion('by', [logSchema, outboxSchema, timeSchema]).default({ by: 'log' }),
  ...sqlConfigFields([]),
}

const mysqlConfigSchema = z.strictObject(fields).superRefine(({ changes, tables }, context) => {
  for (const [type, { modifiedAt }] of Object.entries(tables))
    if (changes.by === 'time' && modifiedAt === undefined)
      context.addIssue({
        code: 'custom',
        path: ['tables', type, 'modifiedAt'],
        message: 'changes by time want it',
      })
})

/** What a user writes; what is absent has the default above. */
export type MysqlAdapterOptions = z.input<z.ZodObject<typeof fields>>
export type MysqlConfig = z.output<typeof mysqlConfigSchema>

export class MysqlConfigError extends Error {
  override readonly name = 'MysqlConfigError'
  readonly code = 'mysql-config'
}

/** @throws MysqlConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): MysqlConfig {
  const result = mysqlConfigSchema.safeParse(options)
  if (result.success) return result.data
  throw new MysqlConfigError(configFaults('mysqlAdapter', result.error))
}

/** An address of this machine: nobody listens in between. */
export function isNear(host: string): boolean {
  return isThisMachine(`http://${host.includes(':') ? `[${host}]` : host}`)
}
