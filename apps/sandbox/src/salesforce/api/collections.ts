/** sObject Collections: up to 200 rows in one call, each with a result of its own, or all or none. */
import * as z from 'zod'
import { collectionChunksMax, collectionRecordsMax, retrieveIdsMax } from '../limits.ts'
import { recordId } from '../objects/record-id.ts'
import { Refusal } from '../refusal.ts'
import { isFieldOf, toldRow } from '../rows/told-row.ts'
import type { Ask, Endpoint, Reply } from './endpoint.ts'
import { bodyAs } from './json-body.ts'
import { attempt, type Outcome, type RowWrite } from './writes.ts'

const recordsSchema = z.object({
  allOrNone: z.boolean().default(false),
  records: z.array(z.looseObject({ attributes: z.looseObject({ type: z.string() }) })).min(1),
})
const retrieveSchema = z.object({ ids: z.array(z.string()), fields: z.array(z.string()).min(1) })

export const createRows: Endpoint = (ask) => {
  const { allOrNone, records } = recordsOf(ask)
  return results(
    ask,
    allOrNone,
    records.map(({ type, fields }) => ({ action: 'create', type, fields })),
  )
}

export const updateRows: Endpoint = (ask) => {
  const { allOrNone, records } = recordsOf(ask)
  const writes = records.map(({ type, fields }): RowWrite => {
    const { id, Id = id, ...rest } = fields
    return { action: 'update', type, id: String(Id), fields: rest }
  })
  return results(ask, allOrNone, writes)
}

export const upsertRows: Endpoint = (ask) => {
  const field = ask.param('field')
  const { allOrNone, records } = recordsOf(ask)
  const other = records.find(({ type }) => type !== ask.param('type'))
  if (other) throw new Refusal('INVALID_TYPE', `records of one type only: ${other.type}`)
  const writes = records.map(({ type, fields }): RowWrite => {
    const { [field]: value, ...rest } = fields
    return { action: 'upsert', type, key: { field, value: String(value ?? '') }, fields: rest }
  })
  return results(ask, allOrNone, writes)
}

export const deleteRows: Endpoint = (ask) => {
  const ids = (ask.query.get('ids') ?? '').split(',').filter(Boolean)
  const writes = ids.map((id): RowWrite => ({ action: 'delete', type: typeOfId(ask, id), id, fields: {} }))
  assertCount(writes.length, collectionRecordsMax)
  return results(ask, ask.query.get('allOrNone') === 'true', writes)
}

/** In the order asked; null for a row that is not there. */
export const retrieveRows: Endpoint = (ask) => {
  const { ids, fields } =
    ask.method === 'POST'
      ? bodyAs(ask, retrieveSchema)
      : { ids: listIn(ask, 'ids'), fields: listIn(ask, 'fields') }
  assertCount(ids.length, retrieveIdsMax)
  const type = ask.world.writer.type(ask.param('type'))
  const unknown = fields.find((name) => !isFieldOf(type, name))
  if (unknown !== undefined)
    throw new Refusal('INVALID_FIELD', `No such column '${unknown}' on entity '${type.name}'.`)
  const body = ids.map((id) => {
    const row = ask.world.rows.byId(type.name, recordId(id) ?? '')
    return row && !row.deleted && !row.hidden ? toldRow(type, row, fields, ask.base) : null
  })
  return { status: 200, body }
}

/** Thrown out of a transaction that is to leave nothing behind. */
class RolledBack extends Error {}

function results(ask: Ask, allOrNone: boolean, writes: readonly RowWrite[]): Reply {
  const { world, author } = ask
  let outcomes: Outcome[] = []
  try {
    world.transactions.run(() => {
      outcomes = writes.map((write) => attempt(world, write, author))
      if (allOrNone && outcomes.some((outcome) => 'refusal' in outcome)) throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    outcomes = outcomes.map(takenBack)
  }
  const operations = outcomes.map(({ told }) => told)
  return { status: 200, body: outcomes.map((outcome, i) => resultOf(outcome, writes[i]!)), operations }
}

function takenBack(outcome: Outcome): Outcome {
  if ('refusal' in outcome) return outcome
  const refusal = new Refusal(
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
    [],
  )
  return { refusal, told: { ...outcome.told, status: 400, committed: false, created: false } }
}

function resultOf(outcome: Outcome, { action, id }: RowWrite): unknown {
  if ('row' in outcome) {
    const { row, created } = outcome
    return { id: row.id, success: true, errors: [], ...(action === 'upsert' && { created }) }
  }
  const { code, message, fields = [] } = outcome.refusal
  return { ...(id !== undefined && { id }), success: false, errors: [{ statusCode: code, message, fields }] }
}

/** @throws Refusal LIMIT_EXCEEDED */
function recordsOf(ask: Ask) {
  const { allOrNone, records } = bodyAs(ask, recordsSchema)
  assertCount(records.length, collectionRecordsMax)
  const read = records.map(({ attributes, ...fields }) => ({ type: attributes.type, fields }))
  const chunks = read.filter(({ type }, i) => type !== read[i - 1]?.type).length
  if (chunks > collectionChunksMax)
    throw new Refusal('LIMIT_EXCEEDED', `${chunks} chunks of records; ${collectionChunksMax} are the most`)
  return { allOrNone, records: read }
}

function assertCount(count: number, max: number): void {
  if (count > max)
    throw new Refusal(
      'LIMIT_EXCEEDED',
      `record limit reached. cannot submit more than ${max} records in this call`,
    )
}

function typeOfId({ world }: Ask, id: string): string {
  const type = [...world.types.values()].find(({ keyPrefix }) => id.startsWith(keyPrefix))
  if (type) return type.name
  throw new Refusal('MALFORMED_ID', `bad id ${id}`, ['Id'])
}

function listIn({ query }: Ask, name: string): string[] {
  return (query.get(name) ?? '').split(',').filter(Boolean)
}
