/** Writes that wait for approval: seen, and let go as they were seen (SPEC B-53). */
import type { Shared } from '../bridge-life.ts'
import { type Choice, isChosen } from './choice.ts'
import { type Planned, planOf } from './planned.ts'

/** @returns what may now be sent, or as a dry run what waits */
export async function approve(shared: Shared, choice: Choice): Promise<Planned[]> {
  const { context, index } = shared
  const approved: Planned[] = []
  for (const record of [...index.heldRecords]) {
    if (!isChosen(context, record, choice)) continue
    const planned = await shared.transact(async (tables) => {
      const item = await tables.item(record)
      const plan = await planOf(context, tables, record)
      if (item?.state !== 'waiting' || !plan) return undefined
      if (choice.dryRun !== true && plan.planned.kind !== 'nothing')
        tables.putItem(record, { ...item, approved: plan.wish })
      return plan.planned
    })
    if (planned) approved.push(planned)
  }
  return approved
}
