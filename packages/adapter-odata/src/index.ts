/** Everything another package may use of the OData adapter, by name. */
export { type ODataAdapterOptions, ODataConfigError, odataConfigSchema } from './config.ts'
export { odataAdapter } from './odata-adapter.ts'
