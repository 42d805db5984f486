/** What is wrong with a record after a device's edit: its schema first, then the collection's rules in their order. */
import type { Credential } from '../identity/credential.ts'
import { equalJson } from '../records/edits.ts'
import type { Rule } from '../records/rule.ts'
import type { JsonObject } from '../records/shape.ts'
import { copyJson } from './json-copy.ts'
import type { OpenRecord } from './open-record.ts'

/** Name under which the schema stands among the rules. */
const SCHEMA_RULE = 'schema'

/** What a delivery did to one record. */
export interface Suspect {
  record: OpenRecord
  before: JsonObject | undefined
  /** Highest sequence per actor (hex) of the edits concerned. */
  seqs: Record<string, number>
  author: Credential
}

export interface Violation {
  rule: string
  reason: string
  /** The value that would be right; undefined for a new record that cannot be made right. */
  mended: JsonObject | undefined
}

/** A rule's own code failed: a fault of whoever wrote the rule, not of the edit. */
export class RuleFailed extends Error {
  override readonly name = 'RuleFailed'
  readonly code = 'rule-failed'
  readonly rule: string
  constructor(rule: string, cause: unknown) {
    super(`the rule ${rule} failed itself: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
    this.rule = rule
  }
}

/** The first violation, leaving out the rules in `passed`. @throws RuleFailed */
export function findViolation(
  suspect: Suspect,
  after: JsonObject,
  rules: readonly Rule[],
  passed: ReadonlySet<string>,
): Violation | undefined {
  if (!passed.has(SCHEMA_RULE)) {
    const violation = guarded(SCHEMA_RULE, () => schemaViolation(suspect, after))
    if (violation) return violation
  }
  for (const rule of rules) {
    if (rule.collection !== suspect.record.collection?.name || passed.has(rule.name)) continue
    const violation = guarded(rule.name, () => ruleViolation(rule, suspect, after))
    if (violation) return violation
  }
  return undefined
}

function guarded<T>(rule: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new RuleFailed(rule, cause)
  }
}

/** The fields with issues go back to what they were, in a new record to nothing; an issue of the record as a whole takes back all that changed. */
function schemaViolation({ record, before }: Suspect, after: JsonObject): Violation | undefined {
  const parsed = record.collection?.parse(after)
  if (!parsed || 'value' in parsed) return undefined
  const reason = parsed.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
  const fields = parsed.issues.some((issue) => issue.path === '')
    ? changedFields(before, after)
    : parsed.issues.map((issue) => issue.path.split('/')[1]!.replaceAll('~1', '/').replaceAll('~0', '~'))
  const mended = withFieldsOf(after, before ?? {}, fields)
  const isRight = before !== undefined || 'value' in record.collection!.parse(mended)
  return { rule: SCHEMA_RULE, reason, mended: isRight ? mended : undefined }
}

function ruleViolation(rule: Rule, { before, author }: Suspect, after: JsonObject): Violation | undefined {
  const violation = rule.check({
    before: before && copyJson(before),
    after: copyJson(after),
    author: { subject: author.subject, role: author.role },
  })
  if (!violation) return undefined
  const { reason } = violation
  if (!violation.mend)
    return {
      rule: rule.name,
      reason,
      mended: before && withFieldsOf(after, before, changedFields(before, after)),
    }
  const draft = copyJson(after)
  violation.mend(draft)
  return { rule: rule.name, reason, mended: draft }
}

function changedFields(before: JsonObject | undefined, after: JsonObject): string[] {
  return Object.keys({ ...before, ...after }).filter((key) => !equalJson(before?.[key], after[key]))
}

/** `after` with these fields as they were before. */
function withFieldsOf(after: JsonObject, before: JsonObject, fields: Iterable<string>): JsonObject {
  const mended = copyJson(after)
  for (const field of fields) {
    if (before[field] === undefined) delete mended[field]
    else mended[field] = copyJson(before[field])
  }
  return mended
}
