/** A row as it is inside. */
import type { Values } from '../types/values.ts'

export type Row = {
  type: string
  /** A guid, in small letters. */
  id: string
  /** Of the last change; grows from change to change of the whole service. */
  version: number
  /** As in time.ts. */
  modifiedAt: string
  deleted: boolean
  /** Of a transaction that is not committed yet: nobody sees it. */
  hidden: boolean
  fields: Values
}
