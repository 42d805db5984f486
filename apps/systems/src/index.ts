/** Everything another package may use of the real systems, by name. */
export { FaultProxy, type Matches, type Passed } from './fault-proxy.ts'
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts'
export { lackOf, postgresTool, type Service } from './services.ts'
export { demoDump, putDemoDatabase } from './tryton/demo-database.ts'
export { date, decimal, Office, TrytonFailed } from './tryton/office.ts'
export { type Person, people } from './tryton/people.ts'
export { startTryton, type TrytonServer } from './tryton/server.ts'
