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
  LatestAnswer,
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
export { type BridgeConfig, bridgeConfigSchema, checkBridgeConfig } from './config.ts'
export type { BridgeEvent, BridgeHost } from './context.ts'
export type { DeadLetter } from './dead-letters.ts'
export type { PairAnswer } from './identity/answer-pair.ts'
export type { CrossReference } from './identity/cross-reference.ts'
export type { MatchConfig, MergeConfig, Surviving, Survivorship } from './identity/identity-config.ts'
export type { MergeAsked, Merged, Repoint, Thing } from './identity/merge.ts'
export type { Pair, PairCandidate } from './identity/pair.ts'
export { externalIdOf, importedId } from './ids.ts'
export type { ConflictRule, DeleteRule, Direction, FieldConfig, MappingConfig } from './mapping-config.ts'
export { type MemoryCall, MemorySystem, type MemorySystemOptions } from './memory-system.ts'
export type { WalkBudget } from './reconcile/budget.ts'
export type { ReconcileOptions } from './reconcile/reconciler.ts'
export type { Cause, FieldDrift, WalkReport } from './reconcile/report.ts'
