/** One write, alone or among others: finds the row, lets `RowWriter` decide, and says what the ledger is told of it. */
import { rowFaults } from '../../faults/fault.ts'
import type { LedgerOperation } from '../../ledger/entry.ts'
import { keyFieldOf } from '../objects/object-type.ts'
import { notFound, Refusal } from '../refusal.ts'
import type { Author, Row } from '../rows/row.ts'
import type { SalesforceWorld } from '../world.ts'

export type RowWrite = {
  action: 'create' | 'update' | 'upsert' | 'delete' | 'hardDelete'
  type: string
  id?: string | undefined
  /** For an upsert: the row is the one that has this. */
  key?: { field: string; value: string } | undefined
  fields: Readonly<Record<string, unknown>>
  /** An upsert that may not create. */
  updateOnly?: boolean
  /** Throws when the row is not as it was expected. */
  condition?: (row: Row) => void
}

export type Written = { row: Row; created: boolean; told: LedgerOperation }
export type Outcome = Written | { refusal: Refusal; told: LedgerOperation }

/** Several rows have the external id: nothing is written. */
export class SeveralRows extends Refusal {
  readonly rows: readonly Row[]

  constructor(field: string, rows: readonly Row[]) {
    const ids = rows.map(({ id }) => id).join(', ')
    super('DUPLICATE_EXTERNAL_ID', `${field}: more than one record found for external id field: [${ids}]`, [
      field,
    ])
    this.rows = rows
  }
}

/** Never throws for a refusal, so that others go on. */
export function attempt(world: SalesforceWorld, write: RowWrite, author: Author): Outcome {
  try {
    const { row, created } = perform(world, write, author)
    const status = created ? 201 : write.action === 'upsert' ? 200 : 204
    return { row, created, told: toldOf(world, write, { status, committed: true, created }, row) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const told = toldOf(world, write, { status: error.status, committed: false, created: false })
    return { refusal: error, told }
  }
}

function perform(world: SalesforceWorld, write: RowWrite, author: Author): { row: Row; created: boolean } {
  const { writer } = world
  const { action, type, id = '', fields, condition } = write
  const target = {
    method: action.toUpperCase(),
    path: '',
    subjects: [{ type, externalId: externalIdOf(world, write) }],
  }
  if (world.faults.take(rowFaults, target))
    throw new Refusal('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record', [])
  switch (action) {
    case 'create':
      return { row: writer.insert(type, fields, author), created: true }
    case 'upsert':
      return upsert(world, write, author)
    case 'update':
      condition?.(writer.living(type, id))
      return { row: writer.update(type, id, fields, author), created: false }
    case 'delete':
      return { row: writer.remove(type, id, author), created: false }
    case 'hardDelete':
      return { row: writer.erase(type, id, author), created: false }
  }
}

function upsert(world: SalesforceWorld, write: RowWrite, author: Author): { row: Row; created: boolean } {
  const { type, key, fields, updateOnly, condition } = write
  if (!key) throw new Refusal('MISSING_ARGUMENT', 'an upsert names a row by an external id field')
  const found = foundByKey(world, type, key)
  if (found) {
    condition?.(found)
    return { row: world.writer.update(type, found.id, fields, author), created: false }
  }
  if (updateOnly) throw notFound()
  return { row: world.writer.insert(type, { ...fields, [key.field]: key.value }, author), created: true }
}

/** @throws Refusal NOT_FOUND for a field that is no external id; SeveralRows */
export function foundByKey(
  world: SalesforceWorld,
  typeName: string,
  { field, value }: { field: string; value: string },
): Row | undefined {
  const type = world.writer.type(typeName)
  if (!type.fields[field]?.externalId)
    throw new Refusal('NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${field}`)
  const rows = world.rows.byKey(typeName, field, value)
  if (rows.length > 1) throw new SeveralRows(field, rows)
  return rows[0]?.hidden ? undefined : rows[0]
}

function toldOf(
  world: SalesforceWorld,
  write: RowWrite,
  outcome: Pick<LedgerOperation, 'status' | 'committed' | 'created'>,
  row?: Row,
): LedgerOperation {
  const { action, type, fields } = write
  const method = { create: 'POST', update: 'PATCH', upsert: 'PATCH', delete: 'DELETE', hardDelete: 'DELETE' }[
    action
  ]
  const externalId = externalIdOf(world, row ? { ...write, id: row.id } : write)
  return { method, type, externalId, fields: Object.keys(fields), ...outcome }
}

/** What other systems know the row by. */
function externalIdOf(world: SalesforceWorld, { type, id, key, fields }: RowWrite): string | null {
  const declared = world.types.get(type)
  const field = declared && keyFieldOf(declared)
  if (field === undefined) return null
  const given = key?.field === field ? key.value : fields[field]
  if (typeof given === 'string') return given
  const stored = id === undefined ? undefined : world.rows.byId(type, id)?.fields[field]
  return typeof stored === 'string' ? stored : null
}
