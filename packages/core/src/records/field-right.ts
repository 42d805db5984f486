/** The commonest rule: a field that only some may change. */
import { equalJson } from './edits.ts'
import { pathOf } from './pointer.ts'
import type { Rule, RuleAuthor } from './rule.ts'
import type { Json, JsonObject } from './shape.ts'

export interface FieldRight {
  /** Name of the collection. */
  collection: string
  /** `priority`, or a JSON pointer, in which a part `*` stands for any row or key. What is inside the field belongs to it. */
  field: string
  may: (author: RuleAuthor) => boolean
  /** Said to whoever changed it without the right. */
  reason?: string
  /** What a new record says there (fields at the root) when somebody without the right makes it. Without it, whoever may create a record may fill the field in. */
  initial?: Json
}

/**
 * A rule that gives a field back to what it was when somebody changed it who may not, and leaves the rest of the edit. The receipt names the field.
 * @throws TypeError for an initial value of a field that is not at the root
 */
export function fieldRight({ collection, field, may, reason, initial }: FieldRight): Rule {
  const pattern = pathOf(field)
  const name = pattern[0]!
  if (initial !== undefined && pattern.length > 1)
    throw new TypeError(`the right to change '${field}': only a field at the root can have an initial value`)
  const said = reason ?? `${pattern.join('.')} is not yours to change; it was set back.`
  return {
    name: `right:${collection}/${pattern.join('/')}`,
    collection,
    check(change) {
      if (may(change.author)) return undefined
      if (!change.before) return initial === undefined ? undefined : begun(change.after, name, initial, said)
      const fields = change.changed.filter((pointer) => isWithin(pattern, pathOf(pointer)))
      return fields.length > 0 ? { reason: said, fields } : undefined
    },
  }
}

function begun(after: JsonObject, field: string, initial: Json, reason: string): ReturnType<Rule['check']> {
  if (equalJson(after[field], initial)) return undefined
  return {
    reason,
    mend: (draft) => {
      draft[field] = initial
    },
  }
}

/** True when the change is at the field or inside it. What came or went as a whole is told with all its fields. */
function isWithin(pattern: readonly string[], path: readonly string[]): boolean {
  return path.length >= pattern.length && pattern.every((part, i) => part === '*' || part === path[i])
}
