/** Rows one by one: list, create, read, update, archive, merge. Nothing is conditional, and nothing tells a version. */
import * as z from 'zod'
import { archivedKeptMs, listRowsDefault, listRowsMax } from '../limits.ts'
import { notFound, validation } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { toldRow } from '../rows/told-row.ts'
import { type Ask, bodyAs, countIn, type Endpoint, listIn, properties, type Reply } from './endpoint.ts'
import { ToldRefusal } from './told-refusal.ts'
import { attempt, foundBy, type RowWrite, type Written } from './writes.ts'

const createSchema = z.object({ properties, objectWriteTraceId: z.string().optional() })
const updateSchema = z.object({ properties })
const mergeSchema = z.object({ primaryObjectId: z.string(), objectIdToMerge: z.string() })

export const listRows: Endpoint = (ask) => {
  const { world, param, query } = ask
  const type = world.writer.type(param('type'))
  const limit = countIn(ask, 'limit', { fallback: listRowsDefault, max: listRowsMax })
  const after = countIn(ask, 'after', { fallback: 0, max: Number.MAX_SAFE_INTEGER })
  const archived = query.get('archived') === 'true'
  const keptSince = world.clock.now() - archivedKeptMs
  const rows = world.rows.page(type.name, { after: after - 1, archived, keptSince, limit: limit + 1 })
  const next = rows[limit]
  const names = listIn(ask, 'properties')
  return {
    status: 200,
    body: {
      results: rows.slice(0, limit).map((row) => toldRow(type, row, names)),
      ...(next && { paging: { next: { after: String(next.id), link: `?after=${next.id}` } } }),
    },
  }
}

export const createRow: Endpoint = (ask) => {
  const { properties } = bodyAs(ask, createSchema)
  return written(ask, { action: 'create', type: typeName(ask), properties }, 201)
}

export const readRow: Endpoint = (ask) => {
  const { world, param, query } = ask
  const type = world.writer.type(param('type'))
  const archived = query.get('archived') === 'true'
  const idProperty = query.get('idProperty') ?? undefined
  const row = archived
    ? archivedRow(ask, type.name, param('id'))
    : foundBy(world, type.name, param('id'), idProperty)
  if (!row) throw notFound()
  const told = toldRow(type, row, listIn(ask, 'properties'))
  const wanted = listIn(ask, 'associations')
  return { status: 200, body: wanted ? { ...told, associations: associationsOf(ask, row, wanted) } : told }
}

export const updateRow: Endpoint = (ask) => {
  const { properties } = bodyAs(ask, updateSchema)
  const idProperty = ask.query.get('idProperty') ?? undefined
  return written(
    ask,
    { action: 'update', type: typeName(ask), id: ask.param('id'), idProperty, properties },
    200,
  )
}

export const archiveRow: Endpoint = (ask) => {
  const { told } = performed(ask, {
    action: 'archive',
    type: typeName(ask),
    id: ask.param('id'),
    properties: {},
  })
  return { status: 204, operations: [told] }
}

export const mergeRows: Endpoint = (ask) => {
  const { world, author } = ask
  const { primaryObjectId, objectIdToMerge } = bodyAs(ask, mergeSchema)
  const type = world.writer.type(ask.param('type'))
  return {
    status: 200,
    body: toldRow(type, world.writer.merge(type.name, primaryObjectId, objectIdToMerge, author)),
  }
}

/** An archived row that is still kept. */
export function archivedRow({ world }: Ask, type: string, id: string): Row | undefined {
  const row = /^\d{1,15}$/.test(id) ? world.rows.byId(type, Number(id)) : undefined
  const isKept = (row?.archivedAt ?? 0) >= world.clock.now() - archivedKeptMs
  return row?.archivedAt != null && row.mergedInto === null && isKept ? row : undefined
}

export function typeName({ world, param }: Ask): string {
  return world.writer.type(param('type')).name
}

function written(ask: Ask, write: RowWrite, status: number): Reply {
  const { row, told } = performed(ask, write)
  const type = ask.world.writer.type(write.type)
  const names = [...type.defaults, ...Object.keys(write.properties)]
  return { status, body: toldRow(type, row, names), operations: [told] }
}

function performed({ world, author }: Ask, write: RowWrite): Written {
  const outcome = attempt(world, write, author)
  if ('row' in outcome) return outcome
  throw new ToldRefusal(outcome.refusal, [outcome.told])
}

function associationsOf({ world }: Ask, { type, id }: Row, names: readonly string[]) {
  if (names.length > 30) throw validation('30 associations are the most')
  return Object.fromEntries(
    names.flatMap((name) => {
      const other = world.writer.type(name)
      const found = world.associations.of({ type, id }, other.name)
      const label = `${type}_to_${other.name}`
      return found.length === 0
        ? []
        : [[other.name, { results: found.map((one) => ({ id: String(one), type: label })) }]]
    }),
  )
}
