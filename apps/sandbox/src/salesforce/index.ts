/** A stand-in for a Salesforce organisation, for the tests of adapters and the bench. */
export type { SalesforceFault } from '../faults/fault.ts'
export type { Sandbox } from '../stand-in.ts'
export type { Field, ObjectType } from './objects/object-type.ts'
export { defaultSalesforceClient, type SalesforceOptions, startSalesforce } from './salesforce.ts'
export type { SalesforceSettings } from './settings.ts'
