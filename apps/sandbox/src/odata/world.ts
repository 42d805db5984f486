/** Everything one service consists of, put together once; both ports work on the same world. */
import { SlidingWindow } from '../calls/sliding-window.ts'
import { type Client, Tokens } from '../calls/tokens.ts'
import { emptyDatabase } from '../database.ts'
import { makeStage } from '../stage.ts'
import type { Profile } from './profiles/profile.ts'
import { Refusal } from './refusal.ts'
import { RowTable } from './rows/row-table.ts'
import { RowWriter } from './rows/row-writer.ts'
import { Sessions } from './sessions.ts'
import type { ODataSettings } from './settings.ts'
import { odataTables } from './tables.ts'
import { type EntityType, typesBySet } from './types/entity-type.ts'

export type ODataWorldOptions = {
  profile: Profile
  file: string
  clients: readonly Client[]
  entityTypes: readonly EntityType[]
  settings: ODataSettings
  now: () => number
  log: (error: unknown) => void
}

export type ODataWorld = ReturnType<typeof makeODataWorld>

export function makeODataWorld(options: ODataWorldOptions) {
  const stage = makeStage({ ...options, tables: odataTables })
  const { database, transactions, clock } = stage
  const { profile } = options
  const settings: ODataSettings = structuredClone(options.settings)
  const types = typesBySet([...profile.types, ...options.entityTypes])
  const rows = new RowTable(database)
  return {
    ...stage,
    profile,
    settings,
    initialSettings: options.settings,
    initialTypes: new Map(types),
    types,
    rows,
    writer: new RowWriter({ profile, rows, clock, transactions }),
    tokens: new Tokens(database, options.clients, clock),
    sessions: new Sessions(clock, settings),
    limiter: new SlidingWindow(clock),
    /** Of each client: requests refused since the last one that was let in. */
    impatience: new Map<string, number>(),
    /** Delta links that tell of nothing older than this version have ended. */
    deltas: { forgottenUpTo: 0 },
  }
}

/** @throws Refusal no-such-set */
export function typeOf({ types, profile }: ODataWorld, set: string): EntityType {
  const type = types.get(set)
  if (type) return type
  throw new Refusal('no-such-set', `Resource not found for the segment '${set}' of ${profile.namespace}.`)
}

/** Back to the first day: nothing stored, no faults, the types, settings and time it was started with. */
export function resetODataWorld(world: ODataWorld): void {
  emptyDatabase(world.database)
  Object.assign(world.settings, structuredClone(world.initialSettings))
  world.types.clear()
  for (const [set, type] of world.initialTypes) world.types.set(set, type)
  world.clock.reset()
  world.faults.clear()
  world.held.release('lose')
  world.limiter.reset()
  world.impatience.clear()
  world.sessions.endAll()
  world.deltas.forgottenUpTo = 0
}
