/** Which rules a field can have, by its kind: said when the bridge starts, not when the first conflict comes (SPEC B-109). */
import type { Shape } from '@skerry/core'
import type { ConflictRule, NamedRule } from './resolve.ts'

const sides: readonly NamedRule[] = ['last-writer', 'this-side', 'that-side', 'review']

/** Named rules that fit, beside a function, which fits everywhere. */
function rulesOfOne(shape: Shape): readonly NamedRule[] {
  if (shape.kind === 'list') return [...sides, 'union', 'merge']
  if (shape.kind !== 'scalar') return [...sides, 'merge']
  const { holds } = shape
  // A string may be money, a date or a moment; a choice is a name.
  return holds.includes('number') || holds.includes('string') ? [...sides, 'larger', 'smaller', 'sum'] : sides
}

/** Of a field that stands for several of the record, whose values go together: an object is neither larger nor a sum. */
export function rulesFor(shapes: readonly Shape[]): readonly NamedRule[] {
  const [only] = shapes
  if (only && shapes.length === 1) return rulesOfOne(only)
  return mergesAll(shapes) ? [...sides, 'merge'] : sides
}

export function ruleFits(fitting: readonly NamedRule[], rule: ConflictRule): boolean {
  return typeof rule === 'function' || fitting.includes(rule)
}

/** For a message: `a boolean`, `a text that merges` … */
export function kindOf(shapes: readonly Shape[]): string {
  const [only] = shapes
  return only && shapes.length === 1 ? kindOfOne(only) : 'a group'
}

function kindOfOne(shape: Shape): string {
  if (shape.kind === 'text') return 'a text that merges'
  return shape.kind === 'scalar' ? `a ${shape.holds.join(' or ')}` : `a ${shape.kind}`
}

export function defaultRule(shapes: readonly Shape[]): NamedRule {
  return mergesAll(shapes) ? 'merge' : 'last-writer'
}

function mergesAll(shapes: readonly Shape[]): boolean {
  return shapes.every(({ kind }) => kind !== 'scalar')
}
