/** Who decides about one field, checked when the bridge starts: its direction, the rule for conflicts, and whose it is (SPEC B-109). */
import type { Shape } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import type { Authority, Direction, FieldConfig } from './mapping-config.ts'
import { defaultRule, kindOf, ruleFits, rulesFor } from './rules/fit.ts'
import { type ConflictRule, nameOf } from './rules/resolve.ts'

export interface FieldDecision {
  direction: Direction
  rule: ConflictRule
  authority: Authority | undefined
}

/** @param system the bridge's own name @throws BridgeError bridge-config, with what would fit */
export function checkedDecision(
  where: string,
  shape: Shape,
  { direction = 'both', rule, authority }: FieldConfig,
  system: string,
): FieldDecision {
  const refuse = (why: string) => {
    throw new BridgeError('bridge-config', `${where} ${why}`)
  }
  if (rule && !ruleFits(shape, rule))
    refuse(
      `is ${kindOf(shape)}, and ${nameOf(rule)} cannot decide it; choose ${rulesFor(shape).join(', ')}, or a function`,
    )
  if (rule && (authority === 'this' || authority === 'that'))
    refuse(
      `has authority '${authority}', which leaves no conflict to decide; leave out the rule, or the authority`,
    )
  if ((authority === 'this' && direction === 'in') || (authority === 'that' && direction === 'out'))
    refuse(
      `has authority '${authority}' and direction '${direction}': whoever owns it could never say what it is`,
    )
  if (Array.isArray(authority)) checkHierarchy(authority, shape, system, refuse)
  return {
    // Never written there, whoever edits it here.
    direction: authority === 'that' ? 'in' : direction,
    rule: rule ?? defaultRule(shape),
    authority,
  }
}

function checkHierarchy(
  systems: readonly string[],
  shape: Shape,
  system: string,
  refuse: (why: string) => void,
): void {
  if (shape.kind !== 'scalar')
    refuse(`is ${kindOf(shape)}: a list of systems decides whole values; choose 'this' or 'that'`)
  if (!systems.includes(system))
    refuse(
      `has a list of systems without '${system}', the system of this bridge; it names ${systems.join(', ')}`,
    )
}
