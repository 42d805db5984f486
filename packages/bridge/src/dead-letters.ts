/** Reading the outbox outside an append: the index at the start, and what operators list and try again. */

import type { Shared } from './bridge-life.ts'
import { SCAN_ROWS } from './limits.ts'
import { decodeItem, type OutboxItem } from './outbox.ts'
import { settle } from './settle.ts'
import { tableOf } from './tables.ts'

export interface DeadLetter {
  record: string
  /** In the system's words. */
  reason: string
  /** Names of the system's fields, as far as it named them. */
  fields: string[]
  /** Milliseconds since 1970. */
  at: number
}

/** A record that is not written before others have their rows. */
export interface ParkedRecord {
  record: string
  /** Keys of those records. */
  parents: string[]
  reason: string
}

export async function parkedRecords(shared: Shared): Promise<ParkedRecord[]> {
  const parked: ParkedRecord[] = []
  for await (const [record, item] of items(shared))
    if (item.state === 'parked') parked.push({ record, parents: item.parents, reason: item.reason })
  return parked
}

export async function loadIndex(shared: Shared): Promise<void> {
  for await (const [record, item] of items(shared)) shared.index.apply(record, item)
}

export async function deadLetters(shared: Shared): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const [record, item] of items(shared)) {
    if (item.state !== 'dead') continue
    const { reason, fields, at } = item
    letters.push({ record, reason, fields, at })
  }
  return letters
}

export function reviveDead(shared: Shared, record: string): Promise<boolean> {
  return shared.transact(async (tables) => {
    if ((await tables.item(record))?.state !== 'dead') return false
    tables.putItem(record, undefined)
    await settle(shared.context, tables, record)
    return true
  })
}

async function* items(shared: Shared): AsyncGenerator<[record: string, item: OutboxItem]> {
  const table = tableOf(shared.context.system, 'outbox')
  let after: string | undefined
  for (;;) {
    const rows = await shared.replica.tableRows(table, {
      limit: SCAN_ROWS,
      ...(after !== undefined && { after }),
    })
    for (const { key, value } of rows) yield [key, decodeItem(key, value)]
    after = rows.at(-1)?.key
    if (rows.length < SCAN_ROWS) return
  }
}
