/** A row and a record that have no common state: what differs, and whose it is to say (SPEC B-29). */
import { equalJson, type JsonObject } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import type { BridgeContext } from './context.ts'
import { type Decided, decide } from './decide.ts'
import type { Heard } from './heard.ts'
import { type Field, readField, rowPart } from './mapping/field.ts'
import type { Mapping } from './mapping.ts'
import type { BridgeTables } from './tables.ts'
import { saysTheSame, type Verdict } from './verdict.ts'

interface Meeting {
  mapping: Mapping
  row: ExternalRow
  /** The row's mapped value, as far as it is known here. */
  mapped: JsonObject
  record: string
}

/** Fields that both sides have, and have otherwise; with who wins each. @param rowDecides the row was just brought back: it wins everything */
export async function differences(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, row, mapped, record }: Meeting,
  { view, rowDecides, heard }: { view: JsonObject; rowDecides: boolean; heard: Heard },
): Promise<Decided[]> {
  const verdicts: Verdict[] = []
  for (const field of mapping.fields) {
    const verdict = verdictAtMeeting(field, { mapped, view, heard })
    if (!verdict) continue
    if (rowDecides || verdict.ours === undefined) verdicts.push({ ...verdict, kind: 'alone' })
    else if (verdict.theirs !== undefined || field.direction === 'in') verdicts.push(verdict)
  }
  const state = await tables.transaction.record(record)
  const theirs = { theirsAt: row.modifiedAt, theirsBy: row.modifiedBy }
  return decide(context, tables, { mapping, state, theirs, verdicts })
}

/** Undefined where both say the same, the row what it said when it was heard last, or nothing is taken in. */
function verdictAtMeeting(
  field: Field,
  { mapped, view, heard }: { mapped: JsonObject; view: JsonObject; heard: Heard },
): Verdict | undefined {
  if (field.direction === 'out') return undefined
  const [ours, value] = [readField(view, field), rowPart(mapped, field)]
  const theirs = field.from(value)
  const wasHeard = heard.has(field.name)
  const known = heard.get(field.name)
  if (wasHeard ? equalJson(theirs, known) : saysTheSame(field, ours, value)) return undefined
  // Nothing was agreed: each side counts as having changed it, unless the log tells what the row said before.
  const verdict = { field, theirs, ours, isOwed: true, agreed: wasHeard ? known : ours }
  if (!wasHeard) return { ...verdict, kind: 'conflict' }
  if (equalJson(ours, known)) return { ...verdict, kind: 'theirs' }
  return { ...verdict, kind: saysTheSame(field, ours, value) ? 'same' : 'conflict' }
}

/** External names of fields that are ours to write because the row says nothing, what it said before, or something that is not its to say. */
export function lackingFields(
  mapping: Mapping,
  mapped: JsonObject,
  view: JsonObject,
  heard: Heard,
): string[] {
  const lacking = mapping.fields.filter((field) => {
    const [ours, theirs] = [readField(view, field), rowPart(mapped, field)]
    if (field.direction === 'in' || field.same(field.to(ours), theirs)) return false
    if (heard.has(field.name)) return equalJson(field.from(theirs), heard.get(field.name))
    return ours !== undefined && (field.direction === 'out' || theirs === null)
  })
  return lacking.map(({ external }) => external)
}
