/** What people decided, field by field, each as the rules that would have said the same: what a proposal is made of (SPEC B-106). */
import { equalJson, type Json, type JsonObject } from '@skerry/core'
import { DECISIONS_KEPT_MAX, PROPOSAL_DECISIONS_MIN, PROPOSAL_SHARE_MIN } from '../limits.ts'
import type { Mapping } from '../mapping.ts'
import { rulesFor } from '../rules/fit.ts'
import { type NamedRule, resolve } from '../rules/resolve.ts'
import type { BridgeTables } from '../tables.ts'
import type { Verdict } from '../verdict.ts'
import type { Sides } from './item.ts'

/** The last decisions of one field, oldest first: of each the rules that would have taken it. */
export type KeptDecisions = NamedRule[][]

/** A rule that would have decided as people did. */
export interface Proposal {
  collection: string
  field: string
  rule: NamedRule
  /** Decisions looked at, and those that the rule would have taken alike. */
  decisions: number
  alike: number
}

interface Decided {
  mapping: Mapping
  conflict: Sides & { record: string; here: JsonObject }
  verdict: Verdict
  value: Json | undefined
}

export async function keepDecision(
  tables: BridgeTables,
  { mapping, conflict, verdict, value }: Decided,
): Promise<void> {
  const key = `${mapping.collection.name}\n${verdict.field.name}`
  const kept = (await tables.tally<KeptDecisions>('decisions', key)) ?? []
  const alike = rulesAlike(mapping, { ...conflict, ...verdict, field: verdict.field.name }, value)
  tables.putTally('decisions', key, [...kept, alike].slice(-DECISIONS_KEPT_MAX))
}

/** Named rules that fit the field and would have given this value. */
function rulesAlike(
  mapping: Mapping,
  conflict: Parameters<typeof resolve>[1],
  value: Json | undefined,
): NamedRule[] {
  const shape = mapping.collection.shape.fields.get(conflict.field)
  if (!shape) return []
  return rulesFor(shape).filter((rule) => {
    const ending = resolve(rule, conflict)
    if (ending.winner === 'made') return equalJson(ending.value, value)
    if (ending.winner === 'ours' || ending.winner === 'theirs')
      return equalJson(conflict[ending.winner], value)
    // A merge was not tried, and a review is no decision.
    return false
  })
}

/** The rule that most decisions agree with; of equally good ones the one that is told first, from the plain to the particular. */
const plainFirst: readonly NamedRule[] = [
  'that-side',
  'this-side',
  'last-writer',
  'larger',
  'smaller',
  'sum',
  'union',
]

export function proposalOf(collection: string, field: string, kept: KeptDecisions): Proposal | undefined {
  if (kept.length < PROPOSAL_DECISIONS_MIN) return undefined
  const alike = (rule: NamedRule) => kept.filter((rules) => rules.includes(rule)).length
  const [rule] = [...plainFirst].sort((a, b) => alike(b) - alike(a))
  if (!rule || alike(rule) < kept.length * PROPOSAL_SHARE_MIN) return undefined
  return { collection, field, rule, decisions: kept.length, alike: alike(rule) }
}
