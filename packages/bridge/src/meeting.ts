/** A row and a record that have no common state: what differs, and whose it is to say (SPEC B-29). */
import type { JsonObject } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import type { BridgeContext } from './context.ts'
import { type Decided, decide } from './decide.ts'
import { readField, rowPart } from './mapping/field.ts'
import type { Mapping } from './mapping.ts'
import type { BridgeTables } from './tables.ts'
import { saysSame, type Verdict } from './verdict.ts'

export interface Meeting {
  mapping: Mapping
  row: ExternalRow
  mapped: JsonObject
  record: string
}

/** Fields that both sides have, and have otherwise; with who wins each. @param rowDecides the row was just brought back: it wins everything */
export async function differences(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, row, mapped, record }: Meeting,
  { view, rowDecides }: { view: JsonObject; rowDecides: boolean },
): Promise<Decided[]> {
  const verdicts: Verdict[] = []
  for (const field of mapping.fields) {
    if (field.direction === 'out') continue
    const [ours, value] = [readField(view, field), rowPart(mapped, field)]
    const theirs = field.from(value)
    if (saysSame(field, ours, theirs, value)) continue
    const counts = rowDecides || theirs !== undefined || field.direction === 'in'
    const isAlone = rowDecides || ours === undefined
    if (counts) verdicts.push({ field, theirs, ours, kind: isAlone ? 'theirs' : 'conflict', isOwed: true })
  }
  return decide(context, tables, { record, row, verdicts })
}

/** External names of fields that are ours to write because the row says nothing, or something that is not its to say. */
export function lackingFields(mapping: Mapping, mapped: JsonObject, view: JsonObject): string[] {
  const lacking = mapping.fields.filter((field) => {
    const ours = readField(view, field)
    if (field.direction === 'in' || ours === undefined) return false
    const theirs = rowPart(mapped, field)
    return field.direction === 'out' ? !field.same(field.to(ours), theirs) : theirs === null
  })
  return lacking.map(({ external }) => external)
}
