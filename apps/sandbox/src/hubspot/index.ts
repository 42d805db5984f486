/** A stand-in for a HubSpot account, for the tests of adapters and the bench. */
export type { Fault as HubSpotFault } from '../faults/fault.ts'
export type { Sandbox } from '../stand-in.ts'
export type { PrivateApp } from './apps.ts'
export { defaultHubSpotClient, defaultPrivateApp, type HubSpotOptions, startHubSpot } from './hubspot.ts'
export type { ObjectType, Property } from './objects/object-type.ts'
export type { HubSpotSettings } from './settings.ts'
