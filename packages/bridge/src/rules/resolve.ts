/** What becomes of a conflict by its field's rule: a pure function of the conflict (SPEC B-30, B-31, B-90 to B-94). Finding conflicts is `verdict.ts`. */
import type { Json } from '@skerry/core'
import { CLOCK_SKEW_MS } from '../limits.ts'
import { byFunction, type ConflictFunction } from './by-function.ts'
import type { FieldConflict, Resolution } from './conflict.ts'
import { sideOf } from './larger.ts'
import { sumOf } from './sum.ts'
import { unionOf } from './union.ts'

export const namedRules = [
  'last-writer',
  'this-side',
  'that-side',
  'larger',
  'smaller',
  'sum',
  'union',
  'merge',
  'review',
] as const

export type NamedRule = (typeof namedRules)[number]

/** What becomes of a field that both sides changed. */
export type ConflictRule = NamedRule | ConflictFunction

export function nameOf(rule: ConflictRule): string {
  return typeof rule === 'function' ? 'function' : rule
}

/** What both sides added counts twice when it is merged twice: such a field needs to know whether a call was carried out (B-38). */
export function accumulates(rule: ConflictRule): boolean {
  return rule === 'merge' || rule === 'sum'
}

/** All but those that always know a winner. */
export function mayEndInReview(rule: ConflictRule): boolean {
  return !['last-writer', 'this-side', 'that-side', 'merge'].includes(nameOf(rule))
}

export function resolve(rule: ConflictRule, conflict: FieldConflict): Resolution {
  if (typeof rule === 'function') return byFunction(rule, conflict)
  switch (rule) {
    case 'this-side':
      return { winner: 'ours' }
    case 'that-side':
      return { winner: 'theirs' }
    case 'last-writer':
      return { winner: lastWriter(conflict) }
    case 'merge':
      return { winner: 'both' }
    case 'larger':
    case 'smaller': {
      const winner = sideOf(rule, conflict)
      return winner ? { winner } : undecided(rule, conflict)
    }
    case 'sum':
      return made(rule, conflict, sumOf(conflict))
    case 'union':
      return made(rule, conflict, unionOf(conflict))
    case 'review':
      return { winner: 'review', reason: 'a person decides' }
  }
}

/** A tie, like a side without a time, goes to that side (B-30). */
function lastWriter({ oursAt, theirsAt }: FieldConflict): 'ours' | 'theirs' {
  if (oursAt === undefined || theirsAt === undefined) return 'theirs'
  return oursAt - theirsAt > CLOCK_SKEW_MS ? 'ours' : 'theirs'
}

function made(rule: NamedRule, conflict: FieldConflict, value: Json | undefined): Resolution {
  return value === undefined ? undecided(rule, conflict) : { winner: 'made', value, keeps: true }
}

function undecided(rule: NamedRule, { ours, theirs }: FieldConflict): Resolution {
  const said = [ours, theirs].map((value) => JSON.stringify(value ?? null).slice(0, 80))
  return { winner: 'review', reason: `${rule} cannot decide between ${said.join(' and ')}` }
}
