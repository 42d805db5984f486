/** What is wrong with a record after a device's edit: its schema first, then the collection's rules in their order. */
import type { Credential } from '../identity/credential.ts'
import { changedFields, putBack } from '../records/changed-fields.ts'
import { newIssues } from '../records/issues.ts'
import { copyJson } from '../records/json-copy.ts'
import { pathOf, pointerOf } from '../records/pointer.ts'
import type { Rule, RuleChange } from '../records/rule.ts'
import type { JsonObject, Shape } from '../records/shape.ts'
import type { OpenRecord } from './open-record.ts'

/** Name under which the schema stands among the rules. */
const SCHEMA_RULE = 'schema'

/** Why an edit that was let in does not stand. */
export interface TakenBack {
  /** Name under which this stands among the rules. */
  rule: string
  reason: string
}

/** What a delivery did to one record. */
export interface Suspect {
  record: OpenRecord
  before: JsonObject | undefined
  /** Highest sequence per actor (hex) of the edits concerned. */
  seqs: Record<string, number>
  author: Credential
  /** Newest version of the collection that one of the edits was written with. */
  version: number
  /** Let in as what others may have built on, and taken back. */
  takenBack: TakenBack | undefined
  /** Of those: per actor (hex) the sequence that was known before. */
  since: Record<string, number>
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

/**
 * The fields with issues go back to what they were, in a new record to nothing; an issue of the record as a whole takes back all that changed. What the edit found there is not its
 * fault; and what a newer version wrote is not for an older one to judge.
 */
function schemaViolation({ record, before, version }: Suspect, after: JsonObject): Violation | undefined {
  const { collection } = record
  const parsed = collection?.parse(after)
  if (!collection || !parsed || 'value' in parsed || version > collection.versions.number) return undefined
  const { shape } = collection
  const issues = before ? newIssues(shape, parsed.issues, before, after) : parsed.issues
  if (issues.length === 0) return undefined
  const reason = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
  const paths = issues.some((issue) => issue.path === '')
    ? changedFields(shape, before ?? {}, after)
    : issues.map((issue) => pathOf(issue.path).slice(0, 1))
  const mended = putBack(shape, before ?? {}, after, paths)
  const isRight = before !== undefined || 'value' in collection.parse(mended)
  // An older version could not know what this one asks of a new record, and nobody could tell its author.
  if (!isRight && version < collection.versions.number) return undefined
  return { rule: SCHEMA_RULE, reason, mended: isRight ? mended : undefined }
}

function ruleViolation(rule: Rule, suspect: Suspect, after: JsonObject): Violation | undefined {
  const { shape } = suspect.record.collection!
  const { before } = suspect
  const change = changeOf(shape, suspect, after)
  const violation = rule.check(change)
  if (!violation) return undefined
  const { reason, mend, fields } = violation
  if (!mend) {
    const mended = putBack(shape, before ?? {}, after, (fields ?? change.changed).map(pathOf))
    const isRight = before !== undefined || (fields && 'value' in suspect.record.collection!.parse(mended))
    return { rule: rule.name, reason, mended: isRight ? mended : undefined }
  }
  const draft = copyJson(after)
  mend(draft)
  return { rule: rule.name, reason, mended: draft }
}

/** Copies: a rule may do with them what it likes. */
function changeOf(
  shape: Shape & { kind: 'map' },
  { before, author, version }: Suspect,
  after: JsonObject,
): RuleChange {
  const { subject, role, read, write, systems } = author
  return {
    before: before && copyJson(before),
    after: copyJson(after),
    author: { subject, role, read: [...read], write: [...write], systems: [...systems] },
    version,
    changed: changedFields(shape, before ?? {}, after).map(pointerOf),
  }
}
