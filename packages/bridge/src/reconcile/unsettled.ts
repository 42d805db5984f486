/** The last phase: records that say something else than their shadow are settled, so that what must be written and was lost from the outbox is there again (SPEC B-121). */

import { TAKEN_TOGETHER_MAX } from '../limits.ts'
import { isSettled, settle } from '../settle.ts'
import type { BridgeTables } from '../tables.ts'
import { recordDrift } from './drift.ts'
import { countDrift, type FieldDrift } from './report.ts'
import type { WalkRun } from './walk-run.ts'

/** @returns true when every record was looked at */
export async function settleRecords(run: WalkRun): Promise<boolean> {
  const { walk, mapping, shared } = run
  while (!run.isEnded) {
    const page = await shared.replica.recordHeads(mapping.collection.name, {
      after: walk.position ?? '',
      limit: TAKEN_TOGETHER_MAX,
    })
    const isLast = page.length < TAKEN_TOGETHER_MAX
    const found: { looked: number; written: Omit<FieldDrift, 'count'>[][] } = { looked: 0, written: [] }
    if (page.length > 0) walk.position = page.at(-1)!.key
    const { looked, written } = walk.report.records
    await run.save(async (tables) => {
      Object.assign(found, { looked: 0, written: [] })
      for (const { key } of page) {
        if (await isSettled(tables, key)) continue
        found.looked += 1
        const drift = await settleRecord(run, tables, key)
        if (drift) found.written.push(drift)
      }
      walk.report.records = { looked: looked + found.looked, written: written + found.written.length }
    })
    for (const drift of found.written) countDrift(walk.report, drift)
    if (isLast) return true
  }
  return false
}

/** @returns what is to be written now and was not before */
async function settleRecord(
  { shared, mapping }: WalkRun,
  tables: BridgeTables,
  record: string,
): Promise<Omit<FieldDrift, 'count'>[] | undefined> {
  const before = await tables.item(record)
  await settle(shared.context, tables, record)
  const after = await tables.item(record)
  if (after?.state !== 'waiting' || before) return undefined
  return recordDrift(mapping, await tables.shadow(record), await tables.transaction.record(record))
}
