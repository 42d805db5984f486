/** Everything another package may use of the bridge, by name. */
export type {
  Adapter,
  Allowance,
  Call,
  Capabilities,
  ChangesAnswer,
  DeleteRequest,
  DescribeAnswer,
  ExternalRow,
  Failure,
  FieldKind,
  FieldSchema,
  Hint,
  ListAnswer,
  ListedRow,
  ReadAnswer,
  TypeSchema,
  UpsertRequest,
  Write,
  WriteAnswer,
} from './adapter-port.ts'
export {
  type Bridge,
  type BridgeOptions,
  type BridgeStats,
  startBridge,
  startBridgeFromConfig,
} from './bridge.ts'
export { BridgeError, type BridgeErrorCode } from './bridge-error.ts'
export { Budget, type BudgetState } from './budget/budget.ts'
export type { BudgetConfig, LimitsConfig, Pool, ScopeConfig } from './budget/budget-config.ts'
export { type BridgeConfig, bridgeConfigSchema, checkBridgeConfig } from './config.ts'
export type { BridgeEvent, BridgeHost } from './context.ts'
export type { DeadLetter, RetryChoice } from './dead-letters.ts'
export type { BreakerState } from './delivery/breaker.ts'
export type { Choice } from './delivery/choice.ts'
export type { Planned } from './delivery/planned.ts'
export type { Tier } from './delivery/tiers.ts'
export { externalIdOf, importedId } from './ids.ts'
export type { LeaseAnswer, LeaseOffice } from './lease/lease-office.ts'
export { LeasedBridge, type LeasedOptions } from './lease/leased-bridge.ts'
export type { ConflictRule, DeleteRule, Direction, FieldConfig, MappingConfig } from './mapping-config.ts'
export type { MemoryQuota, MemoryRequest } from './memory-quotas.ts'
export { type MemoryCall, MemorySystem, type MemorySystemOptions } from './memory-system.ts'
