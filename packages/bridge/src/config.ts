/** A bridge as `skerry.config.ts` holds it: checked strictly, so that a misspelt key is an error and not a setting that does nothing. */
import * as z from 'zod'
import type { Adapter } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { Budget } from './budget/budget.ts'
import { type BudgetConfig, budgetSchema } from './budget/budget-config.ts'
import { CONCURRENCY_MAX, SYSTEM_LENGTH_MAX } from './limits.ts'
import { type MappingConfig, mappingSchema } from './mapping-config.ts'

export interface BridgeConfig {
  /** Names the system in receipts and ids. */
  name: string
  adapter: Adapter
  mappings: MappingConfig[]
  pollIntervalMs?: number
  alarmAfterMs?: number
  reconcileIntervalMs?: number
  concurrency?: number
  /** Limits of the account; one `Budget` for several bridges where they share it. */
  budget?: Budget | BudgetConfig
}

const adapterSchema = z.custom<Adapter>(
  (value) => typeof value === 'object' && value !== null && 'capabilities' in value && 'upsert' in value,
  'want an adapter, for example restAdapter({ … })',
)

export const bridgeConfigSchema = z.strictObject({
  name: z
    .string()
    .max(SYSTEM_LENGTH_MAX)
    .regex(/^[A-Za-z0-9._-]+$/, 'letters, digits and . _ - are allowed'),
  adapter: adapterSchema,
  mappings: z.array(mappingSchema).min(1),
  pollIntervalMs: z.number().int().min(0).optional(),
  alarmAfterMs: z.number().int().min(0).optional(),
  reconcileIntervalMs: z.number().int().min(0).optional(),
  concurrency: z.number().int().min(1).max(CONCURRENCY_MAX).optional(),
  budget: z.union([z.instanceof(Budget), budgetSchema]).optional(),
})

/** @throws BridgeError bridge-config, one line for each thing that is wrong */
export function checkBridgeConfig(config: unknown): BridgeConfig {
  const result = bridgeConfigSchema.safeParse(config)
  // Of functions zod knows only that they can be called.
  if (result.success) return result.data as unknown as BridgeConfig
  const lines = result.error.issues.flatMap((issue) => describe(issue))
  throw new BridgeError('bridge-config', lines.join('\n'))
}

function describe(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `bridge: unknown key '${at ? `${at}.` : ''}${key}'`)
  if (issue.code === 'invalid_union') {
    const nearest = issue.errors.reduce(
      (fewest, errors) =>
        errors.some(({ path }) => path.length > 0) || errors.some(({ code }) => code === 'unrecognized_keys')
          ? errors
          : fewest,
      [],
    )
    if (nearest.length > 0)
      return nearest.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }))
  }
  return [`bridge: ${at || 'config'}: ${issue.message}`]
}
