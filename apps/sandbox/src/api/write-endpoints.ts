/** The endpoints that write: create, merge patch, upsert by external id, delete, and batches of these. */
import * as z from 'zod'
import { type Answer, type Call, jsonAnswer, jsonBody, problemAnswer } from '../calls/call.ts'
import { batchOperationsMax, externalIdLengthMax } from '../limits.ts'
import { checked, Problem } from '../problem.ts'
import type { Endpoint } from './endpoint.ts'
import { type Operation, type OperationResult, runOperation } from './operation.ts'

const externalId = z.string().min(1).max(externalIdLengthMax)
const fields = z.record(z.string(), z.unknown())
const conditions = {
  ifMatch: z.string().optional(),
  ifNoneMatch: z.string().optional(),
  undelete: z.boolean().optional(),
}

const createSchema = z.strictObject({
  externalId: externalId.nullable().optional(),
  fields: fields.default({}),
})
const patchSchema = z.strictObject({ externalId: externalId.optional(), fields: fields.default({}) })
const upsertSchema = z.strictObject({ fields: fields.default({}) })

const byEither = z.union([
  z.strictObject({
    method: z.enum(['PATCH', 'DELETE']),
    type: z.string(),
    id: z.string(),
    fields: fields.optional(),
    ...conditions,
  }),
  z.strictObject({
    method: z.enum(['PATCH', 'DELETE']),
    type: z.string(),
    externalId,
    fields: fields.optional(),
    ...conditions,
  }),
])
const batchSchema = z.strictObject({
  operations: z
    .array(
      z.union([
        z.strictObject({
          method: z.literal('POST'),
          type: z.string(),
          externalId: externalId.nullable().optional(),
          fields: fields.default({}),
        }),
        z.strictObject({
          method: z.literal('PUT'),
          type: z.string(),
          externalId,
          fields: fields.default({}),
          ...conditions,
        }),
        byEither,
      ]),
    )
    .max(batchOperationsMax),
})

export const createRow: Endpoint = ({ world, call, client, param }) => {
  return world.storedAnswers.once(call, client, () => {
    const body = checked(createSchema, jsonBody(call), 'invalid-request')
    return singleAnswer(call, runOperation(world, { method: 'POST', type: param('type'), ...body }, client))
  })
}

export const patchRow: Endpoint = ({ world, call, client, param }) => {
  const body = checked(patchSchema, jsonBody(call), 'invalid-request')
  const operation: Operation = {
    method: 'PATCH',
    type: param('type'),
    id: param('id'),
    newExternalId: body.externalId,
    fields: body.fields,
    ...conditionsOf(call),
  }
  return singleAnswer(call, runOperation(world, operation, client))
}

export const upsertRow: Endpoint = ({ world, call, client, param }) => {
  const body = checked(upsertSchema, jsonBody(call), 'invalid-request')
  const named = checked(externalId, param('externalId'), 'invalid-request', '/externalId')
  const operation: Operation = {
    method: 'PUT',
    type: param('type'),
    externalId: named,
    ...body,
    ...conditionsOf(call),
  }
  return singleAnswer(call, runOperation(world, operation, client))
}

export const deleteRow: Endpoint = ({ world, call, client, param }) => {
  const operation: Operation = {
    method: 'DELETE',
    type: param('type'),
    id: param('id'),
    ...conditionsOf(call),
  }
  return singleAnswer(call, runOperation(world, operation, client))
}

/** Always 207: each operation has its own status, and none stops the others. */
export const runBatch: Endpoint = ({ world, call, client }) => {
  return world.storedAnswers.once(call, client, () => {
    const { operations } = checked(batchSchema, jsonBody(call), 'invalid-request')
    const results = operations.map((operation) => runOperation(world, { fields: {}, ...operation }, client))
    const items = results.map(({ status, body, problem, etag }, position) => ({
      status,
      etag,
      body,
      problem: problem?.body(`${call.path}#/operations/${position}`),
    }))
    return jsonAnswer(
      207,
      { results: items },
      results.map(({ told }) => told),
    )
  })
}

function conditionsOf(call: Call): Pick<Operation, 'ifMatch' | 'ifNoneMatch' | 'undelete'> {
  const undelete = call.query.get('undelete')
  if (undelete !== null && undelete !== 'true' && undelete !== 'false') {
    throw new Problem('invalid-request', `undelete=${undelete}: true or false is read`)
  }
  return {
    ifMatch: call.headers.get('if-match') ?? undefined,
    ifNoneMatch: call.headers.get('if-none-match') ?? undefined,
    undelete: undelete === 'true',
  }
}

function singleAnswer(call: Call, { status, body, problem, etag, told }: OperationResult): Answer {
  if (problem) return problemAnswer(problem, call.path, [told])
  const location: Record<string, string> = body?.created
    ? { location: `/v1/${told.type}/${body.row.id}` }
    : {}
  return jsonAnswer(status, { ...body?.row, created: body?.created }, [told], {
    etag: etag ?? '',
    ...location,
  })
}
