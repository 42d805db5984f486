/** Which rules a field can have, by its kind: said when the bridge starts, not when the first conflict comes (SPEC B-109). */
import type { Shape } from '@skerry/core'
import type { ConflictRule, NamedRule } from './resolve.ts'

const sides: readonly NamedRule[] = ['last-writer', 'this-side', 'that-side', 'review']

/** Named rules that fit, beside a function, which fits everywhere. */
export function rulesFor(shape: Shape): readonly NamedRule[] {
  if (shape.kind === 'list') return [...sides, 'union', 'merge']
  if (shape.kind !== 'scalar') return [...sides, 'merge']
  const { holds } = shape
  // A string may be money, a date or a moment; a choice is a name.
  return holds.includes('number') || holds.includes('string') ? [...sides, 'larger', 'smaller', 'sum'] : sides
}

export function ruleFits(shape: Shape, rule: ConflictRule): boolean {
  return typeof rule === 'function' || rulesFor(shape).includes(rule)
}

/** For a message: `a boolean`, `a text that merges` … */
export function kindOf(shape: Shape): string {
  if (shape.kind === 'text') return 'a text that merges'
  return shape.kind === 'scalar' ? `a ${shape.holds.join(' or ')}` : `a ${shape.kind}`
}

export function defaultRule(shape: Shape): NamedRule {
  return shape.kind === 'scalar' ? 'last-writer' : 'merge'
}
