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
export { type BridgeConfig, bridgeConfigSchema, checkBridgeConfig } from './config.ts'
export type { BridgeEvent, BridgeHost } from './context.ts'
export type { DeadLetter } from './dead-letters.ts'
export { externalIdOf, importedId } from './ids.ts'
export type { LeaseAnswer, LeaseOffice } from './lease/lease-office.ts'
export { LeasedBridge, type LeasedOptions } from './lease/leased-bridge.ts'
export type { ConflictRule, DeleteRule, Direction, FieldConfig, MappingConfig } from './mapping-config.ts'
export { type MemoryCall, MemorySystem, type MemorySystemOptions } from './memory-system.ts'
