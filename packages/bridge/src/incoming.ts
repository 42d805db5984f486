/** A row on its way in: whose it is, and whether it says anything new (SPEC B-20, B-25, B-27). */
import { keyOf } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { type BridgeContext, mappingOfType } from './context.ts'
import { importedId, recordNamed } from './ids.ts'
import { Intake } from './intake.ts'
import type { Mapping } from './mapping.ts'
import { type BridgeTables, stamp } from './tables.ts'

export type Taken =
  /** It says what is known. */
  | 'known'
  | 'taken'
  /** A call of its record has begun: it is read again later. */
  | 'waits'
  /** Not mapped, filtered out, or of a record that is not here. */
  | 'left'

/** @throws BridgeError mapping for a row that fits neither mapping nor schema */
export async function takeRow(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow,
): Promise<Taken> {
  const mapping = mappingOfType(context, row.type)
  if (!mapping) return 'left'
  const record = await recordOf(context, tables, mapping, row)
  if ((await tables.item(record))?.state === 'begun') {
    tables.putHint({ type: row.type, id: row.id, externalId: row.externalId, stamp: stamp(context.host) })
    return 'waits'
  }
  const shadow = await tables.shadow(record)
  if (shadow && shadow.version === row.version && shadow.rowId === row.id && shadow.gone === row.deleted)
    return 'known'
  const state = await tables.transaction.record(record)
  const taken = await new Intake(context, tables, { mapping, row, record, state, shadow }).run()
  return taken ? 'taken' : 'left'
}

/** The record that a row belongs to, whether it exists or not (B-27). */
export async function recordOf(
  { system, host }: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  row: { id: string; externalId?: string | undefined },
): Promise<string> {
  const collection = mapping.collection.name
  const linked = await tables.linked(mapping.type, row)
  return (
    linked ??
    recordNamed(collection, row.externalId) ??
    keyOf(collection, importedId(host, system, mapping.type, row.id, 0))
  )
}
