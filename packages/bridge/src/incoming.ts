/** A row on its way in: whose it is, and whether it says anything new (SPEC B-20, B-25, B-27). */
import { keyOf } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { mappingOfRow } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { importedId, recordNamed } from './ids.ts'
import { Intake } from './intake.ts'
import { isHealed, resolveRecord, resolveRow } from './mapping/references.ts'
import { type Mapping, mappedValue } from './mapping.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'

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
  const mapping = await mappingOfRow(context, tables, row)
  if (!mapping) return 'left'
  const record = await recordOf(context, tables, mapping, row)
  if ((await tables.item(record))?.state === 'begun') {
    tables.putHint({ type: row.type, id: row.id, externalId: row.externalId, stamp: stamp(context) })
    return 'waits'
  }
  const shadow = await tables.shadow(record)
  const mapped = mappedValue(mapping, row)
  if (shadow && isSameRow(shadow, row)) {
    const healed = await isHealed(context, tables, mapping, { mapped, agreed: shadow.value })
    if (!healed) return 'known'
  }
  const state = await tables.transaction.record(record)
  const { unknown, ...resolved } = await resolveRow(context, tables, mapping, mapped)
  const ready = await resolveRecord(tables, resolved.mapping, [state.value, state.content])
  const subject = { mapping: ready, mapped: resolved.mapped, row, record, state, shadow }
  if (!(await new Intake(context, tables, subject).run())) return 'left'
  for (const link of unknown) tables.putWait(link, row)
  return 'taken'
}

function isSameRow({ version, rowId, gone }: Shadow, row: ExternalRow): boolean {
  return version === row.version && rowId === row.id && gone === row.deleted
}

export function stamp({ host }: BridgeContext): string {
  return Array.from(host.random(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
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
