/** The admin port: everything a test, a demo or the bench does to the CRM that a customer could not. */
import type { Hono } from 'hono'
import * as z from 'zod'
import { crmFaultSchema } from '../faults/fault.ts'
import { waitMsMax } from '../limits.ts'
import { settingsSchema } from '../settings.ts'
import { resetWorld, type World } from '../world.ts'
import { bodyOf } from './json-request.ts'
import { rowRoutes } from './row-routes.ts'
import { stageRoutes } from './stage-routes.ts'

const idleSchema = z.strictObject({ timeoutMs: z.int().min(0).max(waitMsMax).default(10_000) })

/** Deliveries one answer lists, newest first. */
const deliveriesListed = 1_000

export function adminRoutes(world: World): Hono {
  const app = stageRoutes(world, {
    faultSchema: crmFaultSchema,
    reset: () => resetWorld(world),
    /** Tokens, stored answers, rate windows and webhook retries come due. */
    clockMoved: () => world.deliverer.wake(),
    ledgerCleared: () => world.feed.publish('reload', {}),
  })
  app.route('/', rowRoutes(world))
  settingRoutes(app, world)
  app.get('/deliveries', (context) => context.json({ deliveries: world.queue.list(deliveriesListed) }))
  /** Waits until no webhook is pending. */
  app.post('/deliveries/idle', async (context) => {
    const { timeoutMs } = await bodyOf(context, idleSchema)
    return context.json({ idle: await world.deliverer.whenIdle(timeoutMs) })
  })
  return app
}

function settingRoutes(app: Hono, world: World): void {
  app.get('/settings', (context) => context.json(world.settings))
  app.patch('/settings', async (context) => {
    const given = await bodyOf(context, settingsSchema.partial())
    Object.assign(world.settings, given)
    return context.json(world.settings)
  })
  app.post('/tokens/expire', (context) => context.json({ expired: world.tokens.expireAll() }))
  app.get('/stats', (context) => {
    const types = Object.fromEntries([...world.types.keys()].map((type) => [type, world.rows.counts(type)]))
    return context.json({ types, calls: world.ledger.totals(), webhooks: world.queue.counts() })
  })
}
