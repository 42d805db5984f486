/** Everything another package may use of the adapter for PostgreSQL, by name. */
export { type PostgresAdapterOptions, PostgresConfigError } from './config.ts'
export { postgresAdapter } from './postgres-adapter.ts'
export { setupSql } from './setup-sql.ts'
