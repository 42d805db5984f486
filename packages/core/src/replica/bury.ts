/** A record's content goes, in the writer's turn; what stays is its row, empty, of the next incarnation, in the channels it was in. */
import { emptyFrontier } from '../log/frontier.ts'
import type { OpenRecord } from './open-record.ts'
import { forgetReceipts } from './receipts.ts'
import type { Turn } from './turn.ts'

/** Why an entry of an earlier incarnation is refused, and edits of one are set aside. */
export const RECORD_GONE = 'record-gone'

/** Entries of `incarnation` and of every earlier one come too late from now on. */
export async function bury(turn: Turn, record: OpenRecord, incarnation: number): Promise<OpenRecord> {
  await turn.removeEntriesOf(record.key)
  await forgetReceipts(turn, record.key)
  turn.leaveQuarantine(record.key)
  const { channels, held } = record.frontier
  const next = { ...emptyFrontier(), incarnation: incarnation + 1, channels, held }
  return turn.restore(record, next, true)
}
