/** Writes that wait for approval: seen, and let go as they were seen (SPEC B-53). */
import type { Shared } from '../bridge-life.ts'
import { type Choice, isChosen, SOMEBODY } from './choice.ts'
import { type Planned, plannedFor } from './planned.ts'

/** @returns what may now be sent, or as a dry run what waits */
export async function approve(shared: Shared, choice: Choice): Promise<Planned[]> {
  const { context, index } = shared
  const approved: Planned[] = []
  for (const record of [...index.heldRecords]) {
    const planned = await shared.transact(async (tables) => {
      shared.checkOpen()
      const item = await tables.item(record)
      const plan = await plannedFor(context, tables, record)
      if (item?.state !== 'waiting' || !plan || !isChosen(plan.planned, choice)) return undefined
      if (choice.dryRun !== true && plan.planned.kind !== 'nothing') {
        tables.putItem(record, { ...item, approved: plan.wish })
        tables.note({ kind: 'approved', record, by: choice.by ?? SOMEBODY })
      }
      return plan.planned
    })
    if (planned) approved.push(planned)
  }
  return approved
}
