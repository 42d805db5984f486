/** Reading the outbox outside an append: the index at the start, and what operators list and try again. */

import type { Shared } from './bridge-life.ts'
import type { BridgeContext } from './context.ts'
import { type Choice, isChosen, SOMEBODY } from './delivery/choice.ts'
import { type Planned, plannedFor } from './delivery/planned.ts'
import { decodeItem, type OutboxItem } from './outbox.ts'
import { settle } from './settle.ts'
import { allRows } from './table-rows.ts'
import { type BridgeTables, tableOf } from './tables.ts'

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

export interface RetryChoice extends Choice {
  /** What the reason contains, or matches. */
  reason?: string | RegExp
}

/** Tries dead letters again, as their records are now. @returns what is sent for them, or would be */
export async function retryDead(shared: Shared, choice: RetryChoice): Promise<Planned[]> {
  const retried: Planned[] = []
  const records = choice.records ?? (await deadLetters(shared)).map(({ record }) => record)
  for (const record of records) {
    const planned = await shared.transact((tables) => {
      shared.checkOpen()
      return retryOne(shared.context, tables, record, choice)
    })
    if (planned) retried.push(planned)
  }
  return retried
}

async function retryOne(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  choice: RetryChoice,
): Promise<Planned | undefined> {
  const item = await tables.item(record)
  if (item?.state !== 'dead' || !reasonFits(item.reason, choice.reason)) return undefined
  const plan = await plannedFor(context, tables, record)
  if (!plan || !isChosen(plan.planned, choice)) return undefined
  if (!choice.dryRun) {
    tables.putItem(record, undefined)
    tables.note({ kind: 'retried', record, by: choice.by ?? SOMEBODY })
    await settle(context, tables, record)
  }
  return plan.planned
}

export function reasonFits(reason: string, wanted: string | RegExp | undefined): boolean {
  if (wanted === undefined) return true
  return typeof wanted === 'string' ? reason.includes(wanted) : reason.search(wanted) >= 0
}

async function* items(shared: Shared): AsyncGenerator<[record: string, item: OutboxItem]> {
  for await (const { key, value } of allRows(shared.replica, tableOf(shared.context.system, 'outbox')))
    yield [key, decodeItem(key, value)]
}
