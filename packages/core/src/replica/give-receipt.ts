/** Writing a receipt into the log, signed by this replica. */
import { toHex } from '../bytes/hex.ts'
import { encodeEntry } from '../log/entry.ts'
import type { Author } from './author.ts'
import type { OpenRecord } from './open-record.ts'
import { encodeReceipt, RECEIPTS_TABLE, type Receipt, receiptKey } from './receipts.ts'
import type { Turn } from './turn.ts'

export async function giveReceipt(
  turn: Turn,
  author: Author,
  record: OpenRecord,
  receipt: Receipt,
): Promise<void> {
  const body = encodeReceipt(receipt)
  const { incarnation } = record.frontier
  const key = receiptKey(receipt, toHex(author.host.sha256(body)).slice(0, 16))
  if (await turn.get(RECEIPTS_TABLE, key)) return
  turn.touch(record)
  turn.put(RECEIPTS_TABLE, key, body)
  const signature = await author.identity.signBody('receipt', { record: record.key, incarnation }, body)
  const bytes = encodeEntry({ kind: 'receipt', record: record.key, incarnation, signature, body })
  turn.append({ kind: 'receipt', record: record.key, bytes })
}
