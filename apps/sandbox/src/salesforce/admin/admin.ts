/** The admin port: everything a test, a demo or the bench does to the organisation that an API client could not. */
import { Hono } from 'hono'
import * as z from 'zod'
import { bodyOf } from '../../admin/json-request.ts'
import { stageRoutes } from '../../admin/stage-routes.ts'
import { salesforceFaultSchema } from '../../faults/fault.ts'
import { Problem } from '../../problem.ts'
import { Refusal } from '../refusal.ts'
import type { Author, Row } from '../rows/row.ts'
import { userIdOf } from '../sessions.ts'
import { salesforceSettingsSchema } from '../settings.ts'
import { timeText } from '../time.ts'
import { resetSalesforceWorld, type SalesforceWorld } from '../world.ts'

const fields = z.record(z.string(), z.unknown()).default({})
const user = z.string().min(1).max(80).default('office')
const typeSchema = z.strictObject({ type: z.string() })
const rowsSchema = z.strictObject({ type: z.string(), rows: z.array(fields), user })
const editSchema = z.strictObject({
  type: z.string(),
  action: z.enum(['create', 'update', 'delete', 'undelete']).default('update'),
  id: z.string().default(''),
  fields,
  user,
})

export function salesforceAdmin(world: SalesforceWorld): Hono {
  const app = stageRoutes(world, {
    faultSchema: salesforceFaultSchema,
    reset: () => resetSalesforceWorld(world),
  })
  app.route('/', rowRoutes(world))
  app.route('/', timeRoutes(world))
  app.get('/settings', (context) => context.json(world.settings))
  app.patch('/settings', async (context) => {
    Object.assign(world.settings, await bodyOf(context, salesforceSettingsSchema.partial()))
    return context.json(world.settings)
  })
  return app
}

/** Rows by people at a screen: the same rules as for API clients, nothing in the ledger. */
function rowRoutes(world: SalesforceWorld): Hono {
  const app = new Hono()
  const { writer } = world
  /** All or none. */
  app.post('/rows', async (context) => {
    const { type, rows, user } = await bodyOf(context, rowsSchema)
    const made = refusing(() =>
      world.transactions.run(() => rows.map((row) => writer.insert(type, row, personAt(user)))),
    )
    return context.json({ ids: made.map(({ id }) => id) }, 201)
  })
  app.post('/edit', async (context) => {
    const { type, action, id, fields, user } = await bodyOf(context, editSchema)
    const author = personAt(user)
    const row = refusing(() => {
      if (action === 'create') return writer.insert(type, fields, author)
      if (action === 'update') return writer.update(type, id, fields, author)
      return action === 'delete' ? writer.remove(type, id, author) : writer.undelete(type, id, author)
    })
    return context.json({ row: shown(row) })
  })
  app.get('/rows/:type', (context) => {
    const { name } = refusing(() => writer.type(context.req.param('type')))
    return context.json({ rows: world.rows.all(name).map(shown) })
  })
  /** A transaction that takes long: its row has its time from now, and nobody sees it before `/show`. */
  app.post('/late', async (context) => {
    const { type, fields, user } = await bodyOf(context, editSchema)
    return context.json(
      { row: shown(refusing(() => writer.insert(type, fields, personAt(user), true))) },
      201,
    )
  })
  app.post('/show', async (context) => {
    const { type, id, user } = await bodyOf(context, editSchema)
    return context.json({ row: shown(refusing(() => writer.show(type, id, personAt(user)))) })
  })
  /** An administrator takes a field away from its type. */
  app.post('/drop-field', async (context) => {
    const { type: name, field } = await bodyOf(context, typeSchema.extend({ field: z.string() }))
    const type = refusing(() => writer.type(name))
    const { [field]: gone, ...rest } = type.fields
    if (!gone) throw new Problem('not-found', `${name} has no field ${field}`)
    world.types.set(name, { ...type, fields: rest })
    return context.json({ dropped: field })
  })
  return app
}

/** What passes: sessions, the recycle bin and its log, events. */
function timeRoutes(world: SalesforceWorld): Hono {
  const app = new Hono()
  app.post('/sessions/expire', (context) => context.json({ expired: world.sessions.expireAll() }))
  /** What a client has after a person let it in at a browser. */
  app.post('/refresh-tokens', async (context) => {
    const { client } = await bodyOf(context, z.strictObject({ client: z.string() }))
    return context.json({ token: world.sessions.issueRefreshToken(client) }, 201)
  })
  app.post('/bin/empty', async (context) => {
    const { type } = await bodyOf(context, typeSchema)
    return context.json({ erased: world.deletions.emptyBin(type) })
  })
  /** Deletions up to now are not told of any more. */
  app.post('/deletions/forget', async (context) => {
    const { type } = await bodyOf(context, typeSchema)
    world.deletions.forget(type, Math.ceil(world.clock.now() / 60_000) * 60_000)
    return context.json({ knownSince: timeText(world.deletions.knownSince(type)) })
  })
  /** An event that says that every row of a type must be read. */
  app.post('/events/all', async (context) => {
    const how = z.enum(['overflow', 'wildcard']).default('overflow')
    const { type, how: told } = await bodyOf(context, typeSchema.extend({ how }))
    world.changes.tellOfAll(
      refusing(() => world.writer.type(type)),
      told,
    )
    return context.json({ told })
  })
  app.post('/events/forget', (context) => {
    world.changes.forget()
    return context.json({ forgotten: true })
  })
  app.post('/event-clients/forget', (context) => {
    world.bus.forget()
    return context.json({ forgotten: true })
  })
  return app
}

function personAt(user: string): Author {
  return { name: user, userId: userIdOf(user), origin: '' }
}

/** A refusal of the organisation, as the admin side tells it. */
function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Problem('invalid-request', `${error.code}: ${error.message}`)
  }
}

function shown({ createdAt, modifiedAt, ...row }: Row) {
  return { ...row, createdAt: timeText(createdAt), modifiedAt: timeText(modifiedAt) }
}
