/**
 * References between records, translated (SPEC B-80 to B-84): the record's field holds the id of another record, the row's what the system knows that record's row by. Which is which
 * stands in the shadows and links of this node, so a mapping's reference fields are made ready for the values at hand; after that the engine decides by pure functions as for any field.
 */
import { idOf, type Json, type JsonObject, keyOf } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import { mappingsOfCollection } from '../choose-mapping.ts'
import type { BridgeContext } from '../context.ts'
import { recordNamed } from '../ids.ts'
import { linkKey } from '../links.ts'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'
import { type Field, type Reference, readField, rowPart, withRowPart } from './field.ts'

/** Whose references are to be translated. */
export interface AtHand {
  records?: readonly (JsonObject | undefined)[]
  /** Mapped values. */
  rows?: readonly JsonObject[]
}

/** The mapping, ready for these values of a record and of its row. @throws BridgeError mapping for a reference that is no text */
export async function resolveReferences(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { records = [], rows = [] }: AtHand,
): Promise<Mapping> {
  if (!hasReferences(mapping)) return mapping
  const fields: Field[] = []
  for (const field of mapping.fields) {
    const { reference } = field
    if (!reference) {
      fields.push(field)
      continue
    }
    const ours = records.map((record) => readField(record, field))
    const theirs = rows.map((row) => rowPart(row, field))
    fields.push(await translated(context, tables, { ...field, reference }, { ours, theirs }))
  }
  return { ...mapping, fields }
}

/** What a row says as far as it is known here. */
export interface KnownPart {
  /** The row's mapped value; a reference that is not known here is empty in it (B-83). */
  mapped: JsonObject
  /** Keys of the links that those references wait for. */
  unknown: string[]
}

/** @param mapped the row's mapped value */
export async function knownPart(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  mapped: JsonObject,
): Promise<KnownPart> {
  let known = mapped
  const unknown: string[] = []
  for (const field of mapping.fields) {
    const { reference } = field
    const value = rowPart(mapped, field)
    if (!reference || field.direction === 'out' || value === null) continue
    if ((await recordIdOf(context, tables, reference, String(value))) !== undefined) continue
    known = withRowPart(known, field, null)
    unknown.push(...linksOf(context, reference, String(value)))
  }
  return { mapped: known, unknown }
}

/** True for a row that is known but for a reference, and that was found meanwhile. @param mapped the row's mapped value @param agreed the shadow's */
export async function isHealed(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { mapped, agreed }: { mapped: JsonObject; agreed: JsonObject },
): Promise<boolean> {
  for (const field of mapping.fields) {
    const value = rowPart(mapped, field)
    if (!field.reference || field.direction === 'out' || value === null || rowPart(agreed, field) !== null)
      continue
    if ((await recordIdOf(context, tables, field.reference, String(value))) !== undefined) return true
  }
  return false
}

function hasReferences({ fields }: Mapping): boolean {
  return fields.some(({ reference }) => reference)
}

type ReferenceField = Field & { reference: Reference }

async function translated(
  context: BridgeContext,
  tables: BridgeTables,
  field: ReferenceField,
  { ours, theirs }: { ours: readonly (Json | undefined)[]; theirs: readonly Json[] },
): Promise<Field> {
  const { reference } = field
  const ids = new Map<string, string>()
  const rows = new Map<string | undefined, Json>()
  for (const value of theirs) {
    if (value === null || ids.has(String(value))) continue
    const id = await recordIdOf(context, tables, reference, String(value))
    if (id !== undefined) ids.set(String(value), id)
  }
  for (const value of [...ours, ...ids.values()]) {
    const id = idIn(field, value)
    if (id === undefined || rows.has(id)) continue
    const row = await rowOf(tables, reference, keyOf(reference.collection, id))
    if (row !== undefined)
      rows.set(id, reference.as === 'number' && row !== null ? numberOf(field, row) : row)
  }
  const missing = (value: Json | undefined) => {
    const id = idIn(field, value)
    return id === undefined || rows.has(id) ? undefined : keyOf(reference.collection, id)
  }
  const to = (value: Json | undefined) => {
    const parent = missing(value)
    // Equal to nothing that a row could hold.
    return parent === undefined ? (rows.get(idIn(field, value)) ?? null) : { awaits: parent }
  }
  return { ...field, missing, to, from: (value) => ids.get(String(value)) }
}

/** What a row holds of this record's row; null when it is deleted here, undefined when it has none (yet). */
async function rowOf(
  tables: BridgeTables,
  { by }: Reference,
  parent: string,
): Promise<string | null | undefined> {
  const shadow = await tables.shadowHead(parent)
  const name = shadow && !shadow.gone ? (by === 'rowId' ? shadow.rowId : shadow.externalId) : ''
  if (name !== '') return name
  const { deleted } = await tables.transaction.record(parent)
  return deleted ? null : undefined
}

function numberOf({ name }: Field, row: string): number {
  const number = Number(row)
  if (Number.isSafeInteger(number)) return number
  throw new BridgeError('mapping', `${name} is written as a number, and the row '${row}' has none for its id`)
}

function idIn({ name }: Field, value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw new BridgeError('mapping', `${name} is a reference, and ${JSON.stringify(value)} is no record's id`)
}

async function recordIdOf(
  context: BridgeContext,
  tables: BridgeTables,
  reference: Reference,
  value: string,
): Promise<string | undefined> {
  const { collection, by } = reference
  for (const key of linksOf(context, reference, value)) {
    const record = await tables.linkedBy(key)
    if (record?.startsWith(`${collection}/`)) return idOf(record)
  }
  const named = by === 'externalId' ? recordNamed(collection, value) : undefined
  return named && idOf(named)
}

function linksOf(context: BridgeContext, { collection, by }: Reference, value: string): string[] {
  const types = mappingsOfCollection(context, collection).map(({ type }) => type)
  return types.map((type) => linkKey(type, by === 'rowId' ? { id: value } : { externalId: value }))
}
