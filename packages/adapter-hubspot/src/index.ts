/** Everything another package may use of the HubSpot adapter, by name. */
export { type HubSpotAdapterOptions, HubSpotConfigError, hubspotConfigSchema } from './config.ts'
export { hubspotAdapter } from './hubspot-adapter.ts'
export { WebhookError } from './webhooks.ts'
