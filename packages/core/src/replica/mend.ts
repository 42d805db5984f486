/**
 * The hub mends, it never rewrites. What a device was entitled to write is in the log already when this runs; if the result breaks the schema or a rule,
 * a change that makes it right is added, and a receipt that says why.
 */
import type { Credential } from '../identity/credential.ts'
import { diffViews, type Edit, equalJson } from '../records/edits.ts'
import type { Rule } from '../records/rule.ts'
import type { Json, JsonObject } from '../records/shape.ts'
import { DELETED_KEY } from '../records/view.ts'
import { type Author, writeRecord } from './author.ts'
import { giveReceipt } from './give-receipt.ts'
import { copyJson } from './json-copy.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'

/** Times a record is looked at again after a mend: one mend may break another rule, but two rules must not play ball. */
const ROUNDS_MAX = 4

/** What a delivery did to one record. */
export interface Suspect {
  record: OpenRecord
  before: JsonObject | undefined
  /** Highest sequence per actor (hex) of the edits concerned. */
  seqs: Record<string, number>
  author: Credential
}

interface Violation {
  rule: string
  reason: string
  mended: JsonObject | undefined
}

/** Returns how many mends were made, by rule. */
export async function mend(
  turn: Turn,
  hub: Author,
  rules: readonly Rule[],
  suspect: Suspect,
): Promise<string[]> {
  const made: string[] = []
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const after = suspect.record.visible
    if (!after) return made
    const violation = schemaViolation(suspect, after) ?? ruleViolation(rules, suspect, after)
    if (!violation) return made
    await applyMend(turn, hub, suspect, after, violation)
    made.push(violation.rule)
  }
  return made
}

function schemaViolation({ record, before }: Suspect, after: JsonObject): Violation | undefined {
  const parsed = record.collection?.parse(after)
  if (!parsed || 'value' in parsed) return undefined
  const reason = parsed.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
  const fields = new Set(
    parsed.issues.map((issue) => issue.path.split('/')[1]!.replaceAll('~1', '/').replaceAll('~0', '~')),
  )
  return { rule: 'schema', reason, mended: before && withFieldsOf(after, before, fields) }
}

function ruleViolation(
  rules: readonly Rule[],
  { record, before, author }: Suspect,
  after: JsonObject,
): Violation | undefined {
  for (const rule of rules) {
    if (rule.collection !== record.collection?.name) continue
    const violation = rule.check({
      before,
      after: copyJson(after),
      author: { subject: author.subject, role: author.role },
    })
    if (!violation) continue
    const draft = copyJson(after)
    if (!violation.mend) {
      const changed = new Set(
        Object.keys({ ...before, ...after }).filter((key) => !equalJson(before?.[key], after[key])),
      )
      return {
        rule: rule.name,
        reason: violation.reason,
        mended: before && withFieldsOf(after, before, changed),
      }
    }
    violation.mend(draft)
    return { rule: rule.name, reason: violation.reason, mended: draft }
  }
  return undefined
}

/** `after` with these fields as they were before. */
function withFieldsOf(after: JsonObject, before: JsonObject, fields: ReadonlySet<string>): JsonObject {
  const mended = copyJson(after)
  for (const field of fields) {
    if (before[field] === undefined) delete mended[field]
    else mended[field] = copyJson(before[field])
  }
  return mended
}

async function applyMend(
  turn: Turn,
  hub: Author,
  suspect: Suspect,
  after: JsonObject,
  violation: Violation,
): Promise<void> {
  const { record } = suspect
  const edits = editsTo(record, after, violation.mended)
  await writeRecord(turn, hub, record, edits)
  const became = record.visible
  const fields = Object.keys({ ...after, ...became }).filter((key) => !equalJson(after[key], became?.[key]))
  const values: Record<string, { was: Json; became: Json }> = {}
  for (const field of fields)
    values[`/${field}`] = { was: after[field] ?? null, became: became?.[field] ?? null }
  await giveReceipt(turn, hub, record, {
    record: record.key,
    place: 'hub',
    outcome: 'mended',
    seqs: suspect.seqs,
    reason: violation.reason,
    rule: violation.rule,
    fields: fields.map((field) => `/${field}`),
    values,
    at: hub.host.now(),
  })
}

/** A new record that cannot be made right by its former value is taken away. */
function editsTo(record: OpenRecord, after: JsonObject, mended: JsonObject | undefined): Edit[] {
  const gone: Edit[] = [{ op: 'put', path: [DELETED_KEY], value: true }]
  if (!mended || !record.collection) return gone
  const edits = diffViews(record.collection.shape, after, mended)
  return edits.length > 0 ? edits : gone
}
