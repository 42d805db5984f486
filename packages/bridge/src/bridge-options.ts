/** What a bridge is started with. */
import type { ReplicaBase } from '@skerry/core'
import type { Adapter } from './adapter-port.ts'
import type { AuditConfig } from './audit/audit-config.ts'
import type { Budget } from './budget/budget.ts'
import type { BudgetConfig } from './budget/budget-config.ts'
import type { BridgeEvent, BridgeHost } from './context.ts'
import type { Repoint } from './identity/merge.ts'
import type { MappingFile } from './mapping/file.ts'
import type { MappingConfig } from './mapping-config.ts'
import type { HashKey } from './privacy/hash-key.ts'
import type { WalkBudget } from './reconcile/budget.ts'

export interface BridgeOptions {
  replica: ReplicaBase
  adapter: Adapter
  /** In TypeScript, or of a file (`parseMappings`). */
  mappings: readonly MappingConfig[] | MappingFile
  host: BridgeHost
  /** The system's name, in receipts and ids; default the adapter's. Never change it: rows would be imported again. */
  name?: string | undefined
  /** Milliseconds between two polls; 0: only when `pollNow` is called. Default POLL_INTERVAL_MS_DEFAULT. */
  pollIntervalMs?: number | undefined
  /** Milliseconds without a poll that came to its end, and without a push, after which an alarm is raised; 0: never. Default ALARM_AFTER_MS_DEFAULT where the bridge polls by itself. */
  alarmAfterMs?: number | undefined
  /** Milliseconds between two reconciliations of a type; 0: only when `reconcile` is called. Default RECONCILE_INTERVAL_MS_DEFAULT for a system that does not tell of deletions, else 0. */
  reconcileIntervalMs?: number | undefined
  /** Milliseconds between two readings of the system's schema, where the adapter tells of one; 0: only at the start, on errors, and by `checkSchema`. Default SCHEMA_INTERVAL_MS_DEFAULT where the bridge polls by itself. */
  schemaIntervalMs?: number | undefined
  /** Asked before each call of a reconciliation. Default: all are allowed. */
  walkBudget?: WalkBudget | undefined
  /** Called for each merge of two records, in its append: makes what refers to the one refer to the other. Default: nothing refers to a record. */
  repoint?: Repoint | undefined
  /** Calls under way at once. Default CONCURRENCY_DEFAULT. */
  concurrency?: number | undefined
  /** What the account allows; a `Budget` is shared by all bridges that are given it. Default: what answers tell. */
  budget?: Budget | BudgetConfig | undefined
  events?: ((event: BridgeEvent) => void) | undefined
  /** What is kept of everything that was done, and for how long; false: nothing. Default: all of it, with hashes for values (SPEC B-150 to B-156). */
  audit?: AuditConfig | false | undefined
  /** Of hashed fields (SPEC B-158): at least HASH_KEY_LENGTH_MIN characters, of the environment or a file. Another key makes other hashes of the same values. */
  hashKey?: HashKey | undefined
}
