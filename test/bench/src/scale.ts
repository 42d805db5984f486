/** How much of everything: a full run for figures worth keeping, a quick one to see that all works and roughly how fast. */

export interface Scale {
  /** Records at the hub. */
  sizes: readonly number[]
  /** Runs of what is short; the value is their median. */
  runs: number
  /** Runs of what takes seconds. */
  longRuns: number
  /** Runs of a first sync of 100,000 records. */
  largeRuns: number
  liveEdits: number
  /** Edits pushed in one run. */
  pushed: number
  /** Sessions that take the relayed entries. */
  takers: number
  readings: number
  idleSessions: number
  /** Records, and changes of each. */
  histories: readonly { records: number; changes: number }[]
}

export const full: Scale = {
  sizes: [1_000, 10_000, 100_000],
  runs: 5,
  longRuns: 3,
  largeRuns: 2,
  liveEdits: 1_000,
  pushed: 3_000,
  takers: 4,
  readings: 4_194_304,
  idleSessions: 1_000,
  histories: [
    { records: 1_000, changes: 1 },
    { records: 1_000, changes: 100 },
    { records: 100, changes: 1_000 },
  ],
}

export const quick: Scale = {
  sizes: [1_000, 10_000],
  runs: 3,
  longRuns: 1,
  largeRuns: 1,
  liveEdits: 200,
  pushed: 1_000,
  takers: 2,
  readings: 524_288,
  idleSessions: 100,
  histories: [
    { records: 200, changes: 1 },
    { records: 200, changes: 20 },
  ],
}
