/** The admin port: everything a test, a demo or the bench does to the CRM that a customer could not. */
import { Hono } from 'hono'
import * as z from 'zod'
import { ledgerPageDefault, ledgerPageMax, waitMsMax } from '../limits.ts'
import { refuseForeignOrigin } from '../origin.ts'
import { problemHandler } from '../problem-handler.ts'
import { settingsSchema } from '../settings.ts'
import { resetWorld, type World } from '../world.ts'
import { faultRoutes } from './fault-routes.ts'
import { bodyOf, count, queryOf } from './json-request.ts'
import { rowRoutes } from './row-routes.ts'

const ledgerSchema = z.object({
  /** Entries after this sequence number. */
  since: count.default(0),
  type: z.string().optional(),
  externalId: z.string().optional(),
  limit: count.pipe(z.int().min(1).max(ledgerPageMax)).default(ledgerPageDefault),
})
const clockSchema = z.strictObject({ advanceMs: z.int().min(0).max(31_536_000_000) })
const idleSchema = z.strictObject({ timeoutMs: z.int().min(0).max(waitMsMax).default(10_000) })

/** Deliveries one answer lists, newest first. */
const deliveriesListed = 1_000

export function adminRoutes(world: World): Hono {
  const app = new Hono()
  app.onError(problemHandler(world.log))
  app.use(refuseForeignOrigin)
  app.route('/', rowRoutes(world))
  app.route('/', faultRoutes(world))
  ledgerRoutes(app, world)
  settingRoutes(app, world)
  app.get('/deliveries', (context) => context.json({ deliveries: world.queue.list(deliveriesListed) }))
  /** Waits until no webhook is pending. */
  app.post('/deliveries/idle', async (context) => {
    const { timeoutMs } = await bodyOf(context, idleSchema)
    return context.json({ idle: await world.deliverer.whenIdle(timeoutMs) })
  })
  app.post('/reset', (context) => {
    resetWorld(world)
    return context.json({ reset: true })
  })
  return app
}

function ledgerRoutes(app: Hono, world: World): void {
  /** `next` is the `since` of the following page, null on the last. */
  app.get('/ledger', (context) => {
    const query = queryOf(context, ledgerSchema)
    const entries = world.ledger.list(query)
    const next = entries.length === query.limit ? (entries.at(-1)?.seq ?? null) : null
    return context.json({ entries, next })
  })
  app.delete('/ledger', (context) => {
    const cleared = world.ledger.clear()
    world.feed.publish('reload', {})
    return context.json({ cleared })
  })
  app.get('/stats', (context) => {
    const types = Object.fromEntries([...world.types.keys()].map((type) => [type, world.rows.counts(type)]))
    return context.json({ types, calls: world.ledger.totals(), webhooks: world.queue.counts() })
  })
}

function settingRoutes(app: Hono, world: World): void {
  app.get('/settings', (context) => context.json(world.settings))
  app.patch('/settings', async (context) => {
    const given = await bodyOf(context, settingsSchema.partial())
    Object.assign(world.settings, given)
    return context.json(world.settings)
  })
  app.post('/tokens/expire', (context) => context.json({ expired: world.tokens.expireAll() }))
  /** Moves the CRM's time ahead: tokens, stored answers, rate windows and webhook retries come due. */
  app.post('/clock', async (context) => {
    const { advanceMs } = await bodyOf(context, clockSchema)
    world.clock.advance(advanceMs)
    world.deliverer.wake()
    return context.json({ now: world.clock.now() })
  })
}
