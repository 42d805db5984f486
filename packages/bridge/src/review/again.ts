/** When a bridge starts: what waits for a person is held against the mappings as they are now, which may have other rules (SPEC B-102). */
import { isOwnFailure, type Shared } from '../bridge-life.ts'
import { type BridgeContext, mappingOfRecord, pointer } from '../context.ts'
import { Intake } from '../intake.ts'
import type { Mapping } from '../mapping.ts'
import { settle, shadowFor } from '../settle.ts'
import { allRows } from '../table-rows.ts'
import { type BridgeTables, tableOf } from '../tables.ts'
import { tellOver } from '../told.ts'
import { emptyItem } from './hold.ts'
import type { ReviewItem } from './item.ts'
import { tend } from './tend.ts'

export async function reviewAgain(shared: Shared): Promise<void> {
  const { context, replica, underReview } = shared
  for await (const { key: record } of allRows(replica, tableOf(context.system, 'reviews'))) {
    underReview.add(record)
    try {
      await shared.transact((tables) => again(context, tables, record))
    } catch (error) {
      if (isOwnFailure(error)) throw error
      // It goes on waiting; a mapping that fails is told of by everything that it fails.
      shared.failed('review-failed', error)
    }
  }
}

async function again(context: BridgeContext, tables: BridgeTables, record: string): Promise<void> {
  const item = await tables.review(record)
  if (!item) return
  const now = mappingOfRecord(context, record)
  if (!now) return forsake(context, tables, record, item)
  // Whatever it may hold by now, it held something.
  const mapping = { ...now, mayHold: true }
  if (item.whole && mapping.deletes !== 'review') await takeIn(context, tables, { mapping, record, item })
  const state = await tables.transaction.record(record)
  const shadow = shadowFor(state, await tables.shadow(record))
  await tend(context, tables, { mapping, record, state, shadow }, true)
  await settle(context, tables, record)
}

/** Delete against edit has a rule now: the row that waited is taken in by it. */
async function takeIn(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, item: held }: { mapping: Mapping; record: string; item: ReviewItem },
): Promise<void> {
  const state = await tables.transaction.record(record)
  const shadow = await tables.shadow(record)
  const { row } = held.whole!
  const item = await tables.item(record)
  await new Intake(context, tables, { mapping, row, record, state, shadow, item }).run()
}

/** The collection is not bridged any more. */
async function forsake(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  { fields, whole }: ReviewItem,
): Promise<void> {
  tables.putReview(record, emptyItem)
  if ((await tables.transaction.record(record)).heads.length === 0) return
  const held = [...Object.keys(fields).map(pointer), ...(whole ? [''] : [])]
  for (const field of held)
    await tellOver(context, tables, record, {
      field,
      seqs: {},
      reason: `the review of ${field || 'the record'} is over: no mapping names it any more`,
    })
}
