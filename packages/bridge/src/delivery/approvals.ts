/** Writes that wait for approval: seen, and let go, or refused, as they were seen (SPEC B-53). */
import type { Shared } from '../bridge-life.ts'
import { runSeqs } from '../context.ts'
import type { Waiting } from '../outbox.ts'
import { bury } from '../settle.ts'
import type { BridgeTables } from '../tables.ts'
import { type Choice, isChosen, SOMEBODY } from './choice.ts'
import { type Planned, plannedFor } from './planned.ts'

export interface RefuseChoice extends Choice {
  /** Why, for whoever made the edits: it stands in their receipt. */
  reason?: string
}

/** @returns what may now be sent, or as a dry run what waits */
export function approve(shared: Shared, choice: Choice): Promise<Planned[]> {
  return decideHeld(shared, choice, async (tables, { record, item, wish }) => {
    tables.putItem(record, { ...item, approved: wish })
    tables.note({ kind: 'approved', record, by: choice.by ?? SOMEBODY })
  })
}

/** They become dead letters, and everyone who has the record hears why. @returns what will not be sent, or as a dry run what waits */
export function refuse(shared: Shared, choice: RefuseChoice): Promise<Planned[]> {
  const { context } = shared
  const by = choice.by ?? SOMEBODY
  const reason = `${by} refused the write${choice.reason === undefined ? '' : `: ${choice.reason}`}`
  return decideHeld(shared, choice, async (tables, { record, mapping, wish }) => {
    tables.note({ kind: 'refused', record, by })
    const seqs = runSeqs(await tables.transaction.record(record))
    await bury(context, tables, { record, mapping, wish, reason, fields: [], seqs })
  })
}

type Held = { record: string; item: Waiting } & Pick<
  NonNullable<Awaited<ReturnType<typeof plannedFor>>>,
  'mapping' | 'wish'
>

async function decideHeld(
  shared: Shared,
  choice: Choice,
  decide: (tables: BridgeTables, held: Held) => Promise<void>,
): Promise<Planned[]> {
  const { context, index } = shared
  const decided: Planned[] = []
  for (const record of [...index.heldRecords]) {
    const planned = await shared.transact(async (tables) => {
      shared.checkOpen()
      const item = await tables.item(record)
      const plan = await plannedFor(context, tables, record)
      if (item?.state !== 'waiting' || !plan || !isChosen(plan.planned, choice)) return undefined
      const { planned: told, mapping, wish } = plan
      if (choice.dryRun !== true && told.kind !== 'nothing')
        await decide(tables, { record, item, mapping, wish })
      return told
    })
    if (planned) decided.push(planned)
  }
  return decided
}
