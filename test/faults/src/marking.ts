/** Marks: what every edit of the rounds leaves, so that it can be told from all others and found again. */

export interface MarkedEdit {
  record: string
  mark: string
}

/** Where an edit was said to be durable: on the node that made it, or at the place that node reports to. */
export type Place = 'here' | 'there'

/** How marks are left in the records of a collection, and whose answer is waited for. */
export interface Marking<Value extends object> {
  newRecord(mark: string): Value
  markRecord(draft: Value, mark: string): void
  /** Where an edit is to arrive: `hub`, or the name of an external system. */
  place: string
  /** Edits made and not answered from there: whoever is cut off does not pile up more than a round can deliver. */
  unansweredMax: number
}
