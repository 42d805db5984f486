/** Types and single rows: describe, create, read, update, delete, upsert by external id. */

import { upsertTellsVersionMin } from '../limits.ts'
import { describe, describeBriefly } from '../objects/describe.ts'
import { notFound, Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { etagOf, fieldNames, isFieldOf, toldRow } from '../rows/told-row.ts'
import { hasEtag, isKnown, writeCondition } from './conditions.ts'
import type { Ask, Endpoint, Reply } from './endpoint.ts'
import { fieldsOf } from './json-body.ts'
import { attempt, foundByKey, type RowWrite, SeveralRows, type Written } from './writes.ts'

export const listTypes: Endpoint = ({ world, base }) => ({
  status: 200,
  body: {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: [...world.types.values()].map((type) => describeBriefly(type, base)),
  },
})

export const typeInfo: Endpoint = (ask) => ({
  status: 200,
  body: { objectDescribe: describeBriefly(typeOf(ask), ask.base), recentItems: [] },
})

export const describeType: Endpoint = (ask) => ({ status: 200, body: describe(typeOf(ask), ask.base) })

export const createRow: Endpoint = (ask) => {
  const written = performed(ask, { action: 'create', type: ask.param('type'), fields: fieldsOf(ask) })
  return createdReply(ask, written)
}

export const readRow: Endpoint = (ask) => {
  try {
    return rowReply(ask, ask.world.writer.living(ask.param('type'), ask.param('id')))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'ENTITY_IS_DELETED') throw notFound()
    throw error
  }
}

export const readByKey: Endpoint = (ask) =>
  orSeveral(ask, () => {
    const row = foundByKey(ask.world, ask.param('type'), keyOf(ask))
    if (!row) throw notFound()
    return rowReply(ask, row)
  })

export const updateRow: Endpoint = (ask) => {
  const condition = writeCondition(ask.headers)
  const named = { type: ask.param('type'), id: ask.param('id') }
  const { told } = performed(ask, { action: 'update', ...named, fields: fieldsOf(ask), condition })
  return { status: 204, operations: [told] }
}

export const upsertRow: Endpoint = (ask) =>
  orSeveral(ask, () => {
    const fields = fieldsOf(ask)
    const key = keyOf(ask)
    if (key.field in fields)
      throw new Refusal(
        'INVALID_FIELD',
        `The ${key.field} field should not be specified in the sobject data.`,
      )
    const written = performed(ask, {
      action: 'upsert',
      type: ask.param('type'),
      key,
      fields,
      updateOnly: ask.query.get('updateOnly') === 'true',
      condition: writeCondition(ask.headers),
    })
    if (written.created) return createdReply(ask, written)
    const { row, told } = written
    if (ask.version < upsertTellsVersionMin) return { status: 204, operations: [told] }
    return {
      status: 200,
      body: { id: row.id, success: true, errors: [], created: false },
      operations: [told],
    }
  })

export const deleteRow: Endpoint = (ask) => {
  const { told } = performed(ask, {
    action: 'delete',
    type: ask.param('type'),
    id: ask.param('id'),
    fields: {},
  })
  return { status: 204, operations: [told] }
}

export const deleteByKey: Endpoint = (ask) =>
  orSeveral(ask, () => {
    const row = foundByKey(ask.world, ask.param('type'), keyOf(ask))
    if (!row) throw notFound()
    const { told } = performed(ask, { action: 'delete', type: row.type, id: row.id, fields: {} })
    return { status: 204, operations: [told] }
  })

/** A refusal that the ledger is told of. */
export class ToldRefusal extends Error {
  readonly refusal: Refusal
  readonly operations: Reply['operations']

  constructor(refusal: Refusal, operations: Reply['operations']) {
    super(refusal.message)
    this.refusal = refusal
    this.operations = operations
  }
}

function performed({ world, author }: Ask, write: RowWrite): Written {
  const outcome = attempt(world, write, author)
  if ('row' in outcome) return outcome
  throw new ToldRefusal(outcome.refusal, [outcome.told])
}

function createdReply({ base, version }: Ask, { row, told }: Written): Reply {
  const created = version >= upsertTellsVersionMin ? { created: true } : {}
  return {
    status: 201,
    headers: { location: `${base}/sobjects/${row.type}/${row.id}` },
    body: { id: row.id, success: true, errors: [], ...created },
    operations: [told],
  }
}

function rowReply(ask: Ask, row: Row): Reply {
  const headers = {
    'last-modified': new Date(row.modifiedAt).toUTCString(),
    ...(hasEtag(row.type) && { etag: etagOf(row) }),
  }
  if (isKnown(ask.headers, row)) return { status: 304, headers }
  writeCondition(ask.headers)(row)
  const type = ask.world.writer.type(row.type)
  const names =
    ask.query
      .get('fields')
      ?.split(',')
      .map((name) => name.trim()) ?? fieldNames(type)
  const unknown = names.find((name) => !isFieldOf(type, name))
  if (unknown !== undefined)
    throw new Refusal('INVALID_FIELD', `No such column '${unknown}' on sobject of type ${type.name}`)
  return { status: 200, headers, body: toldRow(type, row, names, ask.base) }
}

/** 300 with the addresses of the rows, where there are several. */
function orSeveral({ base }: Ask, work: () => Reply): Reply {
  try {
    return work()
  } catch (error) {
    const cause = error instanceof ToldRefusal ? error.refusal : error
    if (!(cause instanceof SeveralRows)) throw error
    const operations = error instanceof ToldRefusal ? error.operations : undefined
    const body = cause.rows.map(({ type, id }) => `${base}/sobjects/${type}/${id}`)
    return { status: 300, body, ...(operations && { operations }) }
  }
}

function typeOf({ world, param }: Ask) {
  try {
    return world.writer.type(param('type'))
  } catch {
    throw notFound()
  }
}

function keyOf({ param }: Ask): { field: string; value: string } {
  return { field: param('field'), value: param('value') }
}
