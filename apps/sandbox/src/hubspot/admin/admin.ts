/** The admin port: everything a test, a demo or the bench does to the account that an app could not. */
import { Hono } from 'hono'
import * as z from 'zod'
import { bodyOf } from '../../admin/json-request.ts'
import { stageRoutes } from '../../admin/stage-routes.ts'
import { crmFaultSchema } from '../../faults/fault.ts'
import { waitMsMax } from '../../limits.ts'
import { Problem } from '../../problem.ts'
import { isLoopback } from '../../webhooks/endpoints.ts'
import { Refusal } from '../refusal.ts'
import type { Author, Row } from '../rows/row.ts'
import { hubspotSettingsSchema } from '../settings.ts'
import { type HubSpotWorld, resetHubSpotWorld } from '../world.ts'

const properties = z.record(z.string(), z.unknown()).default({})
const user = z.string().min(1).max(80).default('office')
const typeSchema = z.strictObject({ type: z.string() })
const rowsSchema = z.strictObject({ type: z.string(), rows: z.array(properties), user })
const editSchema = z.strictObject({
  type: z.string(),
  action: z.enum(['create', 'update', 'archive', 'restore', 'merge']).default('update'),
  id: z.string().default(''),
  /** Of a merge: the row that becomes a part of `id`. */
  merged: z.string().default(''),
  properties,
  user,
})
const idleSchema = z.strictObject({ timeoutMs: z.int().min(0).max(waitMsMax).default(10_000) })
const webhookSchema = z.strictObject({
  targetUrl: z.url({ protocol: /^https?$/ }).refine(isLoopback, 'only loopback addresses are called'),
})

/** Events one answer lists, newest first. */
const eventsListed = 1_000

export function hubspotAdmin(world: HubSpotWorld): Hono {
  const app = stageRoutes(world, {
    faultSchema: crmFaultSchema,
    reset: () => resetHubSpotWorld(world),
    clockMoved: () => world.deliverer.wake(),
  })
  app.route('/', rowRoutes(world))
  app.route('/', webhookRoutes(world))
  app.get('/settings', (context) => context.json(world.settings))
  app.patch('/settings', async (context) => {
    Object.assign(world.settings, await bodyOf(context, hubspotSettingsSchema.partial()))
    return context.json(world.settings)
  })
  app.post('/tokens/expire', (context) => context.json({ expired: world.tokens.expireAll() }))
  /** What an app has after a person let it in at a browser. */
  app.post('/refresh-tokens', async (context) => {
    const { client } = await bodyOf(context, z.strictObject({ client: z.string() }))
    return context.json({ token: world.apps.issueRefreshToken({ clientId: client }) }, 201)
  })
  return app
}

/** Rows by people at a screen: the same rules as for apps, nothing in the ledger. */
function rowRoutes(world: HubSpotWorld): Hono {
  const app = new Hono()
  const { writer } = world
  /** All or none. */
  app.post('/rows', async (context) => {
    const { type, rows, user } = await bodyOf(context, rowsSchema)
    const made = refusing(() =>
      world.transactions.run(() => rows.map((row) => writer.insert(type, row, personAt(user)))),
    )
    return context.json({ ids: made.map(({ id }) => String(id)) }, 201)
  })
  app.post('/edit', async (context) => {
    const edit = await bodyOf(context, editSchema)
    return context.json({ row: shown(refusing(() => edited(world, edit))) })
  })
  app.get('/rows/:type', (context) => {
    const { name } = refusing(() => writer.type(context.req.param('type')))
    return context.json({ rows: world.rows.all(name).map(shown) })
  })
  /** A row that no search knows of before `/show`, however long that takes. */
  app.post('/late', async (context) => {
    const { type, properties, user } = await bodyOf(context, editSchema)
    const row = refusing(() => writer.insert(type, properties, personAt(user)))
    world.index.hold(row.type, row.id)
    return context.json({ row: shown(row) }, 201)
  })
  app.post('/show', async (context) => {
    const { type, id } = await bodyOf(context, editSchema)
    return context.json({ shown: world.index.show(refusing(() => writer.type(type)).name, Number(id)) })
  })
  /** An administrator takes a property away from its type. */
  app.post('/drop-property', async (context) => {
    const { type: name, property } = await bodyOf(context, typeSchema.extend({ property: z.string() }))
    const type = refusing(() => writer.type(name))
    const { [property]: gone, ...rest } = type.properties
    if (!gone) throw new Problem('not-found', `${name} has no property ${property}`)
    world.types.set(type.name, { ...type, properties: rest })
    return context.json({ dropped: property })
  })
  return app
}

function edited({ writer }: HubSpotWorld, edit: z.output<typeof editSchema>): Row {
  const { type, action, id, merged, properties, user } = edit
  const author = personAt(user)
  switch (action) {
    case 'create':
      return writer.insert(type, properties, author)
    case 'update':
      return writer.update(type, id, properties, author).row
    case 'archive':
      return writer.archive(type, id, author).row
    case 'restore':
      return writer.restore(type, id, author)
    case 'merge':
      return writer.merge(type, id, merged, author)
  }
}

/** Where a private app is called is said on a page of its settings; there is no API for it. */
function webhookRoutes(world: HubSpotWorld): Hono {
  const app = new Hono()
  const { deliverer, queue } = world
  app.put('/webhook', async (context) => {
    const { targetUrl } = await bodyOf(context, webhookSchema)
    deliverer.targetUrl = targetUrl
    deliverer.wake()
    return context.json({ targetUrl })
  })
  app.get('/deliveries', (context) => context.json({ deliveries: queue.list(eventsListed) }))
  /** Waits until no event is pending. */
  app.post('/deliveries/idle', async (context) => {
    const { timeoutMs } = await bodyOf(context, idleSchema)
    return context.json({ idle: await deliverer.whenIdle(timeoutMs) })
  })
  return app
}

function personAt(name: string): Author {
  return { name, source: 'CRM_UI' }
}

/** A refusal of the account, as the admin side tells it. */
function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Problem('invalid-request', `${error.category}: ${error.message}`)
  }
}

function shown({ id, createdAt, modifiedAt, archivedAt, mergedInto, properties }: Row) {
  return {
    id: String(id),
    createdAt: new Date(createdAt).toISOString(),
    modifiedAt: new Date(modifiedAt).toISOString(),
    archived: archivedAt !== null,
    mergedInto: mergedInto === null ? null : String(mergedInto),
    properties,
  }
}
