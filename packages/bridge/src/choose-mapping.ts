/** Which mapping a record or a row belongs to, where a collection or a type stands in several (SPEC B-89): who has a row keeps its mapping for life, and else the filters say. */
import { collectionOf, type JsonObject } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import type { BridgeContext } from './context.ts'
import { recordNamed } from './ids.ts'
import type { Mapping } from './mapping.ts'
import type { BridgeTables } from './tables.ts'

type Mapped = Pick<BridgeContext, 'mappings'>

export function mappingsOfCollection({ mappings }: Mapped, name: string): Mapping[] {
  return mappings.filter(({ collection }) => collection.name === name)
}

/** @param type of the record's row, where it has one */
export function mappingOfRecord(
  context: Mapped,
  record: string,
  type?: string | undefined,
): Mapping | undefined {
  const own = mappingsOfCollection(context, collectionOf(record))
  return own.find((mapping) => mapping.type === type) ?? own[0]
}

/** Of a record that has no row: the first whose filter takes it, or the first at all, which then does not write it. @throws BridgeError mapping */
export function mappingForFirst(context: Mapped, record: string, value: JsonObject): Mapping | undefined {
  const own = mappingsOfCollection(context, collectionOf(record))
  return own.length > 1 ? (own.find((mapping) => mapping.writes(value)) ?? own[0]) : own[0]
}

export function mappingsOfType({ mappings }: Mapped, type: string): Mapping[] {
  return mappings.filter((mapping) => mapping.type === type)
}

/** Whose record a row is, or would become. A hint has no fields to look at: of one that is not linked, the first. @throws BridgeError mapping */
export async function mappingOfRow(
  context: Mapped,
  tables: BridgeTables,
  row: Pick<ExternalRow, 'type' | 'id' | 'externalId'> & Partial<ExternalRow>,
): Promise<Mapping | undefined> {
  const own = mappingsOfType(context, row.type)
  if (own.length < 2) return own[0]
  const linked = await tables.linked(row.type, row)
  const belongs = ({ collection: { name } }: Mapping) =>
    linked?.startsWith(`${name}/`) ?? recordNamed(name, row.externalId, true) !== undefined
  return own.find(belongs) ?? own.find((mapping) => isWhole(row) && mapping.takes(row)) ?? own[0]
}

function isWhole(row: Partial<ExternalRow>): row is ExternalRow {
  return row.value !== undefined
}

/** True where rows of this type become records of several collections, so that an external id must name the collection too. */
export function isShared(context: Mapped, type: string): boolean {
  return mappingsOfType(context, type).length > 1
}

/** Nothing is to be done with rows of this type just now (SPEC B-192). */
export function isAllPaused(context: Pick<BridgeContext, 'mappings' | 'paused'>, type: string): boolean {
  return mappingsOfType(context, type).every((mapping) => context.paused?.has(mapping) === true)
}

/** With some rows of this type nothing is to be done just now: all of them together tell nothing. */
export function isSomePaused(context: Pick<BridgeContext, 'mappings' | 'paused'>, type: string): boolean {
  return mappingsOfType(context, type).some((mapping) => context.paused?.has(mapping) === true)
}
