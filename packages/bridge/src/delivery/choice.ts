/** Which of the items that wait for an operator are meant. */
import { type BridgeContext, mappingOfRecord } from '../context.ts'

export interface Choice {
  /** Keys of records; default all. */
  records?: readonly string[]
  /** Type of rows. */
  type?: string
  /** Only says what would be sent; nothing changes and nothing is called. */
  dryRun?: boolean
}

export function isChosen(context: BridgeContext, record: string, { records, type }: Choice): boolean {
  if (records && !records.includes(record)) return false
  return type === undefined || mappingOfRecord(context, record)?.type === type
}
