/** Business rules, run by the hub on what devices were entitled to write. A broken rule never refuses an edit: the hub mends it and says why. */
import type { JsonObject } from './shape.ts'

export interface RuleChange<Value = JsonObject> {
  /** The record before the edit; undefined for a new one. */
  before: Value | undefined
  after: Value
  author: { subject: string; role: 'authority' | 'device' }
}

export interface RuleViolation<Value = JsonObject> {
  /** Said to the author, in words a technician understands. */
  reason: string
  /** Makes the record right again. Without it, the fields that the edit changed go back to what they were. */
  mend?: (draft: Value) => void
}

export interface Rule<Value = JsonObject> {
  name: string
  /** Name of the collection it is for. */
  collection: string
  check(change: RuleChange<Value>): RuleViolation<Value> | undefined
}
