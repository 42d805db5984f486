/** The endpoints that read rows: one by either id, with conditional GET, and pages in the order of modification. */
import * as z from 'zod'
import { type Answer, jsonAnswer } from '../calls/call.ts'
import { pageRowsDefault, pageRowsMax } from '../limits.ts'
import { checked } from '../problem.ts'
import { matchesEtag } from '../rows/precondition.ts'
import { etagOf, type Row } from '../rows/row.ts'
import { cursorOf, placeOf } from './cursor.ts'
import type { Endpoint, EndpointContext } from './endpoint.ts'
import { findRow } from './operation.ts'

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const whole = z
  .string()
  .regex(/^\d{1,15}$/, 'is no whole number')
  .transform(Number)

const listSchema = z.object({
  limit: whole.pipe(z.int().min(1).max(pageRowsMax)).default(pageRowsDefault),
  cursor: z.string().optional(),
  /** Milliseconds since 1970; rows modified at that very millisecond are listed. */
  modifiedSince: whole.default(0),
  includeDeleted: flag.default(false),
})

/** `next` is the cursor of the following page, null on the last; `Link` has the same as an address (RFC 8288). */
export const listRows: Endpoint = ({ world, call, param }) => {
  const type = param('type')
  world.rules.assertType(type)
  const query = checked(listSchema, Object.fromEntries(call.query), 'invalid-request')
  const { limit, includeDeleted } = query
  const after =
    query.cursor === undefined ? { modifiedAt: query.modifiedSince, id: '' } : placeOf(type, query.cursor)
  const found = world.rows.page(type, { after, includeDeleted, limit: limit + 1 })
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  const next = found.length > limit && last ? cursorOf(type, last) : null
  const link: Record<string, string> = next === null ? {} : { link: nextLink(call.path, next) }
  return jsonAnswer(200, { rows, next }, [readOf(type, null)], link)
}

export const readById: Endpoint = (context) =>
  readRow(context, findRow(context.world, { type: context.param('type'), id: context.param('id') }))

export const readByExternalId: Endpoint = (context) =>
  readRow(
    context,
    findRow(context.world, { type: context.param('type'), externalId: context.param('externalId') }),
  )

/** A tombstone is read like any row: `deleted` tells, and its ETag is the one a conditional write needs. */
function readRow({ call, param }: EndpointContext, row: Row): Answer {
  const told = [readOf(param('type'), row.externalId)]
  const etag = etagOf(row)
  const known = call.headers.get('if-none-match')
  if (known !== null && matchesEtag(known, row))
    return { status: 304, headers: { etag }, body: '', operations: told }
  return jsonAnswer(200, row, told, { etag })
}

function readOf(type: string, externalId: string | null) {
  return { method: 'GET', type, externalId, fields: [], status: 200, committed: false, created: false }
}

function nextLink(path: string, cursor: string): string {
  const url = new URL(path, 'http://relative')
  url.searchParams.set('cursor', cursor)
  return `<${url.pathname}${url.search}>; rel="next"`
}
