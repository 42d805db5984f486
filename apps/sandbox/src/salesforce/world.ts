/** Everything one organisation consists of, put together once; both ports work on the same world. */
import { type Client, Tokens } from '../calls/tokens.ts'
import { emptyDatabase } from '../database.ts'
import { makeStage } from '../stage.ts'
import { BulkJobs } from './bulk/jobs.ts'
import { ChangeLog } from './events/change-log.ts'
import { EventBus } from './events/event-bus.ts'
import { type ObjectType, typesByName } from './objects/object-type.ts'
import { Quota } from './quota.ts'
import { DeletionLog } from './rows/deletion-log.ts'
import { RowTable } from './rows/row-table.ts'
import { RowWriter } from './rows/row-writer.ts'
import { Sessions } from './sessions.ts'
import type { SalesforceSettings } from './settings.ts'
import { Queries } from './soql/run.ts'
import { salesforceTables } from './tables.ts'

export type SalesforceWorldOptions = {
  file: string
  clients: readonly Client[]
  objectTypes: readonly ObjectType[]
  settings: SalesforceSettings
  now: () => number
  log: (error: unknown) => void
}

export type SalesforceWorld = ReturnType<typeof makeSalesforceWorld>

export function makeSalesforceWorld(options: SalesforceWorldOptions) {
  const stage = makeStage({ ...options, tables: salesforceTables })
  const { database, transactions, clock, faults } = stage
  const settings: SalesforceSettings = structuredClone(options.settings)
  const types = typesByName(options.objectTypes)
  const rows = new RowTable(database)
  const deletions = new DeletionLog(database, rows)
  const changes: ChangeLog = new ChangeLog({
    connection: database,
    transactions,
    clock,
    faults,
    types,
    published: () => bus.wakeAll(),
  })
  const bus = new EventBus(changes, clock)
  const onChange = changes.add.bind(changes)
  const writer = new RowWriter({ types, rows, deletions, clock, transactions, onChange })
  const tokens = new Tokens(database, options.clients, clock)
  return {
    ...stage,
    settings,
    initialSettings: options.settings,
    initialTypes: new Map(types),
    types,
    rows,
    deletions,
    writer,
    changes,
    bus,
    tokens,
    sessions: new Sessions(tokens, database, settings, options.clients),
    quota: new Quota(clock, settings),
    queries: new Queries(database, rows, (name) => writer.type(name)),
    jobs: new BulkJobs(database),
  }
}

/** Back to the first day: nothing stored, no faults, the types, settings and time it was started with. */
export function resetSalesforceWorld(world: SalesforceWorld): void {
  emptyDatabase(world.database)
  Object.assign(world.settings, structuredClone(world.initialSettings))
  world.types.clear()
  for (const [name, type] of world.initialTypes) world.types.set(name, type)
  world.clock.reset()
  world.faults.clear()
  world.held.release('lose')
  world.quota.reset()
  world.queries.forget()
  world.bus.forget()
}
