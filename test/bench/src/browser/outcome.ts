/** What was found of one contender. What could not be measured is absent, and a sentence says why. */
import type { Checked, LongTasks } from './page-times.ts'

/** Milliseconds, and whether that is only what was waited for in vain. */
export interface Took {
  ms: number
  isOver: boolean
  /** With fewer records than the others had, where it could not take them in. */
  fewer?: number
}

export interface BrowserOutcome {
  contender: string
  records: number
  /** Records in everything but the first sync, where that could not end with all. */
  fewer?: number
  /** From the first word to the server until the list is whole. */
  firstSync?: Took
  /** The same, until nothing more is to come and all is durable. */
  settled?: Took
  /** While that lasted: the worst of all runs. */
  firstTasks?: LongTasks
  /** From the navigation, off the network, until the list is whole. */
  secondStart?: Took
  secondTasks?: LongTasks
  /** Milliseconds of each edit: until it is on disk, and until it is as safe as the contender has it by default. */
  durable?: readonly number[]
  byDefault?: readonly number[]
  /** Milliseconds of each strict transaction of the same size, with nothing around it. */
  bare?: readonly number[]
  shownHere?: readonly number[]
  shownFromThere?: readonly number[]
  troubles: string[]
}

export function troubleOf(when: string, { missing, wrong, disordered }: Checked): string[] {
  if (missing + wrong + disordered === 0) return []
  return [`${when}: ${missing} records missing, ${wrong} wrong, ${disordered} out of order`]
}
