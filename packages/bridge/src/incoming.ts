/** A row on its way in: whose it is, and whether it says anything new (SPEC B-20, B-25, B-27, B-129). */
import { keyOf } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { mappingOfRow } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { meetAs } from './identity/meet-as.ts'
import { importedId, recordNamed, stamp } from './ids.ts'
import { Intake, type Subject } from './intake.ts'
import { isHealed, knownPart, resolveReferences } from './mapping/references.ts'
import { type Mapping, mappedValue } from './mapping.ts'
import { atHand } from './plan.ts'
import { waitWithRow } from './quarantined.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables, StampedHint } from './tables.ts'

export type Taken =
  /** It says what is known. */
  | 'known'
  /** A record was made of it. */
  | 'made'
  | 'taken'
  /** A call of its record has begun, or the record is in quarantine: it is read again later. */
  | 'waits'
  /** Whose it is, a person says (B-127). */
  | 'doubt'
  /** Not mapped, filtered out, or of a record that is not here. */
  | 'left'

/** @throws BridgeError mapping for a row that fits neither mapping nor schema, duplicate-id for one whose external id is another's */
export async function takeRow(
  context: BridgeContext,
  tables: BridgeTables,
  told: ExternalRow,
): Promise<Taken> {
  const mapping = await mappingOfRow(context, tables, told)
  if (!mapping) return 'left'
  if (context.paused?.has(mapping)) {
    tables.keepHint(hintAt(context, told))
    return 'waits'
  }
  const row = mapping.seenRow(told)
  const mapped = mappedValue(mapping, row)
  const named = await namedBy(tables, mapping, row)
  if (named !== undefined) return takeAs(context, tables, { mapping, row, mapped, record: named })
  // A row that no name leads from is compared with records that have no row first (B-125).
  const met = mapping.match.length > 0 ? await meetAs(context, tables, mapping, { row, mapped }) : undefined
  if (met === 'doubt') return met
  const record = met ?? importedAs(context, mapping, row.id)
  const state = await tables.transaction.record(record)
  if (state.heads.length > 0) return takeAs(context, tables, { mapping, row, mapped, record })
  const nothing = { shadow: undefined, item: undefined }
  return takeIn(context, tables, { mapping, row, mapped, record, state, ...nothing })
}

/** A row that waited for a person, who has decided, or a rule has. @param taken.mapping with the rule that it is taken in by */
export async function takeHeld(
  context: BridgeContext,
  tables: BridgeTables,
  { row, mapping, record, by }: Pick<Subject, 'row' | 'mapping' | 'record' | 'by'>,
): Promise<void> {
  const state = await tables.transaction.record(record)
  const shadow = await tables.shadow(record)
  const item = await tables.item(record)
  const mapped = mappedValue(mapping, row)
  await takeIn(context, tables, { row, mapping, mapped, record, state, shadow, item, by })
}

type Named = Pick<Subject, 'mapping' | 'row' | 'mapped' | 'record'>

async function takeAs(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, row, mapped, record }: Named,
): Promise<Taken> {
  const item = await tables.item(record)
  if (item?.state === 'begun') return waits(context, tables, row)
  const shadow = await tables.shadow(record)
  if (shadow && shadow.rowId !== row.id && !shadow.gone) {
    // The record went on with another row: this one's end is not its end.
    if (row.deleted) return 'left'
    throw duplicateId(row, shadow)
  }
  if (shadow && isSameRow(shadow, row)) {
    const healed = await isHealed(context, tables, mapping, { mapped, agreed: shadow.value })
    if (!healed) {
      tables.note({ kind: 'echo', record, type: row.type, rowId: row.id, version: row.version })
      return 'known'
    }
  }
  const state = await tables.transaction.record(record)
  return takeIn(context, tables, { mapping, row, mapped, record, state, shadow, item })
}

function isSameRow({ version, rowId, gone }: Shadow, row: ExternalRow): boolean {
  return version === row.version && rowId === row.id && gone === row.deleted
}

/** @param subject its mapping and mapped value as they are; they are made ready here */
async function takeIn(context: BridgeContext, tables: BridgeTables, subject: Subject): Promise<Taken> {
  const { row, record, state, shadow } = subject
  if (state.isQuarantined) {
    waitWithRow(tables, record, row)
    return 'waits'
  }
  const { mapped, unknown } = await knownPart(context, tables, subject.mapping, subject.mapped)
  const mapping = await resolveReferences(context, tables, subject.mapping, atHand(state, shadow, mapped))
  if (!(await new Intake(context, tables, { ...subject, mapping, mapped }).run())) return 'left'
  for (const link of unknown) tables.putWait(link, row)
  return state.heads.length === 0 ? 'made' : 'taken'
}

function waits(context: BridgeContext, tables: BridgeTables, row: ExternalRow): Taken {
  tables.putHint(hintAt(context, row))
  return 'waits'
}

function hintAt(context: BridgeContext, { type, id, externalId }: ExternalRow): Omit<StampedHint, 'version'> {
  return { type, id, externalId, stamp: stamp(context) }
}

function duplicateId(row: ExternalRow, shadow: Shadow): BridgeError {
  const same = row.externalId ? `the external id ${row.externalId}` : 'the record'
  return new BridgeError(
    'duplicate-id',
    `${row.type} ${row.id} has ${same} of ${shadow.type} ${shadow.rowId}, which lives; delete one of them there, or give it another external id`,
  )
}

/** The record that a row belongs to by its names, whether it exists or not (B-27). */
export async function recordOf(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  row: { id: string; externalId?: string | undefined },
): Promise<string> {
  return (await namedBy(tables, mapping, row)) ?? importedAs(context, mapping, row.id)
}

async function namedBy(
  tables: BridgeTables,
  mapping: Mapping,
  row: { id: string; externalId?: string | undefined },
): Promise<string | undefined> {
  return (await tables.linked(mapping.type, row)) ?? recordNamed(mapping.collection.name, row.externalId)
}

function importedAs({ system, host }: BridgeContext, mapping: Mapping, rowId: string): string {
  return keyOf(mapping.collection.name, importedId(host, system, mapping.type, rowId, 0))
}
