/** A rule that an operator wrote. It must be a function of the conflict and nothing else: called twice with copies it must say the same, or a person decides (SPEC B-94). */
import { equalJson, type Json } from '@skerry/core'
import { plainJson } from '../mapping/plain-json.ts'
import type { FieldConflict, Resolution } from './conflict.ts'

export type ConflictFunction = (conflict: FieldConflict) => Json | undefined

export function byFunction(decide: ConflictFunction, conflict: FieldConflict): Resolution {
  try {
    const [first, second] = [decide(structuredClone(conflict)), decide(structuredClone(conflict))]
    const value = plainJson(first)
    if (!equalJson(value, plainJson(second)))
      return review('it gave two different values for one conflict; it must depend on nothing else')
    if (equalJson(value, conflict.ours)) return { winner: 'ours' }
    if (equalJson(value, conflict.theirs)) return { winner: 'theirs' }
    return { winner: 'made', value, keeps: false }
  } catch (error) {
    return review(error instanceof Error ? error.message : String(error))
  }
}

function review(why: string): Resolution {
  return { winner: 'review', reason: `the rule could not decide: ${why}` }
}
