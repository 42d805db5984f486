/** Everything another package may use of the Salesforce adapter, by name. */
export { type SalesforceAdapterOptions, SalesforceConfigError, salesforceConfigSchema } from './config.ts'
export { salesforceAdapter } from './salesforce-adapter.ts'
