/** The rules' decisions, put on top of a merge as a change of this node, with a receipt that names both values (SPEC B-30 to B-34). */
import type { ExternalRow } from './adapter-port.ts'
import type { HistoryItem, Imported, RecordState } from '@skerry/core'
import { type BridgeContext, type Overruled, pointer, runSeqs } from './context.ts'
import { withField } from './mapping.ts'
import type { BridgeTables } from './tables.ts'
import { tellOverruled } from './told.ts'
import { type Verdict, type Winner, winnerOf } from './verdict.ts'

export interface Decision {
  after: RecordState
  /** A receipt said that an edit made here lost. */
  oursLost: boolean
}

export interface Undecided {
  record: string
  row: ExternalRow
  /** The record before the row came. */
  state: RecordState
  imported: Imported
  verdicts: readonly Verdict[]
  /** Whether fields that merge may: without a common state they cannot. */
  merges: boolean
}

export async function decide(context: BridgeContext, tables: BridgeTables, undecided: Undecided): Promise<Decision> {
  const { record, row, state, imported, verdicts, merges } = undecided
  let value = imported.value
  if (!value) return { after: imported, oursLost: false }
  const history = verdicts.some(({ kind }) => kind === 'conflict') ? await tables.transaction.history(record) : []
  const [oursLost, theirsLost]: [Overruled, Overruled] = [{}, {}]
  const [rulesOurs, rulesTheirs]: [string[], string[]] = [[], []]
  for (const verdict of verdicts) {
    const { field, ours, theirs } = verdict
    const winner = winnerFor(context, verdict, row, history, merges)
    if (winner !== 'both') value = withField(value, field.name, winner === 'ours' ? ours : theirs)
    if (verdict.kind !== 'conflict' || winner === 'both') continue
    const [values, rules] = winner === 'ours' ? [theirsLost, rulesTheirs] : [oursLost, rulesOurs]
    const [was, became] = winner === 'ours' ? [theirs, ours] : [ours, theirs]
    values[pointer(field.name)] = { was: was ?? null, became: became ?? null }
    rules.push(field.direction === 'in' ? 'that-side' : field.rule)
  }
  const after = await tables.transaction.assign(record, value)
  await tellOverruled(context, tables, record, { values: theirsLost, seqs: {}, rules: rulesTheirs })
  await tellOverruled(context, tables, record, { values: oursLost, seqs: runSeqs(state), rules: rulesOurs })
  return { after, oursLost: Object.keys(oursLost).length > 0 }
}

function winnerFor(context: BridgeContext, verdict: Verdict, row: ExternalRow, history: readonly HistoryItem[], merges: boolean): Winner {
  const { field, kind } = verdict
  if (kind === 'same') return 'ours'
  // Nobody changed it here, but the engine's order does not know that when it was changed and changed back.
  if (kind === 'theirs') return field.rule === 'merge' && merges ? 'both' : 'theirs'
  const winner = winnerOf(field, { ours: changedAt(context, history, field.name), theirs: row.modifiedAt })
  return winner === 'both' && !merges ? 'theirs' : winner
}

/** When a person here last touched the field: never later than now, so that a device whose clock is ahead does not always win. */
function changedAt({ host }: BridgeContext, history: readonly HistoryItem[], name: string): number | undefined {
  const times = history.filter(({ time, fields }) => time > 0 && fields.some(([first]) => first === name)).map(({ time }) => time)
  return times.length === 0 ? undefined : Math.min(host.now(), Math.max(...times))
}
