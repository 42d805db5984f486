/** Where a value comes from and where it went: what the audit log says of one field of one record, in words for people (SPEC B-152). */
import type { Json } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import type { Shared } from '../bridge-life.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import { hintFor } from '../config-issue.ts'
import { crossReference } from '../identity/cross-reference.ts'
import { LINEAGE_STEPS_MAX } from '../limits.ts'
import type { Field } from '../mapping/field.ts'
import type { Mapping } from '../mapping.ts'
import { decodeItem } from '../outbox.ts'
import { tableOf } from '../tables.ts'
import { type UnreadRow, unreadRow } from '../unread-rows.ts'
import { type AuditEntry, numberKey, rowSubject } from './audit-entry.ts'
import { type PlainValues, type Present, plainValues, presentValues } from './plain-values.ts'
import { auditOf, auditSalt, auditSeal, keptValues } from './read-audit.ts'
import { relevance } from './relevance.ts'
import { wordsOf } from './words.ts'

export interface LineageStep {
  n: number
  /** Milliseconds since 1970. */
  at: number
  kind: AuditEntry['kind']
  words: string
  /** What the step made of the field, where that is known: it is kept, or whoever has it now tells. */
  value?: Json
  /** The record, or the row, has it now. */
  isPresent?: true
}

export interface Lineage {
  system: string
  /** The record's key, or `type/id` of a row that is none. */
  of: string
  /** As the record names it; absent: all fields. */
  field?: string
  /** What both sides are known to have now. */
  present?: Present
  /** The row as it is now could not be taken in. */
  unread?: UnreadRow
  /** The newest LINEAGE_STEPS_MAX. */
  steps: LineageStep[]
  /** Steps before those. */
  earlier: number
  /** What entries up to this one told was cut off; 0: nothing was. */
  cutUpTo: number
}

export type LineageOf = string | { type: string; row: string }

/** @throws BridgeError unknown-lineage, unknown-field, damaged-table */
export async function lineageOf(shared: Shared, of: LineageOf, name: string | undefined): Promise<Lineage> {
  const { replica, context } = shared
  const { system, host } = context
  const { subject, label, mapping, row } = await subjectKnown(shared, of)
  const cutUpTo = (await auditSeal(replica, system)).n
  await checkKnown(shared, subject, label, cutUpTo)
  const field = name === undefined ? undefined : fieldNamed(mapping, label, name)
  const present = mapping ? await presentValues(replica, system, subject, mapping) : new Map()
  const salt = await auditSalt(replica, system, subject)
  const unread = row && (await unreadRow(shared, row))
  const reasons = [...(await reasonsNow(shared, subject)), ...(unread ? [unread.reason] : [])]
  const known = { salt, present, fields: mapping?.fields ?? [], reasons }
  const concerns = relevance(field)
  const steps: LineageStep[] = []
  let earlier = 0
  for await (const entry of auditOf(replica, system, subject)) {
    if (!concerns(entry)) continue
    const kept = await keptValues(replica, system, { subject, number: numberKey(entry.n) })
    const plain = plainValues(host, entry, { ...known, kept })
    const words = wordsOf(entry, system, field?.name, plain)
    steps.push({
      n: entry.n,
      at: entry.at,
      kind: entry.kind,
      words,
      ...(field && madeOf(entry, field, plain)),
    })
    if (steps.length <= LINEAGE_STEPS_MAX) continue
    steps.shift()
    earlier += 1
  }
  const here = field && present.get(field.name)
  return {
    system,
    of: label,
    ...(field && { field: field.name }),
    ...(here && { present: here }),
    ...(unread && { unread }),
    steps,
    earlier,
    cutUpTo,
  }
}

async function checkKnown(
  { replica, context }: Shared,
  subject: string,
  label: string,
  cutUpTo: number,
): Promise<void> {
  const table = tableOf(context.system, 'audit-of')
  if ((await replica.tableRows(table, { prefix: `${subject}\n`, limit: 1 })).length > 0) return
  const before = cutUpTo > 0 ? `, or it was cut off, as everything up to entry ${cutUpTo}` : ''
  throw new BridgeError(
    'unknown-lineage',
    `${label}: nothing was ever done for it here${before}; name a record (jobs/4f1c…) or a row (cases/500…)`,
  )
}

async function subjectKnown(
  shared: Shared,
  of: LineageOf,
): Promise<{
  subject: string
  label: string
  mapping: Mapping | undefined
  row: Exclude<LineageOf, string> | undefined
}> {
  const reference = await crossReference(shared, of)
  const record = typeof of === 'string' ? of : reference?.record
  if (record !== undefined)
    return {
      subject: record,
      label: record,
      mapping: mappingOfRecord(shared.context, record, reference?.row?.type),
      row: reference?.row && { type: reference.row.type, row: reference.row.id },
    }
  const row = of as Exclude<LineageOf, string>
  const subject = rowSubject({ type: row.type, rowId: row.row })
  return { subject, label: `${row.type}/${row.row}`, mapping: undefined, row }
}

/** By either side's name of it. */
function fieldNamed(mapping: Mapping | undefined, label: string, name: string): Field {
  const fields = mapping?.fields ?? []
  const found =
    fields.find((field) => field.name === name) ?? fields.find(({ external }) => external === name)
  if (found) return found
  const names = fields.flatMap((field) => [field.name, field.external])
  throw new BridgeError(
    'unknown-field',
    `${label}: '${name}' is no mapped field of it; ${hintFor(name, names)}`,
  )
}

/** Reasons that are told where a letter is dead by now: the log has their hashes. */
async function reasonsNow({ replica, context }: Shared, record: string): Promise<string[]> {
  const bytes = await replica.table(tableOf(context.system, 'outbox'), record)
  const item = bytes && decodeItem(record, bytes)
  return item && (item.state === 'dead' || item.state === 'parked') ? [item.reason] : []
}

/** What a step made of the field. */
function madeOf(entry: AuditEntry, { name }: Field, plain: PlainValues): Partial<LineageStep> {
  const side = sides[entry.kind]
  const value = side === undefined ? undefined : plain.of(name, side)
  if (value === undefined) return {}
  return { value, ...(plain.isPresent(name, value) && { isPresent: true }) }
}

/** Which of an entry's values the field has after it. */
const sides: Partial<Record<AuditEntry['kind'], string>> = {
  begun: 'sent',
  taken: 'became',
  decided: 'became',
  merged: 'became',
}
