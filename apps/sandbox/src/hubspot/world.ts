/** Everything one account consists of, put together once; both ports work on the same world. */
import { type Client, Tokens } from '../calls/tokens.ts'
import { emptyDatabase } from '../database.ts'
import { makeStage } from '../stage.ts'
import { Apps, type PrivateApp } from './apps.ts'
import { Associations } from './associations.ts'
import { Limiter } from './limiter.ts'
import { keyPropertyOf, type ObjectType, typesByName } from './objects/object-type.ts'
import type { RowChange } from './rows/row.ts'
import { RowTable } from './rows/row-table.ts'
import { RowWriter } from './rows/row-writer.ts'
import { SearchIndex } from './search/search-index.ts'
import type { HubSpotSettings } from './settings.ts'
import { hubspotTables } from './tables.ts'
import { Deliverer } from './webhooks/deliverer.ts'
import { eventsOf } from './webhooks/event.ts'
import { EventQueue } from './webhooks/event-queue.ts'

export type HubSpotWorldOptions = {
  file: string
  clients: readonly Client[]
  privateApps: readonly PrivateApp[]
  objectTypes: readonly ObjectType[]
  settings: HubSpotSettings
  now: () => number
  log: (error: unknown) => void
}

export type HubSpotWorld = ReturnType<typeof makeHubSpotWorld>

export function makeHubSpotWorld(options: HubSpotWorldOptions) {
  const stage = makeStage({ ...options, tables: hubspotTables })
  const { database, transactions, clock, faults } = stage
  const settings: HubSpotSettings = structuredClone(options.settings)
  const types = typesByName(options.objectTypes)
  const rows = new RowTable(database)
  const index = new SearchIndex(database, clock, settings)
  const queue = new EventQueue(database, faults)
  const secret = options.clients[0]?.clientSecret ?? ''
  const deliverer = new Deliverer({ queue, clock, settings, secret })
  let changes = 0

  const onChange = (change: RowChange) => {
    const type = writer.type(change.row.type)
    index.add(type, change.row)
    if (change.merged !== undefined) {
      const gone = rows.byId(type.name, change.merged)
      if (gone) index.add(type, gone)
    }
    if (deliverer.targetUrl === undefined) return
    const externalId = change.row.properties[keyPropertyOf(type) ?? ''] ?? null
    const subjects = [{ type: type.name, externalId }]
    const target = { method: 'POST', path: new URL(deliverer.targetUrl).pathname, subjects }
    queue.add(eventsOf(type, change, ++changes), target, clock.now())
    transactions.afterCommit(() => deliverer.wake())
  }

  const writer: RowWriter = new RowWriter({ types, rows, clock, transactions, onChange })
  const tokens = new Tokens(database, options.clients, clock)
  return {
    ...stage,
    settings,
    initialSettings: options.settings,
    initialTypes: new Map(types),
    types,
    rows,
    index,
    writer,
    tokens,
    apps: new Apps(tokens, database, settings, options.privateApps),
    limiter: new Limiter(clock, settings),
    associations: new Associations(database),
    queue,
    deliverer,
  }
}

/** Back to the first day: nothing stored, no faults, the types, settings and time it was started with. */
export function resetHubSpotWorld(world: HubSpotWorld): void {
  emptyDatabase(world.database)
  Object.assign(world.settings, structuredClone(world.initialSettings))
  world.types.clear()
  for (const [name, type] of world.initialTypes) world.types.set(name, type)
  world.clock.reset()
  world.faults.clear()
  world.held.release('lose')
  world.limiter.reset()
  world.deliverer.targetUrl = undefined
}
