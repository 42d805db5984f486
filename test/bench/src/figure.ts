/** What a measurement finds: a value beside its goal and beside the bare limit of the same run. */

export interface Figure {
  /** What was measured, and of how much. */
  what: string
  value: number
  unit: 'ms' | 'B' | 'MB' | 'per s' | 'round trips' | 'B per reading'
  /** From design.md, "Numbers to reach"; absent where that names none. */
  goal?: number
  /** The same bytes through plain ws and plain SQLite. */
  bare?: number
  /** How many runs the value is the median of, and what else one must know. */
  note?: string
  /** Name of the section whose profile says where the time goes. */
  section?: string
}

const rates: readonly Figure['unit'][] = ['per s']

/** Whether the goal is met; undefined where there is none. */
export function isMet({ value, unit, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined
  return rates.includes(unit) ? value >= goal : value <= goal
}

/** How many times slower (or larger) than the bare limit; undefined where there is none. */
export function timesBare({ value, unit, bare }: Figure): number | undefined {
  if (bare === undefined) return undefined
  return rates.includes(unit) ? bare / value : value / bare
}
