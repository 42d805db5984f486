/** One write, alone or among others: finds the row, lets `RowWriter` decide, and says what the ledger is told of it. */
import type { LedgerOperation } from '../../ledger/entry.ts'
import { keyPropertyOf } from '../objects/object-type.ts'
import { notFound, Refusal, validation } from '../refusal.ts'
import type { Author, Row } from '../rows/row.ts'
import type { HubSpotWorld } from '../world.ts'

export type RowWrite = {
  action: 'create' | 'update' | 'upsert' | 'archive'
  type: string
  id?: string
  /** The unique property that `id` is of; absent: it is HubSpot's own. */
  idProperty?: string | undefined
  properties: Readonly<Record<string, unknown>>
}

export type Written = { row: Row; created: boolean; told: LedgerOperation }
export type Outcome = Written | { refusal: Refusal; told: LedgerOperation }

type Performed = { row: Row; created: boolean; committed: boolean }

/** Never throws for a refusal, so that others go on. */
export function attempt(world: HubSpotWorld, write: RowWrite, author: Author): Outcome {
  try {
    const { row, created, committed } = world.transactions.run(() => perform(world, write, author))
    const status = created ? 201 : write.action === 'archive' ? 204 : 200
    return { row, created, told: toldOf(world, write, { status, committed, created }, row) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return {
      refusal: error,
      told: toldOf(world, write, { status: error.status, committed: false, created: false }),
    }
  }
}

function perform(world: HubSpotWorld, write: RowWrite, author: Author): Performed {
  const { writer } = world
  const { action, type, id = '', idProperty, properties } = write
  if (action === 'create')
    return { row: writer.insert(type, properties, author), created: true, committed: true }
  if (action === 'archive') {
    const { row, changed } = writer.archive(type, id, author)
    return { row, created: false, committed: changed }
  }
  const found = foundBy(world, type, id, idProperty)
  if (!found && action === 'update') throw notFound()
  if (!found) {
    const keyed = { ...properties, [idProperty ?? '']: id }
    return { row: writer.insert(type, keyed, author), created: true, committed: true }
  }
  const { row, changed } = writer.update(type, String(found.id), properties, author)
  return { row, created: false, committed: changed }
}

/** The living row under an id, or with a value of a unique property. @throws Refusal VALIDATION_ERROR */
export function foundBy(
  world: HubSpotWorld,
  typeName: string,
  id: string,
  idProperty: string | undefined,
): Row | undefined {
  const type = world.writer.type(typeName)
  if (idProperty === undefined || idProperty === 'hs_object_id') return world.writer.living(type.name, id)
  if (!type.properties[idProperty]?.hasUniqueValue)
    throw validation(`Invalid idProperty ${idProperty}: it is no unique property of ${type.name}`)
  return world.rows.byKey(type.name, idProperty, id)
}

function toldOf(
  world: HubSpotWorld,
  write: RowWrite,
  outcome: Pick<LedgerOperation, 'status' | 'committed' | 'created'>,
  row?: Row,
): LedgerOperation {
  const { action, type, properties } = write
  const method = { create: 'POST', update: 'PATCH', upsert: 'PUT', archive: 'DELETE' }[action]
  return {
    method,
    type,
    externalId: externalIdOf(world, write, row),
    fields: Object.keys(properties),
    ...outcome,
  }
}

/** What other systems know the row by. */
export function externalIdOf(
  world: HubSpotWorld,
  { type, id, idProperty, properties }: Pick<RowWrite, 'type' | 'id' | 'idProperty' | 'properties'>,
  row?: Row,
): string | null {
  const declared = world.types.get(type)
  const key = declared && keyPropertyOf(declared)
  if (!declared || key === undefined) return null
  const given = idProperty === key ? id : properties[key]
  if (typeof given === 'string') return given
  const stored = row ?? (/^\d{1,15}$/.test(id ?? '') ? world.rows.byId(declared.name, Number(id)) : undefined)
  return stored?.properties[key] ?? null
}
