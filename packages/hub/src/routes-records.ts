/** Reading records over HTTP, for consoles, reports and scripts. Devices that write, or that must work offline, use a session. */
import { type Collection, keyOf } from '@skerry/core'
import { Hono } from 'hono'
import * as z from 'zod'
import type { Api, Env } from './api.ts'
import { anyCaller } from './identify.ts'
import { PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX, URL_PART_LENGTH_MAX } from './limits.ts'
import { ProblemError } from './problem.ts'
import { readOne, readPage } from './record-pages.ts'
import { readQuery } from './request-body.ts'
import { UnreadableAsked } from './unreadable-asked.ts'

const part = z.string().min(1).max(URL_PART_LENGTH_MAX)
const pageSchema = z.looseObject({
  limit: z.coerce.number().int().min(1).max(PAGE_RECORDS_MAX).default(PAGE_RECORDS_DEFAULT),
  cursor: part.optional(),
})

export function recordRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  const unreadable = new UnreadableAsked(api)
  routes.use(anyCaller(api))
  routes.get('/:collection', async (c) => {
    const collection = collectionNamed(api, c.req.param('collection'))
    const { limit, cursor, ...rest } = readQuery(c, pageSchema)
    const page = await readPage(api.replica.rows, {
      collection,
      caller: c.get('caller'),
      after: cursor === undefined ? '' : decodeCursor(cursor),
      limit,
      filters: filtersIn(collection, rest),
    })
    if (page.next === undefined) return c.json({ records: page.records })
    const next = Buffer.from(page.next).toString('base64url')
    const query = new URLSearchParams({
      ...(rest as Record<string, string>),
      limit: String(limit),
      cursor: next,
    })
    c.header('Link', `<${c.req.path}?${query}>; rel="next"`)
    return c.json({ records: page.records, next })
  })
  routes.get('/:collection/:id', async (c) => {
    const collection = collectionNamed(api, c.req.param('collection'))
    const id = c.req.param('id')
    const caller = c.get('caller')
    const record = await readOne(api.replica.rows, collection, caller, id)
    if (record === 'hidden' && caller.kind === 'device')
      unreadable.note(caller.credential.subject, keyOf(collection.name, id))
    if (record === undefined || record === 'hidden')
      throw new ProblemError(
        'not-found',
        `there is no ${collection.name} '${id.slice(0, 80)}' in the channels you may read`,
      )
    return c.json(record)
  })
  return routes
}

function collectionNamed(api: Api, name: string): Collection {
  const collection = api.collections.get(name)
  if (collection) return collection
  const known = [...api.collections.keys()].join(', ')
  throw new ProblemError(
    'unknown-collection',
    `there is no collection '${name.slice(0, 80)}' here; there are ${known}`,
  )
}

function filtersIn(collection: Collection, query: Record<string, unknown>): [string, string][] {
  return Object.entries(query).map(([field, text]) => {
    if (collection.indexes.includes(field)) return [field, String(text)]
    const indexes = collection.indexes.join(', ') || 'none'
    throw new ProblemError(
      'invalid-request',
      `?${field.slice(0, 80)}=: not a declared index of ${collection.name}; declared are ${indexes}`,
    )
  })
}

/** A cursor is a record key; wherever it points, only records the caller may read are told. */
function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8')
}
