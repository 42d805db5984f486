/** What a measurement of the bridge finds: a value beside its goal and beside the naive way of the same run. */
import { laidOut, spelled } from '../table.ts'

export interface BridgeFigure {
  /** What was measured, and of how much. */
  what: string
  value: number
  unit: string
  /** What is to be reached; absent where nothing is said. */
  goal?: { atMost: number } | { atLeast: number }
  /** The naive way of the same run, with its unit. */
  naive?: string
  note?: string
}

/** Whether the goal is met; undefined where there is none. */
export function isReached({ value, goal }: BridgeFigure): boolean | undefined {
  if (goal === undefined) return undefined
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast
}

const head = ['', 'value', 'goal', '', 'naive way', 'note']

export function bridgeTable(figures: readonly BridgeFigure[]): string {
  return laidOut(
    head,
    figures.map((figure) => {
      const { what, value, unit, goal, naive = '–', note = '' } = figure
      const reached = isReached(figure)
      return [
        what,
        `${spelled(value)} ${unit}`,
        goal === undefined
          ? '–'
          : 'atMost' in goal
            ? `≤ ${spelled(goal.atMost)}`
            : `≥ ${spelled(goal.atLeast)}`,
        reached === undefined ? '' : reached ? 'met' : 'missed',
        naive,
        note,
      ]
    }),
  )
}
