/** The admin side that every stand-in has: faults, ledger, clock, reset. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { AnyFault } from '../faults/fault.ts'
import { ledgerPageDefault, ledgerPageMax } from '../limits.ts'
import { refuseForeignOrigin } from '../origin.ts'
import { problemHandler } from '../problem-handler.ts'
import type { Stage } from '../stage.ts'
import { faultRoutes } from './fault-routes.ts'
import { bodyOf, count, queryOf } from './json-request.ts'

const ledgerSchema = z.object({
  /** Entries after this sequence number. */
  since: count.default(0),
  type: z.string().optional(),
  externalId: z.string().optional(),
  limit: count.pipe(z.int().min(1).max(ledgerPageMax)).default(ledgerPageDefault),
})
const clockSchema = z.strictObject({ advanceMs: z.int().min(0).max(31_536_000_000) })

export type StageHooks = {
  /** The faults that this stand-in can have. */
  faultSchema: z.ZodType<AnyFault>
  /** Back to the first day. */
  reset: () => void
  /** What comes due when time was moved ahead. */
  clockMoved?: () => void
  ledgerCleared?: () => void
}

export function stageRoutes(stage: Stage, hooks: StageHooks): Hono {
  const app = new Hono()
  app.onError(problemHandler(stage.log))
  app.use(refuseForeignOrigin)
  app.route('/', faultRoutes(stage, hooks.faultSchema))
  /** `next` is the `since` of the following page, null on the last. */
  app.get('/ledger', (context) => {
    const query = queryOf(context, ledgerSchema)
    const entries = stage.ledger.list(query)
    const next = entries.length === query.limit ? (entries.at(-1)?.seq ?? null) : null
    return context.json({ entries, next })
  })
  app.delete('/ledger', (context) => {
    const cleared = stage.ledger.clear()
    hooks.ledgerCleared?.()
    return context.json({ cleared })
  })
  /** Moves the stand-in's time ahead. */
  app.post('/clock', async (context) => {
    const { advanceMs } = await bodyOf(context, clockSchema)
    stage.clock.advance(advanceMs)
    hooks.clockMoved?.()
    return context.json({ now: stage.clock.now() })
  })
  app.post('/reset', (context) => {
    hooks.reset()
    return context.json({ reset: true })
  })
  return app
}
