/** Stand-ins for systems that speak OData v4, for the tests of adapters and the bench. */
export type { ODataFault } from '../faults/fault.ts'
export type { Sandbox } from '../stand-in.ts'
export { defaultODataClient, type ODataOptions, startOData } from './odata.ts'
export type { ProfileName } from './profiles/profile.ts'
export type { ODataSettings } from './settings.ts'
export type { EntityType, Property } from './types/entity-type.ts'
