/** A row, and a change of it, as they are inside. */
import type { Values } from '../objects/values.ts'

export type Row = {
  type: string
  /** Numbers are given to all types together. */
  id: number
  /** Milliseconds since 1970. */
  createdAt: number
  modifiedAt: number
  /** Null while it lives. */
  archivedAt: number | null
  /** The row that it became a part of: it has no life of its own any more, and whoever asks for it is given that one. */
  mergedInto: number | null
  properties: Values
}

/** Who writes, and how a webhook says so. */
export type Author = {
  /** The app, or the person. */
  name: string
  source: 'INTEGRATION' | 'CRM_UI'
}

export type ChangeKind = 'creation' | 'propertyChange' | 'deletion' | 'restore' | 'merge'

export type RowChange = {
  kind: ChangeKind
  /** As it is after the change; of a merge the one that stays. */
  row: Row
  /** Properties whose value is another one now. */
  changed: readonly string[]
  /** Of a merge: the row that went. */
  merged?: number
  author: Author
}
