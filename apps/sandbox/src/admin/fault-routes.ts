/** The fault plan over HTTP, and the answers that a `hold` keeps back. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { AnyFault } from '../faults/fault.ts'
import { faultsMax, waitMsMax } from '../limits.ts'
import type { Stage } from '../stage.ts'
import { bodyOf, count, queryOf } from './json-request.ts'

const releaseSchema = z.strictObject({ how: z.enum(['answer', 'lose']).default('answer') })
const heldSchema = z.object({
  atLeast: count.default(0),
  timeoutMs: count.pipe(z.int().max(waitMsMax)).default(10_000),
})

/** @param faultSchema the faults that this stand-in can have */
export function faultRoutes({ faults, held }: Stage, faultSchema: z.ZodType<AnyFault>): Hono {
  const app = new Hono()
  const planSchema = z.strictObject({ plan: z.array(faultSchema).max(faultsMax) })

  /** Adds to the plan. */
  app.post('/faults', async (context) => {
    const { plan } = await bodyOf(context, planSchema)
    return context.json({ plan: faults.add(plan) }, 201)
  })
  app.get('/faults', (context) => context.json({ plan: faults.list(), held: held.list() }))
  app.delete('/faults', (context) => {
    faults.clear()
    return context.json({ plan: [] })
  })

  /** Long poll: answers when `atLeast` calls are held, or with those there are after `timeoutMs`. */
  app.get('/faults/held', async (context) => {
    const { atLeast, timeoutMs } = queryOf(context, heldSchema)
    return context.json({ held: await held.waitFor(atLeast, timeoutMs) })
  })
  app.post('/faults/release', async (context) => {
    const { how } = await bodyOf(context, releaseSchema)
    return context.json({ released: held.release(how) })
  })
  return app
}
