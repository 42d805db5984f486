/** The fault plan over HTTP, and the answers that a `hold` keeps back. */
import { Hono } from 'hono'
import * as z from 'zod'
import { faultSchema } from '../faults/fault.ts'
import { faultsMax, waitMsMax } from '../limits.ts'
import type { World } from '../world.ts'
import { bodyOf, count, queryOf } from './json-request.ts'

const planSchema = z.strictObject({ plan: z.array(faultSchema).max(faultsMax) })
const releaseSchema = z.strictObject({ how: z.enum(['answer', 'lose']).default('answer') })
const heldSchema = z.object({
  atLeast: count.default(0),
  timeoutMs: count.pipe(z.int().max(waitMsMax)).default(10_000),
})

export function faultRoutes(world: World): Hono {
  const app = new Hono()

  /** Adds to the plan. */
  app.post('/faults', async (context) => {
    const { plan } = await bodyOf(context, planSchema)
    return context.json({ plan: world.faults.add(plan) }, 201)
  })
  app.get('/faults', (context) => context.json({ plan: world.faults.list(), held: world.held.list() }))
  app.delete('/faults', (context) => {
    world.faults.clear()
    return context.json({ plan: [] })
  })

  /** Long poll: answers when `atLeast` calls are held, or with those there are after `timeoutMs`. */
  app.get('/faults/held', async (context) => {
    const { atLeast, timeoutMs } = queryOf(context, heldSchema)
    return context.json({ held: await world.held.waitFor(atLeast, timeoutMs) })
  })
  app.post('/faults/release', async (context) => {
    const { how } = await bodyOf(context, releaseSchema)
    return context.json({ released: world.held.release(how) })
  })
  return app
}
