/**
 * What the office sees: one page, its data, and inline edits, beside the API on the same port. No login (loopback only), no
 * ledger entry, no rate limit, no faults: it is the office's own screen, not an API client.
 */
import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { bodyOf } from '../admin/json-request.ts'
import { officeEdit } from '../admin/row-routes.ts'
import { officeCallsMax, officeRowsMax } from '../limits.ts'
import { refuseForeignOrigin } from '../origin.ts'
import { Problem } from '../problem.ts'
import type { World } from '../world.ts'

const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const editSchema = z.strictObject({
  fields: z.record(z.string(), z.unknown()),
  user: z.string().trim().min(1).max(80),
})

const assets = [
  { path: '/', file: 'page.html', mediaType: 'text/html; charset=utf-8' },
  { path: '/office/page.css', file: 'page.css', mediaType: 'text/css; charset=utf-8' },
  { path: '/office/page.js', file: 'page.js', mediaType: 'text/javascript; charset=utf-8' },
  { path: '/office/cell.js', file: 'cell.js', mediaType: 'text/javascript; charset=utf-8' },
  { path: '/office/table.js', file: 'table.js', mediaType: 'text/javascript; charset=utf-8' },
]

export function officeRoutes(world: World): Hono {
  const app = new Hono()
  for (const { path, file, mediaType } of assets) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8')
    app.get(path, (context) =>
      context.body(text, 200, {
        'content-type': mediaType,
        'content-security-policy': pagePolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      }),
    )
  }
  app.get('/events', () => openFeed(world))
  app.get('/office/types', (context) => context.json({ types: [...world.types.values()] }))
  app.get('/office/calls', (context) => context.json({ calls: world.ledger.tail(officeCallsMax) }))
  app.get('/office/rows/:type', (context) => latestRows(world, context))
  app.patch('/office/rows/:type/:id', refuseForeignOrigin, async (context) => {
    const { fields, user } = await bodyOf(context, editSchema)
    const named = { type: context.req.param('type'), id: context.req.param('id') }
    const { row, changed } = officeEdit(world, { ...named, action: 'update', fields, user })
    return context.json({ row, changed })
  })
  return app
}

function latestRows(world: World, context: Context): Response {
  const type = context.req.param('type') ?? ''
  world.rules.assertType(type)
  const rows = world.rows.latest(type, context.req.query('search') ?? '', officeRowsMax)
  return context.json({ rows, counts: world.rows.counts(type) })
}

function openFeed(world: World): Response {
  const stream = world.feed.open()
  if (!stream) throw new Problem('rate-limited', 'too many office pages are open; close one')
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  })
}
