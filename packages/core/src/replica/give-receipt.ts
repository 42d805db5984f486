/** Writing a receipt into the log, signed by this replica. */
import { toHex } from '../bytes/hex.ts'
import { encodeEntry } from '../log/entry.ts'
import type { Author } from './author.ts'
import { RECEIPTS_LISTED_MAX } from './limits.ts'
import type { OpenRecord } from './open-record.ts'
import { decodeReceipt, encodeReceipt, RECEIPTS_TABLE, type Receipt, receiptKey } from './receipts.ts'
import type { Turn } from './turn.ts'

export async function giveReceipt(
  turn: Turn,
  author: Author,
  record: OpenRecord,
  receipt: Receipt,
): Promise<void> {
  const free = await freeTime(turn, author, receipt)
  if (!free) return
  const { key, body } = free
  const { incarnation } = record.frontier
  turn.touch(record)
  turn.put(RECEIPTS_TABLE, key, body)
  const signature = await author.identity.signBody('receipt', { record: record.key, incarnation }, body)
  const bytes = encodeEntry({ kind: 'receipt', record: record.key, incarnation, signature, body })
  turn.append({ kind: 'receipt', record: record.key, bytes })
}

/** Two receipts that one place gives in one millisecond come in the order in which they are given. Undefined for one that is there already. */
async function freeTime(
  turn: Turn,
  { host }: Author,
  receipt: Receipt,
): Promise<{ key: string; body: Uint8Array } | undefined> {
  for (let { at } = receipt; ; at += 1) {
    const body = encodeReceipt({ ...receipt, at })
    const key = receiptKey({ ...receipt, at }, toHex(host.sha256(body)).slice(0, 16))
    const prefix = receiptKey({ ...receipt, at }, '')
    const others = await turn.scan(RECEIPTS_TABLE, { prefix, limit: RECEIPTS_LISTED_MAX })
    if (others.some((row) => row.key === key)) return undefined
    const isTaken = others.some(({ value }) => decodeReceipt(receipt.record, value).place === receipt.place)
    if (!isTaken) return { key, body }
  }
}
