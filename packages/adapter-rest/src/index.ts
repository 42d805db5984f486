/** Everything another package may use of the REST adapter, by name. */
export { type RestAdapterOptions, RestConfigError, restConfigSchema } from './config.ts'
export { restAdapter } from './rest-adapter.ts'
export { WebhookError } from './webhooks.ts'
