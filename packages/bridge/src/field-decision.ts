/** Who decides about one field, checked when the bridge starts: its direction, the rule for conflicts, and whose it is (SPEC B-109). */
import type { Shape } from '@skerry/core'
import type { Report } from './mapping/report.ts'
import type { Authority, Direction, FieldConfig } from './mapping-config.ts'
import { defaultRule, kindOf, ruleFits, rulesFor } from './rules/fit.ts'
import { type ConflictRule, type NamedRule, nameOf } from './rules/resolve.ts'

export interface FieldDecision {
  direction: Direction
  rule: ConflictRule
  /** Named rules that the field could have. */
  rules: readonly NamedRule[]
  authority: Authority | undefined
}

interface Decidable {
  name: string
  /** Of what it stands for in the record. */
  shapes: readonly Shape[]
  /** It is a field of the record, and no part of one. */
  isWhole: boolean
  /** As the mapping allows. */
  direction: Direction
}

/** @param place.system the bridge's own name @returns undefined where the report was told what would fit */
export function decisionOf(
  { report, system }: { report: Report; system: string },
  { name, shapes, isWhole, direction }: Decidable,
  { rule, authority }: Pick<FieldConfig, 'rule' | 'authority'>,
): FieldDecision | undefined {
  const rules = rulesFor(shapes)
  if (rule && !ruleFits(rules, rule))
    return report
      .within('rule')
      .say(
        `'${name}' is ${kindOf(shapes)}, and ${nameOf(rule)} cannot decide it; choose ${rules.join(', ')}, or a function`,
      )
  if (rule && (authority === 'this' || authority === 'that'))
    return report.say(
      `'${name}' has authority '${authority}', which leaves no conflict to decide; leave out the rule, or the authority`,
    )
  if ((authority === 'this' && direction === 'in') || (authority === 'that' && direction === 'out'))
    return report.say(
      `'${name}' has authority '${authority}' and direction '${direction}': whoever owns it could never say what it is`,
    )
  const against = Array.isArray(authority) && againstHierarchy(authority, { shapes, isWhole }, system)
  if (against) return report.within('authority').say(`'${name}' ${against}`)
  return {
    // Never written there, whoever edits it here.
    direction: authority === 'that' ? 'in' : direction,
    rule: rule ?? defaultRule(shapes),
    rules,
    authority,
  }
}

/** Who gave a value is known of whole fields of a record (core W-16). */
function againstHierarchy(
  systems: readonly string[],
  { shapes, isWhole }: Pick<Decidable, 'shapes' | 'isWhole'>,
  system: string,
): string | undefined {
  if (!isWhole || shapes.some(({ kind }) => kind !== 'scalar'))
    return `is ${isWhole ? kindOf(shapes) : 'a part of a field'}: a list of systems decides whole values; choose 'this' or 'that'`
  if (!systems.includes(system))
    return `has a list of systems without '${system}', the system of this bridge; it names ${systems.join(', ')}`
  return undefined
}
