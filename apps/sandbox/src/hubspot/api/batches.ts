/**
 * Up to a hundred rows in one call. What is not found fails alone, and the answer is 207; any other refusal takes the whole batch back, unless each input has a trace id of its own: then it fails alone
 * too. Results come in no order that anybody could rely on, here in the reverse one.
 */
import * as z from 'zod'
import { batchInputsMax } from '../limits.ts'
import type { ObjectType } from '../objects/object-type.ts'
import { Refusal, validation } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { toldRow } from '../rows/told-row.ts'
import { type Ask, bodyAs, type Endpoint, properties, type Reply } from './endpoint.ts'
import { archivedRow, typeName } from './objects.ts'
import { ToldRefusal } from './told-refusal.ts'
import { attempt, foundBy, type Outcome, type RowWrite } from './writes.ts'

const idProperty = z.string().optional()
const objectWriteTraceId = z.string().optional()
const inputsOf = <S extends z.ZodType>(input: S) => z.object({ inputs: z.array(input).max(batchInputsMax) })

const readSchema = inputsOf(z.object({ id: z.string() })).extend({
  properties: z.array(z.string()).optional(),
  propertiesWithHistory: z.array(z.string()).optional(),
  idProperty,
})
const createSchema = inputsOf(z.object({ properties, objectWriteTraceId }))
const updateSchema = inputsOf(z.object({ id: z.string(), idProperty, properties, objectWriteTraceId }))
const upsertSchema = inputsOf(
  z.object({ id: z.string(), idProperty: z.string(), properties, objectWriteTraceId }),
)
const archiveSchema = inputsOf(z.object({ id: z.string() }))

type Input = { write: RowWrite; traceId: string | undefined }
type Failed = ReturnType<Refusal['item']>

export const readMany: Endpoint = (ask) => {
  const { world, query } = ask
  const type = world.writer.type(ask.param('type'))
  const { inputs, properties: names, idProperty } = bodyAs(ask, readSchema)
  const ids = distinct(inputs.map(({ id }) => id))
  const archived = query.get('archived') === 'true'
  const found = ids.map((id) =>
    archived ? archivedRow(ask, type.name, id) : foundBy(world, type.name, id, idProperty),
  )
  const rows = [...new Map(found.flatMap((row) => (row ? [[row.id, row] as const] : []))).values()]
  const missing = ids.filter((_, i) => !found[i])
  const message = `Could not get some ${type.name.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`
  const errors = missing.length > 0 ? [new Refusal('OBJECT_NOT_FOUND', message).item({ ids: missing })] : []
  return batchReply(
    ask,
    rows.map((row) => toldRow(type, row, names)),
    errors,
    200,
  )
}

export const createMany: Endpoint = (ask) => {
  const type = typeName(ask)
  const { inputs } = bodyAs(ask, createSchema)
  const writes = inputs.map(({ properties, objectWriteTraceId }): Input => {
    return { write: { action: 'create', type, properties }, traceId: objectWriteTraceId }
  })
  return writeMany(ask, writes, 201)
}

export const updateMany: Endpoint = (ask) => {
  const { inputs } = bodyAs(ask, updateSchema)
  return writeMany(
    ask,
    inputs.map((input) => inputOf(ask, 'update', input)),
    200,
  )
}

export const upsertMany: Endpoint = (ask) => {
  const { inputs } = bodyAs(ask, upsertSchema)
  return writeMany(
    ask,
    inputs.map((input) => inputOf(ask, 'upsert', input)),
    200,
  )
}

/** Says nothing of single rows; one that is gone already, or never was, is passed by. */
export const archiveMany: Endpoint = (ask) => {
  const { world, author } = ask
  const type = typeName(ask)
  const ids = distinct(bodyAs(ask, archiveSchema).inputs.map(({ id }) => id))
  const outcomes = ids.map((id) => attempt(world, { action: 'archive', type, id, properties: {} }, author))
  return { status: 204, operations: outcomes.map(({ told }) => told) }
}

type Given = z.output<typeof updateSchema>['inputs'][number]

function inputOf(ask: Ask, action: 'update' | 'upsert', given: Given): Input {
  const { id, idProperty, properties, objectWriteTraceId } = given
  return { write: { action, type: typeName(ask), id, idProperty, properties }, traceId: objectWriteTraceId }
}

function writeMany(ask: Ask, inputs: readonly Input[], status: number): Reply {
  const { world, author } = ask
  distinct(
    inputs.flatMap(({ write: { id, idProperty } }) =>
      id === undefined ? [] : [`${idProperty ?? ''} ${id}`],
    ),
  )
  const traceIds = new Set(inputs.map(({ traceId }) => traceId))
  const areTraced = !traceIds.has(undefined) && traceIds.size === inputs.length
  const type = world.writer.type(ask.param('type'))
  return world.transactions.run(() => {
    const outcomes = inputs.map(({ write }) => attempt(world, write, author))
    const operations = outcomes.map(({ told }) => told)
    const errors = outcomes.flatMap((outcome, i) => {
      if ('row' in outcome) return []
      const { write, traceId } = inputs[i]!
      if (areTraced && traceId !== undefined) return [outcome.refusal.item({ objectWriteTraceId: [traceId] })]
      if (outcome.refusal.category === 'OBJECT_NOT_FOUND')
        return [outcome.refusal.item({ ids: [write.id ?? ''] })]
      throw new ToldRefusal(outcome.refusal, operations.map(takenBack))
    })
    const results = outcomes.flatMap((outcome, i) =>
      'row' in outcome ? [resultOf(type, inputs[i]!, outcome)] : [],
    )
    return { ...batchReply(ask, results, errors, status), operations }
  })
}

function resultOf(
  type: ObjectType,
  { write, traceId }: Input,
  { row, created }: Extract<Outcome, { row: Row }>,
) {
  return {
    ...toldRow(type, row, [...type.defaults, ...Object.keys(write.properties)]),
    ...(write.action === 'upsert' && { new: created }),
    ...(traceId !== undefined && { objectWriteTraceId: traceId }),
  }
}

function takenBack(told: Outcome['told']): Outcome['told'] {
  return told.committed ? { ...told, status: 400, committed: false, created: false } : told
}

function batchReply(
  { world }: Ask,
  results: readonly unknown[],
  errors: readonly Failed[],
  status: number,
): Reply {
  const now = new Date(world.clock.now()).toISOString()
  const body = {
    status: 'COMPLETE',
    results: [...results].reverse(),
    ...(errors.length > 0 && { numErrors: errors.length, errors }),
    startedAt: now,
    completedAt: now,
  }
  return { status: errors.length > 0 ? 207 : status, body }
}

/** @throws Refusal VALIDATION_ERROR */
function distinct(ids: readonly string[]): readonly string[] {
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i)
  if (twice.length === 0) return ids
  throw validation(`Duplicate IDs found in batch input: [${twice.join(', ').trim()}]. IDs must be unique`)
}
