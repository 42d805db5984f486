/** When a bridge starts: what waits for a person is held against the mappings as they are now, which may have other rules (SPEC B-102). */
import { isOwnFailure, type Shared } from '../bridge-life.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import type { BridgeContext } from '../context.ts'
import { takeHeld } from '../incoming.ts'
import { partsNamed, pointersOf } from '../mapping/field.ts'
import { resolveReferences } from '../mapping/references.ts'
import { atHand, shadowFor } from '../plan.ts'
import { settle } from '../settle.ts'
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
  const now = mappingOfRecord(context, record, (await tables.shadowHead(record))?.type)
  if (!now) return forsake(context, tables, record, item)
  // Whatever it may hold by now, it held something.
  const mapping = { ...now, mayHold: true }
  // Delete against edit has a rule now: the row that waited is taken in by it.
  if (item.whole && mapping.deletes !== 'review')
    await takeHeld(context, tables, { mapping, record, row: item.whole.row })
  const state = await tables.transaction.record(record)
  const shadow = shadowFor(state, await tables.shadow(record))
  const ready = await resolveReferences(context, tables, mapping, atHand(state, shadow))
  await tend(context, tables, { mapping: ready, record, state, shadow }, true)
  await settle(context, tables, record)
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
  for (const name of Object.keys(fields))
    await tellForsaken(context, tables, record, pointersOf(partsNamed(name)))
  if (whole) await tellForsaken(context, tables, record, [''])
}

function tellForsaken(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  fields: string[],
): Promise<void> {
  return tellOver(context, tables, record, {
    fields,
    seqs: {},
    reason: `the review of ${fields.join(', ') || 'the record'} is over: no mapping names it any more`,
  })
}
