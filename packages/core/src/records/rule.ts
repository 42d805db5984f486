/** Business rules, run by the hub on what devices were entitled to write. A broken rule never refuses an edit: the hub mends it and says why. */
import type { JsonObject } from './shape.ts'

/** Who wrote an edit, as the credential says that it was signed with. */
export interface RuleAuthor {
  subject: string
  role: 'authority' | 'device'
  /** Channels that the author may read, and write: exact names, or `*` alone. */
  read: readonly string[]
  write: readonly string[]
  /** External systems whose adapter node the author is. */
  systems: readonly string[]
}

export interface RuleChange<Value = JsonObject> {
  /** The record before the edit; undefined for a new one. */
  before: Value | undefined
  after: Value
  author: RuleAuthor
  /** Version of the collection that the edit was written with: above this hub's, `after` may hold values that its schema does not know. */
  version: number
  /**
   * Fields that the edit changed, as JSON pointers: `/priority`, `/address/city`, `/parts/bolt/price` (a row by its key), `/parts/bolt` and each of its fields
   * for a row that came or went, `/parts/@order` for the order of rows. Of a new record every field.
   */
  changed: readonly string[]
}

export interface RuleViolation<Value = JsonObject> {
  /** Said to the author, in words a technician understands. */
  reason: string
  /** Makes the record right again. */
  mend?: (draft: Value) => void
  /** Without `mend`: which of the changed fields go back to what they were, as pointers; without both, all of them. */
  fields?: readonly string[]
}

export interface Rule<Value = JsonObject> {
  name: string
  /** Name of the collection it is for. */
  collection: string
  check(change: RuleChange<Value>): RuleViolation<Value> | undefined
}
