/** The admin port: everything a test, a demo or the bench does to the service that an API client could not. */
import { Hono } from 'hono'
import * as z from 'zod'
import { bodyOf } from '../../admin/json-request.ts'
import { stageRoutes } from '../../admin/stage-routes.ts'
import { odataFaultSchema } from '../../faults/fault.ts'
import { Problem } from '../../problem.ts'
import { endSessions } from '../api/front.ts'
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { odataSettingsSchema } from '../settings.ts'
import type { EntityType } from '../types/entity-type.ts'
import { toldTime } from '../types/time.ts'
import { checkedValues } from '../types/values.ts'
import { type ODataWorld, resetODataWorld, typeOf } from '../world.ts'

const fields = z.record(z.string(), z.unknown()).default({})
const rowsSchema = z.strictObject({ type: z.string(), rows: z.array(fields) })
const editSchema = z.strictObject({
  type: z.string(),
  action: z.enum(['create', 'update', 'delete']).default('update'),
  id: z.string().default(''),
  fields,
})

export function odataAdmin(world: ODataWorld): Hono {
  const app = stageRoutes(world, { faultSchema: odataFaultSchema, reset: () => resetODataWorld(world) })
  app.route('/', rowRoutes(world))
  app.post('/sessions/expire', (context) => context.json({ expired: endSessions(world) }))
  /** Delta links given out so far have ended. */
  app.post('/deltas/forget', (context) => {
    world.deltas.forgottenUpTo = world.rows.nextVersion()
    return context.json({ forgottenUpTo: world.deltas.forgottenUpTo })
  })
  app.get('/settings', (context) => context.json(world.settings))
  app.patch('/settings', async (context) => {
    Object.assign(world.settings, await bodyOf(context, odataSettingsSchema.partial()))
    return context.json(world.settings)
  })
  return app
}

/** Rows by people at a screen: the same rules as for API clients, nothing in the ledger. */
function rowRoutes(world: ODataWorld): Hono {
  const app = new Hono()
  const { writer, rows } = world
  /** All or none. */
  app.post('/rows', async (context) => {
    const { type: set, rows: given } = await bodyOf(context, rowsSchema)
    const made = refusing(() => {
      const type = typeOf(world, set)
      return world.transactions.run(() =>
        given.map((row) => writer.insert(type, checkedValues(type, row, true))),
      )
    })
    return context.json({ ids: made.map(({ id }) => id) }, 201)
  })
  app.post('/edit', async (context) => {
    const { type: set, action, id, fields } = await bodyOf(context, editSchema)
    const row = refusing(() => {
      const type = typeOf(world, set)
      if (action === 'create') return writer.insert(type, checkedValues(type, fields, true))
      const found = wanted(rows.byId(set, id), id)
      return action === 'delete'
        ? writer.remove(type, found)
        : writer.update(type, found, checkedValues(type, fields, true))
    })
    return context.json({ row: shown(row) })
  })
  app.get('/rows/:type', (context) => {
    const { set } = refusing(() => typeOf(world, context.req.param('type')))
    return context.json({ rows: rows.all(set).map(shown) })
  })
  /** A transaction that takes long: its row has its time from now, and nobody sees it before `/show`. */
  app.post('/late', async (context) => {
    const { type: set, fields } = await bodyOf(context, editSchema)
    const row = refusing(() => {
      const type = typeOf(world, set)
      return writer.insert(type, checkedValues(type, fields, true), { hidden: true })
    })
    return context.json({ row: shown(row) }, 201)
  })
  app.post('/show', async (context) => {
    const { type: set, id } = await bodyOf(context, editSchema)
    const row = refusing(() => writer.show(typeOf(world, set), wanted(rows.byId(set, id), id)))
    return context.json({ row: shown(row) })
  })
  /** An administrator takes a property away from its type. */
  app.post('/drop-field', async (context) => {
    const { type: set, field } = await bodyOf(
      context,
      z.strictObject({ type: z.string(), field: z.string() }),
    )
    const type = refusing(() => typeOf(world, set))
    world.types.set(set, without(type, field))
    return context.json({ dropped: field })
  })
  return app
}

function without(type: EntityType, field: string): EntityType {
  const { [field]: gone, ...properties } = type.properties
  if (!gone) throw new Problem('not-found', `${type.set} has no property ${field}`)
  return { ...type, properties }
}

function wanted(row: Row | undefined, id: string): Row {
  if (row) return row
  throw new Problem('not-found', `there is no row ${id}`)
}

/** A refusal of the service, as the admin side tells it. */
function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Problem('invalid-request', `${error.refusal}: ${error.message}`)
  }
}

function shown({ modifiedAt, ...row }: Row) {
  return { ...row, modifiedAt: toldTime(modifiedAt) }
}
