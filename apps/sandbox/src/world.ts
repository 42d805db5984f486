/** Everything one sandbox consists of, put together once; both ports work on the same world. */
import { RateLimiter } from './api/rate-limiter.ts'
import { StoredAnswers } from './api/stored-answers.ts'
import { type Client, Tokens } from './calls/tokens.ts'
import { emptyDatabase } from './database.ts'
import { Feed } from './office/feed.ts'
import { FieldRules } from './rows/fields.ts'
import { type ObjectType, typesByName } from './rows/object-type.ts'
import type { RowChange } from './rows/row.ts'
import { RowTable } from './rows/row-table.ts'
import { type Author, RowWriter } from './rows/row-writer.ts'
import type { Settings } from './settings.ts'
import { makeStage } from './stage.ts'
import { crmTables } from './tables.ts'
import { Deliverer } from './webhooks/deliverer.ts'
import { DeliveryQueue } from './webhooks/delivery-queue.ts'
import { Endpoints } from './webhooks/endpoints.ts'

export type WorldOptions = {
  file: string
  clients: readonly Client[]
  objectTypes: readonly ObjectType[]
  settings: Settings
  now: () => number
  log: (error: unknown) => void
}

export type World = ReturnType<typeof makeWorld>

export function makeWorld(options: WorldOptions) {
  const stage = makeStage({ ...options, tables: crmTables })
  const { database, clock, transactions, faults } = stage
  const settings: Settings = structuredClone(options.settings)
  const types = typesByName(options.objectTypes)
  const rules = new FieldRules(types)
  const rows = new RowTable(database)
  const endpoints = new Endpoints(database)
  const queue = new DeliveryQueue(database, faults)
  const deliverer = new Deliverer({ queue, endpoints, clock, settings })
  const feed = new Feed()

  const onChange = (change: RowChange, author: Author) => {
    if (!author.webhooks) return
    queue.enqueue(change, endpoints.enabled(), clock.now())
    transactions.afterCommit(() => {
      feed.publish('change', change)
      deliverer.wake()
    })
  }

  return {
    ...stage,
    settings,
    initialSettings: options.settings,
    types,
    rules,
    rows,
    writer: new RowWriter({ types, rules, rows, clock, transactions, onChange }),
    tokens: new Tokens(database, options.clients, clock),
    limiter: new RateLimiter(clock),
    storedAnswers: new StoredAnswers(database, transactions, clock),
    endpoints,
    queue,
    deliverer,
    feed,
  }
}

/** Back to the first day: nothing stored, no faults, the settings and the time it was started with. */
export function resetWorld(world: World): void {
  emptyDatabase(world.database)
  Object.assign(world.settings, structuredClone(world.initialSettings))
  world.clock.reset()
  world.faults.clear()
  world.held.release('lose')
  world.limiter.reset()
  world.writer.forget()
  world.feed.publish('reload', {})
}
