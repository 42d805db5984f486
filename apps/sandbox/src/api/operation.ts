/**
 * One write as an API client asks for it, alone or as an item of a batch: finds the row, lets `RowWriter` decide, and turns
 * the outcome or the refusal into a result. It never throws for a refusal, so that a batch goes on.
 */

import type { LedgerOperation } from '../ledger/entry.ts'
import { Problem } from '../problem.ts'
import { etagOf, type Row } from '../rows/row.ts'
import type { WriteOptions, Written } from '../rows/row-writer.ts'
import type { World } from '../world.ts'

export type Operation = {
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  type: string
  id?: string | undefined
  externalId?: string | null | undefined
  /** A new external id for the row that `id` names (PATCH only). */
  newExternalId?: string | undefined
  fields?: unknown
  ifMatch?: string | undefined
  ifNoneMatch?: string | undefined
  undelete?: boolean | undefined
}

export type OperationResult = {
  status: number
  /** The row and whether it was created; or the refusal. */
  body: { row: Row; created: boolean } | undefined
  problem: Problem | undefined
  etag: string | undefined
  told: LedgerOperation
}

export function runOperation(world: World, operation: Operation, client: string): OperationResult {
  try {
    const { row, created, committed } = write(world, operation, client)
    const status = created ? 201 : 200
    const told = { ...asked(operation), externalId: row.externalId, status, committed, created }
    return { status, body: { row, created }, problem: undefined, etag: etagOf(row), told }
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    const told = { ...asked(operation), status: problem.status, committed: false, created: false }
    told.externalId ??= externalIdOf(world, operation)
    return { status: problem.status, body: undefined, problem, etag: problem.headers.etag, told }
  }
}

function write(world: World, operation: Operation, client: string): Written {
  const { method, type, fields, ifMatch, ifNoneMatch } = operation
  const { writer, settings } = world
  const options: WriteOptions = {
    ifMatch,
    ifNoneMatch,
    undelete: operation.undelete ?? false,
    preconditionRequired: settings.requirePrecondition,
    author: { name: client, webhooks: true },
  }
  switch (method) {
    case 'POST':
      return writer.create(type, operation.externalId ?? null, fields, options)
    case 'PUT':
      return writer.upsert(type, operation.externalId ?? '', fields, options)
    case 'PATCH': {
      const found = findRow(world, operation)
      return writer.patch(type, found, fields, { ...options, externalId: operation.newExternalId })
    }
    case 'DELETE':
      return writer.remove(type, findRow(world, operation), options)
  }
}

/** @throws Problem unknown-type, not-found */
export function findRow(world: World, named: Pick<Operation, 'type' | 'id' | 'externalId'>): Row {
  const { type, id, externalId } = named
  world.rules.assertType(type)
  const row = id !== undefined ? world.rows.byId(type, id) : world.rows.byExternalId(type, externalId ?? '')
  if (row) return row
  throw new Problem('not-found', `there is no row ${id ?? `with external id "${externalId}"`} in ${type}`)
}

function asked({
  method,
  type,
  externalId,
  fields,
}: Operation): Omit<LedgerOperation, 'status' | 'committed' | 'created'> {
  const names = typeof fields === 'object' && fields !== null ? Object.keys(fields) : []
  return { method, type, externalId: externalId ?? null, fields: names }
}

function externalIdOf(world: World, { type, id }: Operation): string | null {
  return id === undefined ? null : (world.rows.byId(type, id)?.externalId ?? null)
}
