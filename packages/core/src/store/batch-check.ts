/**
 * The rules a batch must keep before any store touches its state, in one place so that every store refuses the same mistakes in
 * the same words. A batch that breaks one is a defect of the writer, not a state of the world: a RangeError, not a StoreError.
 */
import type { Batch, PageLimit, RecordRow, Seq } from './port.ts'

/** What of a batch the rules are about, whatever else its parts carry. */
interface Checked extends Pick<Batch, 'marks' | 'head'> {
  entries: readonly { seq: Seq; record: string }[]
  records: readonly Pick<RecordRow, 'record' | 'collection'>[]
}

/** @throws RangeError naming the rule, the value and what it was compared with */
export function checkBatch(batch: Checked, head: Seq): void {
  let last = head
  for (const entry of batch.entries) {
    if (!Number.isSafeInteger(entry.seq) || entry.seq <= last) {
      throw new RangeError(
        `commit: entry ${entry.seq} of ${entry.record} must stand above ${last} (entries ascend, all above the head ${head})`,
      )
    }
    last = entry.seq
  }
  for (const mark of batch.marks) {
    if (!Number.isSafeInteger(mark.seq) || mark.seq <= head) {
      throw new RangeError(
        `commit: mark ${mark.seq} of ${mark.record} in ${mark.channel} must stand above the head ${head}`,
      )
    }
  }
  for (const row of batch.records) checkRow(row)
  if (
    batch.head !== undefined &&
    (!Number.isSafeInteger(batch.head) || batch.head < headAfter({ ...batch, head: undefined }, head))
  )
    throw new RangeError(
      `commit: head ${batch.head} must not be below the head ${head}, an entry or a mark of the batch`,
    )
}

/** The head of a log once the batch is in it. */
export function headAfter({ entries, marks, head }: Omit<Checked, 'records'>, before: Seq): Seq {
  let highest = Math.max(before, entries.at(-1)?.seq ?? 0, head ?? 0)
  for (const { seq } of marks) highest = Math.max(highest, seq)
  return highest
}

function checkRow(row: Checked['records'][number]): void {
  if (row.collection.includes('/') || !row.record.startsWith(`${row.collection}/`)) {
    throw new RangeError(
      `commit: row ${row.record} must be named collection/id, but its collection is "${row.collection}"`,
    )
  }
}

/**
 * What a replacement must name: the entry it takes the place of.
 * @throws RangeError when there is no such entry
 */
export function checkReplaced(record: string, seq: Seq, exists: boolean): void {
  if (exists) return
  throw new RangeError(
    `commit: replacement of ${record} stands at ${seq}, where that record has no entry to replace`,
  )
}

/** @throws RangeError unless `run` is 32 hex digits */
export function checkRun(run: string): void {
  if (!/^[0-9a-f]{32}$/.test(run)) throw new RangeError(`open: run "${run}" must be 32 lower-case hex digits`)
}

/** @throws RangeError unless both limits are at least 1 */
export function checkLimit(limit: PageLimit): void {
  if (limit.entries >= 1 && limit.bytes >= 1) return
  throw new RangeError(
    `read: page limit of ${limit.entries} entries and ${limit.bytes} bytes must be at least 1 each`,
  )
}
