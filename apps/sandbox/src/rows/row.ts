/** One row of the CRM as callers see it, and its strong ETag. */
import type { Fields } from './fields.ts'

export type Row = {
  /** The CRM's own, `ACC-000001`. */
  id: string
  /** The caller's, unique within the type; null for a row that the office created. */
  externalId: string | null
  /** Starts at 1, grows by 1 with each change and with nothing else. */
  version: number
  /** Milliseconds since 1970; never falls from one commit to the next, but ties are normal. */
  modifiedAt: number
  /** The API client or the office user. */
  modifiedBy: string
  deleted: boolean
  fields: Fields
}

export type ChangeKind = 'created' | 'updated' | 'deleted' | 'undeleted'

/** One committed change of one row, as webhooks and the office page tell it. */
export type RowChange = { type: string; kind: ChangeKind; row: Row; changed: string[] }

export function etagOf(row: Row): string {
  return `"v${row.version}"`
}
