/** Which goals there are for those that were measured, and whether they are met. What could not be measured meets none. */
import { spelled } from '../table.ts'
import type { BrowserContender } from './contender.ts'
import type { BrowserOutcome, Took } from './outcome.ts'
import { type Row, rows } from './rows.ts'

export interface Goal {
  what: string
  wanted: string
  found: string
  isMet: boolean
}

/** Skerry is the first of the contenders; where it was not measured there are no goals. */
export function goalsOf(
  [first, ...others]: readonly BrowserContender[],
  outcomes: readonly BrowserOutcome[],
): Goal[] {
  if (first?.name !== 'skerry') return []
  const byName = new Map(outcomes.map((outcome) => [outcome.contender, outcome]))
  return rows.flatMap((row) => {
    const ours = row.of(byName.get(first.name)!)
    const ratios = row.isCompared ? others : []
    return [
      ...(row.msMax === undefined ? [] : [limitGoal(row, row.msMax, ours)]),
      ...ratios.map((other) => ratioGoal(row, other, ours, row.of(byName.get(other.name)!))),
    ]
  })
}

/** How many times as long the other took. */
export function timesOf(ours: Took | undefined, theirs: Took | undefined): number | undefined {
  if (ours === undefined || theirs === undefined || ours.isOver || ours.ms === 0) return undefined
  return theirs.ms / ours.ms
}

function limitGoal(row: Row, msMax: number, ours: Took | undefined): Goal {
  const spell = row.spelledAs ?? ((ms: number) => `${spelled(ms)} ms`)
  return {
    what: row.what,
    wanted: `≤ ${msMax} ms`,
    found: ours === undefined ? 'not measured' : spell(ours.ms),
    isMet: ours !== undefined && !ours.isOver && ours.ms <= msMax,
  }
}

function ratioGoal(
  row: Row,
  { title, timesAtLeast }: BrowserContender,
  ours: Took | undefined,
  theirs: Took | undefined,
): Goal {
  const times = timesOf(ours, theirs)
  // Ahead is more than as fast.
  const isMet = times !== undefined && (timesAtLeast > 1 ? times >= timesAtLeast : times > 1)
  return {
    what: `${row.what}, beside ${title}`,
    wanted: timesAtLeast > 1 ? `≥ ${timesAtLeast} ×` : '> 1 ×',
    found: times === undefined ? 'not measured' : `${theirs!.isOver ? '> ' : ''}${spelled(times)} ×`,
    isMet,
  }
}
