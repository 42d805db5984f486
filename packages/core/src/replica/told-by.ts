/** What a commit may have changed beside records, for whoever shows it: by the tables that it wrote. */
import { ANSWERS_TABLE } from './answers.ts'
import { ASIDE_TABLE } from './aside.ts'
import { RECEIPTS_TABLE } from './receipts.ts'
import type { Commit } from './writer.ts'

/** Edits that were refused, written again or dropped. */
export function changesAside({ tables }: Commit): boolean {
  return tables.has(ASIDE_TABLE)
}

/** Where the edits of this record stand: it was edited, or somebody answered. */
export function changesStanding({ changes, tables }: Commit, record: string): boolean {
  if ([ANSWERS_TABLE, ASIDE_TABLE, RECEIPTS_TABLE].some((table) => tables.has(table))) return true
  return changes.some((change) => change.record === record)
}
