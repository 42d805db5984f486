/** What a page tells of its times; all in milliseconds of its own clock. */

export interface LongTasks {
  count: number
  /** 0 where none took 50. */
  longestMs: number
}

export interface FirstSync {
  /** From the call until the list was whole; undefined: not in time. */
  wholeMs: number | undefined
  /** The same, until nothing more was to come and all was durable. */
  settledMs: number | undefined
  shown: number
  tasks: LongTasks
}

export interface SecondStart {
  /** From the navigation; undefined: not in time. */
  wholeMs: number | undefined
  shown: number
  tasks: LongTasks
}

export interface Rounds {
  records: number
  rounds: number
  /** Of the first edit; each has its own. */
  mark: number
}

export interface EditTimes {
  /** From the call of each edit until it was durable. */
  durableMs: number[]
  /** The same, until the list showed it. */
  shownMs: number[]
}

/** What the list shows, held against what it must show. */
export interface Checked {
  missing: number
  wrong: number
  /** Records that stand after one whose title comes later. */
  disordered: number
}
