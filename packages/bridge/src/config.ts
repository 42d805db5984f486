/** A bridge as `skerry.config.ts` holds it: checked strictly, so that a misspelt key is an error and not a setting that does nothing. */
import * as z from 'zod'
import type { Adapter } from './adapter-port.ts'
import { type AuditConfig, auditSchema } from './audit/audit-config.ts'
import { BridgeError } from './bridge-error.ts'
import { Budget } from './budget/budget.ts'
import { type BudgetConfig, budgetSchema } from './budget/budget-config.ts'
import { issuesOf } from './config-issue.ts'
import { CONCURRENCY_MAX, SYSTEM_LENGTH_MAX } from './limits.ts'
import { MappingFile } from './mapping/file.ts'
import { type MappingConfig, mappingSchema } from './mapping-config.ts'
import { type HashKey, hashKeySchema } from './privacy/hash-key.ts'

export interface BridgeConfig {
  /** Names the system in receipts and ids. */
  name: string
  adapter: Adapter
  /** In TypeScript, or of a file (`parseMappings`). */
  mappings: readonly MappingConfig[] | MappingFile
  pollIntervalMs?: number
  alarmAfterMs?: number
  reconcileIntervalMs?: number
  schemaIntervalMs?: number
  concurrency?: number
  /** Limits of the account; one `Budget` for several bridges where they share it. */
  budget?: Budget | BudgetConfig
  /** Default: kept, with hashes for values. */
  audit?: AuditConfig | false
  /** Of hashed fields. */
  hashKey?: HashKey
}

const WANTED = ['check', 'read', 'changes', 'upsert', 'delete'] as const satisfies (keyof Adapter)[]

const adapterSchema = z.custom<Adapter>((value) => wrongWith(value) === undefined, {
  error: ({ input }) => wrongWith(input),
})

function wrongWith(value: unknown): string | undefined {
  if (!isAdapter(value))
    return 'want an adapter, for example restAdapter({ … }), or one made by new from a class of your own'
  const lacking = WANTED.filter((method) => typeof value[method] !== 'function')
  if (lacking.length > 0)
    return `an adapter has ${WANTED.join(', ')}; this one has no ${lacking.join(', no ')}`
  if (value.capabilities?.deletions !== 'unseen' || typeof value.list === 'function') return undefined
  return "with deletions 'unseen' an adapter has list, too, because nothing else shows which rows are gone; this one has none: write it, or tell of deleted rows in changes, and say 'told'"
}

/** Something that was meant as one. */
function isAdapter(value: unknown): value is Partial<Adapter> {
  return typeof value === 'object' && value !== null && 'capabilities' in value
}

export const bridgeConfigSchema = z.strictObject({
  name: z
    .string()
    .max(SYSTEM_LENGTH_MAX)
    .regex(/^[A-Za-z0-9._-]+$/, 'letters, digits and . _ - are allowed'),
  adapter: adapterSchema,
  mappings: z
    .array(mappingSchema, { error: 'want a list of mappings, or what loadMappings or parseMappings gives' })
    .min(1),
  pollIntervalMs: z.number().int().min(0).optional(),
  alarmAfterMs: z.number().int().min(0).optional(),
  reconcileIntervalMs: z.number().int().min(0).optional(),
  schemaIntervalMs: z.number().int().min(0).optional(),
  concurrency: z.number().int().min(1).max(CONCURRENCY_MAX).optional(),
  budget: z.union([z.instanceof(Budget), budgetSchema]).optional(),
  audit: auditSchema.optional(),
  hashKey: hashKeySchema.optional(),
})

/** A file's mappings were checked when it was read. */
const withFileSchema = bridgeConfigSchema.extend({ mappings: z.instanceof(MappingFile) })

/** @throws BridgeError bridge-config, one line for each thing that is wrong */
export function checkBridgeConfig(config: unknown): BridgeConfig {
  const { mappings, name } = (config ?? {}) as { mappings?: unknown; name?: unknown }
  const schema = mappings instanceof MappingFile ? withFileSchema : bridgeConfigSchema
  const result = schema.safeParse(config)
  // Of functions zod knows only that they can be called.
  if (result.success) return result.data as unknown as BridgeConfig
  const issues = issuesOf(schema, config, result.error)
  // One config may have several; a name that is wrong itself names none.
  const subject = bridgeConfigSchema.shape.name.safeParse(name).success ? `bridge ${name}` : 'bridge'
  throw new BridgeError('bridge-config', issues.map(({ message }) => `${subject}: ${message}`).join('\n'))
}
