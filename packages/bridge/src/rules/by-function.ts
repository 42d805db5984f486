/** A rule that an operator wrote. It must be a function of the conflict and nothing else: called twice with copies it must say the same, or a person decides (SPEC B-94). */
import { equalJson, type Json } from '@skerry/core'
import type { FieldConflict, Resolution } from './conflict.ts'

export type ConflictFunction = (conflict: FieldConflict) => Json | undefined

export function byFunction(decide: ConflictFunction, conflict: FieldConflict): Resolution {
  try {
    const [first, second] = [decide(structuredClone(conflict)), decide(structuredClone(conflict))]
    const value = plain(first)
    if (!equalJson(value, plain(second)))
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

/** A promise, a date or a number that is not finite would become something else on its way into the record. @throws TypeError */
function plain(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined
  const text: string | undefined = JSON.stringify(value)
  const kept = text === undefined ? undefined : (JSON.parse(text) as Json)
  if (kept === undefined || !isPlain(value) || !equalJson(kept, value))
    throw new TypeError(`it gave ${String(value).slice(0, 80)}, which is no plain value`)
  return kept
}

function isPlain(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true
  return [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
}
