/** A CRM stand-in that behaves honestly, for the demo, the fault tests and the bench. */
export type { Client } from './calls/tokens.ts'
export type { Fault } from './faults/fault.ts'
export type { LedgerEntry, LedgerOperation } from './ledger/entry.ts'
export type { Field, ObjectType } from './rows/object-type.ts'
export type { Row } from './rows/row.ts'
export { defaultClient, type SandboxOptions, startSandbox } from './sandbox.ts'
export type { Settings } from './settings.ts'
export type { Sandbox } from './stand-in.ts'
