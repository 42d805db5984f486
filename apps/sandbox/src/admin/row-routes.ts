/** The admin side's hand on the rows: bulk seed, edits by office users, dumps. */
import { Hono } from 'hono'
import * as z from 'zod'
import { findRow } from '../api/operation.ts'
import { externalIdLengthMax, pageRowsMax } from '../limits.ts'
import type { Row } from '../rows/row.ts'
import type { Written } from '../rows/row-writer.ts'
import type { World } from '../world.ts'
import { bodyOf } from './json-request.ts'

const externalId = z.string().min(1).max(externalIdLengthMax)
const fields = z.record(z.string(), z.unknown()).default({})

const seedSchema = z.strictObject({
  type: z.string(),
  rows: z.array(z.strictObject({ externalId: externalId.nullable().default(null), fields })),
  webhooks: z.boolean().default(false),
  user: z.string().min(1).default('seed'),
})

const editSchema = z.strictObject({
  type: z.string(),
  action: z.enum(['update', 'create', 'delete', 'undelete']).default('update'),
  id: z.string().optional(),
  externalId: externalId.optional(),
  fields,
  user: z.string().min(1).max(80).default('office'),
})

export type OfficeEdit = z.output<typeof editSchema>

/** An office user's edit: the same rules as for API clients, no precondition, not in the call ledger. */
export function officeEdit(world: World, edit: OfficeEdit): Written {
  const { type, action, user } = edit
  const options = { author: { name: user, webhooks: true } }
  if (action === 'create') return world.writer.create(type, edit.externalId ?? null, edit.fields, options)
  const row = findRow(world, edit)
  if (action === 'delete') return world.writer.remove(type, row, options)
  return world.writer.patch(type, row, edit.fields, { ...options, undelete: action === 'undelete' })
}

export function rowRoutes(world: World): Hono {
  const app = new Hono()

  app.post('/seed', async (context) => {
    const seed = await bodyOf(context, seedSchema)
    return context.json(plant(world, seed))
  })

  app.post('/office-edit', async (context) => {
    const { row, changed, created, committed } = officeEdit(world, await bodyOf(context, editSchema))
    return context.json({ row, changed, created, committed }, created ? 201 : 200)
  })

  app.get('/rows/:type', (context) => {
    const type = context.req.param('type')
    world.rules.assertType(type)
    return context.json({ rows: allRows(world, type) })
  })
  return app
}

/** All or nothing, in one commit; a row whose external id is known is merged into. */
function plant(world: World, seed: z.output<typeof seedSchema>) {
  const { type, rows, webhooks, user } = seed
  const totals = { created: 0, updated: 0, unchanged: 0 }
  world.transactions.run(() => {
    for (const row of rows) {
      const options = { author: { name: user, webhooks }, undelete: true }
      const { externalId } = row
      const { created, committed } =
        externalId === null
          ? world.writer.create(type, null, row.fields, options)
          : world.writer.upsert(type, externalId, row.fields, options)
      totals[created ? 'created' : committed ? 'updated' : 'unchanged']++
    }
  })
  world.feed.publish('reload', {})
  return totals
}

function allRows(world: World, type: string): Row[] {
  const rows: Row[] = []
  let after = { modifiedAt: 0, id: '' }
  for (;;) {
    const page = world.rows.page(type, { after, includeDeleted: true, limit: pageRowsMax })
    rows.push(...page)
    const last = page.at(-1)
    if (!last || page.length < pageRowsMax) return rows
    after = last
  }
}
