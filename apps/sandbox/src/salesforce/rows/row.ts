/** A row, and a change of it, as they are inside. */
import type { Values } from '../objects/values.ts'

export type Row = {
  type: string
  id: string
  /** Milliseconds since 1970, whole seconds. */
  createdAt: number
  createdBy: string
  modifiedAt: number
  modifiedBy: string
  deleted: boolean
  /** Of a transaction that is not committed yet: nobody sees it. */
  hidden: boolean
  fields: Values
}

/** Who writes, and how the change says where it came from. */
export type Author = {
  /** The API client, or the person. */
  name: string
  userId: string
  /** `com/salesforce/api/rest/60.0;client=Name`; empty for somebody at a screen. */
  origin: string
}

export type ChangeType = 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE'

export type RowChange = {
  changeType: ChangeType
  /** As it is after the change. */
  row: Row
  /** Fields whose value is another one now. */
  changed: readonly string[]
  author: Author
}
