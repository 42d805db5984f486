/** Everything another package may use of the adapter for MySQL and MariaDB, by name. */
export { type MysqlAdapterOptions, MysqlConfigError } from './config.ts'
export { mysqlAdapter } from './mysql-adapter.ts'
export { setupStatements } from './setup-sql.ts'
