/** A row and a record that have no common state: what differs, and whose it is to say (SPEC B-29). */
import { equalJson, type JsonObject } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import type { BridgeContext } from './context.ts'
import { type Decided, decide } from './decide.ts'
import type { Heard } from './heard.ts'
import { type Mapping, mappedValue } from './mapping.ts'
import { nothingHeld } from './review/item.ts'
import type { BridgeTables } from './tables.ts'
import { type Verdict, verdictsOf } from './verdict.ts'

/** Fields that both sides have, and have otherwise; with who wins each. @param rowDecides the row was just brought back: it wins everything */
export async function differences(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, row, record }: { mapping: Mapping; row: ExternalRow; record: string },
  { view, rowDecides, heard }: { view: JsonObject; rowDecides: boolean; heard: Heard },
): Promise<Decided[]> {
  const value = Object.fromEntries(mapping.fields.map(({ name, external, to }) => [external, to(view[name])]))
  const owed = mapping.fields.map(({ external }) => external)
  const agreed = { value, view, owed, held: nothingHeld.fields, heard }
  const verdicts = verdictsOf(mapping, agreed, mappedValue(mapping, row), view)
    .filter(({ field, theirs }) => rowDecides || theirs !== undefined || field.direction === 'in')
    .map((verdict): Verdict => {
      if (rowDecides || verdict.ours === undefined) return { ...verdict, kind: 'alone' }
      return heard.has(verdict.field.name) ? verdict : { ...verdict, kind: 'conflict' }
    })
  const state = await tables.transaction.record(record)
  const theirs = { theirsAt: row.modifiedAt, theirsBy: row.modifiedBy }
  return decide(context, tables, { mapping, state, theirs, verdicts })
}

/** External names of fields that are ours to write because the row says nothing, what it said before, or something that is not its to say. */
export function lackingFields(
  mapping: Mapping,
  mapped: JsonObject,
  view: JsonObject,
  heard: Heard,
): string[] {
  const lacking = mapping.fields.filter(({ name, external, direction, to, from }) => {
    const theirs = mapped[external] ?? null
    if (direction === 'in' || equalJson(to(view[name]), theirs)) return false
    if (heard.has(name)) return equalJson(from(theirs), heard.get(name))
    return view[name] !== undefined && (direction === 'out' || theirs === null)
  })
  return lacking.map(({ external }) => external)
}
