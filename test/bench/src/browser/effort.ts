/** How much is measured of each contender. */

export interface BrowserEffort {
  records: number
  /** First syncs, each of a new profile. One that takes longer than LONG_MS is not done again. */
  firstSyncs: number
  secondStarts: number
  /** Of each kind, after the warm-up. */
  edits: number
  warmUpEdits: number
  /** Milliseconds for a first sync, and for a second start; then it is told as not reached. */
  limitMs: number
}

const whole: BrowserEffort = {
  records: 10_000,
  firstSyncs: 3,
  secondStarts: 5,
  edits: 200,
  warmUpEdits: 20,
  limitMs: 60_000,
}

/** So few that every round is another record. */
const RECORDS_MIN = 50

export function effortAt(scale: number): BrowserEffort {
  if (scale === 1) return whole
  const sized = (count: number, least: number) => Math.max(least, Math.round(count * scale))
  return {
    records: sized(whole.records, RECORDS_MIN),
    firstSyncs: sized(whole.firstSyncs, 1),
    secondStarts: sized(whole.secondStarts, 1),
    edits: sized(whole.edits, 10),
    warmUpEdits: sized(whole.warmUpEdits, 2),
    limitMs: whole.limitMs,
  }
}
