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
export type { AuditConfig } from './audit/audit-config.ts'
export type { AuditHead } from './audit/audit-entry.ts'
export type { BridgeAudit } from './audit/bridge-audit.ts'
export type { Lineage, LineageOf, LineageStep } from './audit/lineage.ts'
export type { AuditVerdict } from './audit/verify-audit.ts'
export { type Bridge, startBridge, startBridgeFromConfig } from './bridge.ts'
export { BridgeError, type BridgeErrorCode } from './bridge-error.ts'
export type { BridgeOptions } from './bridge-options.ts'
export type { BridgeStats } from './bridge-stats.ts'
export { Budget, type BudgetState } from './budget/budget.ts'
export type { BudgetConfig, LimitsConfig, Pool, ScopeConfig } from './budget/budget-config.ts'
export { type BridgeConfig, bridgeConfigSchema, checkBridgeConfig } from './config.ts'
export type { BridgeEvent, BridgeHost } from './context.ts'
export type { DeadLetter, ParkedRecord, RetryChoice } from './dead-letters.ts'
export type { RefuseChoice } from './delivery/approvals.ts'
export type { BreakerState } from './delivery/breaker.ts'
export type { Choice } from './delivery/choice.ts'
export type { Planned } from './delivery/planned.ts'
export type { Tier } from './delivery/tiers.ts'
export type {
  BridgePlan,
  HeldKind,
  LimitPlan,
  MappingPlan,
  PlanLine,
  PlannedField,
} from './dry-run/bridge-plan.ts'
export { type PlanOptions, planBridge } from './dry-run/plan-bridge.ts'
export type { PairAnswer } from './identity/answer-pair.ts'
export type { CrossReference } from './identity/cross-reference.ts'
export type { MatchConfig, MergeConfig, Surviving, Survivorship } from './identity/identity-config.ts'
export type { MergeAsked, Merged, Repoint, Thing } from './identity/merge.ts'
export type { Pair, PairCandidate } from './identity/pair.ts'
export { externalIdOf, importedId } from './ids.ts'
export type { LeaseAnswer, LeaseOffice } from './lease/lease-office.ts'
export { LeasedBridge, type LeasedOptions } from './lease/leased-bridge.ts'
export { MappingFile, mappingFileJsonSchema, parseMappings } from './mapping/file.ts'
export type { Form, Kind } from './mapping/kinds.ts'
export type {
  Authority,
  DeleteRule,
  Direction,
  Expression,
  FieldConfig,
  GroupConfig,
  MappingConfig,
  ModeConfig,
  NeverConfig,
} from './mapping-config.ts'
export type { MemoryQuota, MemoryRequest } from './memory-quotas.ts'
export { type MemoryCall, MemorySystem, type MemorySystemOptions } from './memory-system.ts'
export type { HashKey } from './privacy/hash-key.ts'
export type { WalkBudget } from './reconcile/budget.ts'
export type { ReconcileOptions } from './reconcile/reconciler.ts'
export type { Cause, FieldDrift, WalkReport } from './reconcile/report.ts'
export type { ConflictCount, ConflictOutcome } from './review/conflict-counts.ts'
export type { Conflicts } from './review/conflicts.ts'
export type { Decision, DecisionOptions } from './review/decision.ts'
export type { Proposal } from './review/decisions.ts'
export type { Review, ReviewsOptions } from './review/list.ts'
export type { ConflictFunction } from './rules/by-function.ts'
export type { FieldConflict } from './rules/conflict.ts'
export type { ConflictRule, NamedRule } from './rules/resolve.ts'
export { type BridgeCheck, type CheckOptions, checkBridge } from './schema/check-bridge.ts'
export type { Finding, FindingCode } from './schema/finding.ts'
export type { PausedMapping } from './schema/guard.ts'
export { asYaml, type MappingProposal, type ProposedField } from './schema/propose.ts'
export type { ReadAgainChoice, UnreadRow } from './unread-rows.ts'
