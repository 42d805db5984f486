/** What of a database is bridged, as data. What is not named here is neither read nor written. */
import * as z from 'zod'
import {
  BATCH_ROWS_MAX,
  CALL_TIMEOUT_MS_DEFAULT,
  CALL_TIMEOUT_MS_MAX,
  CONNECTIONS_MAX_DEFAULT,
  OVERLAP_MS_DEFAULT,
  REPLAY_DAYS_DEFAULT,
} from './limits.ts'

const column = z.string().min(1)
/** `things`, or with its schema `sales.things`. */
const tableName = z.string().regex(/^[^.\s]+(\.[^.\s]+)?$/, 'want the name of a table, as in sales.customers')

const versionSchema = z.union([
  /** Over the bridged columns. */
  z.literal('digest'),
  z.strictObject({
    column,
    /** True: whoever writes a row adds one to it, and so does the adapter. False: the database does, by a trigger. */
    increment: z.boolean().default(true),
  }),
])

/** @param native a version that the database itself keeps, by the name it has there */
function tableSchema<const Native extends string>(native: readonly Native[]) {
  return z
    .strictObject({
      /** Default: the name of the type. */
      table: tableName.optional(),
      /** Columns of the primary key; default: as the database says. */
      key: z.array(column).min(1).optional(),
      /** A unique text of 128 characters or more, for the bridge's id of a record; absent: rows are only read, changed and deleted, never made. */
      externalId: column.optional(),
      columns: z.array(column).min(1),
      version: z.union([versionSchema, z.enum(native)]).optional(),
      /** A time that every change of a row moves on; wanted for `changes: { by: 'time' }`. */
      modifiedAt: column.optional(),
      modifiedBy: column.optional(),
    })
    .refine(
      ({ columns }) => new Set(columns).size === columns.length,
      'columns: one of them stands there twice',
    )
}

/** Changes by a queue that triggers fill. */
export const outboxSchema = z.strictObject({
  by: z.literal('outbox'),
  table: tableName.default('skerry_outbox'),
})

/** Changes by a column of time; deletions are not seen then. */
export const timeSchema = z.strictObject({
  by: z.literal('time'),
  overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
})

const callsSchema = z.strictObject({
  table: tableName.default('skerry_calls'),
  keptDays: z.number().positive().default(REPLAY_DAYS_DEFAULT),
})

/** What the config of every SQL adapter has. */
export function sqlConfigFields<const Native extends string>(native: readonly Native[]) {
  return {
    /** By the bridge's type. */
    tables: z
      .record(z.string().min(1), tableSchema(native))
      .refine((tables) => Object.keys(tables).length > 0, 'wants at least one table'),
    /** A table that keeps the answer of each write, in the same transaction: a repeat is answered as the first one was. */
    calls: callsSchema.optional(),
    timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
    connectionsMax: z.number().int().min(1).default(CONNECTIONS_MAX_DEFAULT),
    /** Writes, and reads, in one transaction. */
    batchRows: z.number().int().min(1).max(BATCH_ROWS_MAX).default(BATCH_ROWS_MAX),
  }
}

export type TableConfig = z.output<ReturnType<typeof tableSchema<string>>>
export type OutboxConfig = z.output<typeof outboxSchema>
export type TimeConfig = z.output<typeof timeSchema>
export type CallsConfig = z.output<typeof callsSchema>

/** One line for each thing that is wrong with the options of this function. */
export function configFaults(of: string, error: z.core.$ZodError): string {
  const lines = error.issues.flatMap((issue) => {
    const at = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${of}: unknown key '${at ? `${at}.` : ''}${key}'`)
    return [`${of}: ${at || 'options'}: ${issue.message}`]
  })
  return lines.join('\n')
}
