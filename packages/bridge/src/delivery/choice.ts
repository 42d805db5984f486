/** Which of the items that wait for an operator are meant. */

export interface Choice {
  /** Keys of records; default all. */
  records?: readonly string[]
  /** Type of rows. */
  type?: string
  /** Only says what would be sent; nothing changes and nothing is called. */
  dryRun?: boolean
  /** Who chooses: it stands in the audit log. Default SOMEBODY. */
  by?: string
}

/** Whoever may decide, where nobody is named. */
export const SOMEBODY = 'an operator'

/** @param item what is planned for it */
export function isChosen(item: { record: string; type: string }, { records, type }: Choice): boolean {
  return (!records || records.includes(item.record)) && (type === undefined || item.type === type)
}
