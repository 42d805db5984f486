/** What is measured in which order, with how many records, and for how long altogether. */
import type { Contender } from './contender.ts'
import type { Effort } from './effort.ts'
import type { Options } from './options.ts'

/** The peers' sizes. */
const SIZES = [200, 1_000, 5_000]
/** Beyond them, for those who need no packages of others: that a cost does not grow with the data shows only here. */
const MORE_SIZES = [10_000, 100_000]

/** Milliseconds until the last step begins, so that all ends in twelve minutes; what has not begun by then is told as not measured. */
export const RUN_MS_MAX = 570_000

const full: Effort = {
  runs: 3,
  changed: 50,
  liveEdits: 300,
  warmUpEdits: 30,
  limitMs: 60_000,
  stepMs: 120_000,
  quietMs: 500,
}

export interface Step {
  contender: Contender
  records: number
  effort: Effort
}

/** Size by size, so that the contenders of a row are measured one after another. Live edits are made at the smallest size only. */
export function planOf(contenders: readonly Contender[], { only, sizes }: Options): Step[] {
  const chosen = contenders.filter(({ name }) => only?.includes(name) ?? true)
  const all = sizes ?? [...SIZES, ...MORE_SIZES]
  const smallest = Math.min(...all)
  return all.flatMap((records) =>
    chosen
      .filter(({ packages }) => sizes !== undefined || packages.length === 0 || SIZES.includes(records))
      .map((contender) => ({
        contender,
        records,
        effort: { ...full, liveEdits: records === smallest ? full.liveEdits : 0 },
      })),
  )
}
