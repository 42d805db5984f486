/** Reading the outbox outside an append: the index at the start, and what operators list and try again. */

import type { Shared } from './bridge-life.ts'
import { decodeItem, type OutboxItem } from './outbox.ts'
import { settle } from './settle.ts'
import { allRows } from './table-rows.ts'
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
  for await (const { key, value } of allRows(shared.replica, tableOf(shared.context.system, 'outbox')))
    yield [key, decodeItem(key, value)]
}
