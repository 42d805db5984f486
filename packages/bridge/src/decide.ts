/** The rules at work: who wins each field, what that makes of the merge, and who is told (SPEC B-30 to B-34). */
import type { HistoryItem, Imported, JsonObject, RecordState } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { type BridgeContext, type Overruled, runSeqs } from './context.ts'
import { concerns, type Field, withField } from './mapping/field.ts'
import type { BridgeTables } from './tables.ts'
import { overruledIn, tellOverruled } from './told.ts'
import { type Verdict, type Winner, winnerOf } from './verdict.ts'

export interface Decided extends Verdict {
  winner: Winner
}

/** Who wins each field. Nothing is written. */
export async function decide(
  context: BridgeContext,
  tables: BridgeTables,
  { record, row, verdicts }: { record: string; row: ExternalRow; verdicts: readonly Verdict[] },
): Promise<Decided[]> {
  const history = verdicts.some(({ kind }) => kind === 'conflict')
    ? await tables.transaction.history(record)
    : []
  return verdicts.map((verdict) => ({ ...verdict, winner: winnerFor(context, verdict, row, history) }))
}

function winnerFor(
  context: BridgeContext,
  { field, kind, isOwed }: Verdict,
  row: ExternalRow,
  history: readonly HistoryItem[],
): Winner {
  if (kind === 'same') return 'ours'
  // Nobody changed it here, but the engine's order does not know that when it was changed and changed back.
  if (kind === 'theirs') return field.rule === 'merge' && !isOwed ? 'both' : 'theirs'
  const winner = winnerOf(field, { ours: changedAt(context, history, field), theirs: row.modifiedAt })
  return winner === 'both' && isOwed ? 'theirs' : winner
}

/** When a person here last touched the field: never later than now, so that a device whose clock is ahead does not always win. */
function changedAt(
  { host }: BridgeContext,
  history: readonly HistoryItem[],
  field: Field,
): number | undefined {
  const times = history
    .filter(({ time, fields }) => time > 0 && fields.some((path) => concerns(field, path)))
    .map(({ time }) => time)
  return times.length === 0 ? undefined : Math.min(host.now(), Math.max(...times))
}

/** Puts the decisions on top of the merge, as a change of this node. */
export async function enact(
  tables: BridgeTables,
  imported: Imported,
  decided: readonly Decided[],
): Promise<RecordState> {
  let value: JsonObject | undefined = imported.value
  if (!value) return imported
  for (const { field, ours, theirs, winner } of decided)
    if (winner !== 'both') value = withField(value, field, winner === 'ours' ? ours : theirs)
  return tables.transaction.assign(imported.key, value)
}

/** A receipt for what lost on either side, with both values. @returns whether an edit made here lost */
export async function tellLosers(
  context: BridgeContext,
  tables: BridgeTables,
  state: RecordState,
  decided: readonly Decided[],
): Promise<boolean> {
  const lost = (winner: Winner) => decided.filter((one) => one.kind === 'conflict' && one.winner === winner)
  const [theirs, ours] = [lost('ours'), lost('theirs')]
  await tellOverruled(context, tables, state.key, {
    values: valuesOf(theirs),
    rules: rulesOf(theirs),
    seqs: {},
  })
  await tellOverruled(context, tables, state.key, {
    values: valuesOf(ours),
    rules: rulesOf(ours),
    seqs: runSeqs(state),
  })
  return ours.length > 0
}

function valuesOf(decided: readonly Decided[]): Overruled {
  return Object.fromEntries(
    decided.flatMap(({ field, ours, theirs, winner }) => {
      const [was, became] = winner === 'ours' ? [theirs, ours] : [ours, theirs]
      return overruledIn(field, was, became)
    }),
  )
}

function rulesOf(decided: readonly Decided[]): string[] {
  return decided.map(({ field, winner }) =>
    winner === 'theirs' && field.direction === 'in' ? 'that-side' : field.rule,
  )
}
