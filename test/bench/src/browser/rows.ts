/** What is told of every contender, row by row: one figure each, with the goals on it. */
import { percentile } from '../statistics.ts'
import type { BrowserOutcome, Took } from './outcome.ts'

export interface Row {
  what: string
  /** Undefined: it could not be measured. */
  of(outcome: BrowserOutcome): Took | undefined
  /** Milliseconds that Skerry may take. */
  msMax?: number
  /** Whether Skerry is to be ahead of every other (`timesAtLeast`). */
  isCompared: boolean
  /** How a time is spelled where it is none. */
  spelledAs?: (ms: number) => string
}

/** Milliseconds: a person feels a task that takes longer. */
const TASK_MS_MAX = 50

const fewerOf = ({ fewer }: BrowserOutcome) => (fewer === undefined ? {} : { fewer })

const of =
  (name: 'durable' | 'bare' | 'byDefault' | 'shownHere' | 'shownFromThere', share: number) =>
  (outcome: BrowserOutcome): Took | undefined => {
    const times = outcome[name]
    return times && { ms: percentile(times, share), isOver: false, ...fewerOf(outcome) }
  }

const task =
  (name: 'firstTasks' | 'secondTasks') =>
  (outcome: BrowserOutcome): Took | undefined => {
    const tasks = outcome[name]
    return tasks && { ms: tasks.longestMs, isOver: false }
  }

/** The browser tells of no task below. */
const taskSpelled = (ms: number) => (ms === 0 ? `below ${TASK_MS_MAX} ms` : `${Math.round(ms)} ms`)

export const rows: readonly Row[] = [
  {
    what: 'first sync, until the list is whole',
    of: ({ firstSync }) => firstSync,
    msMax: 400,
    isCompared: true,
  },
  {
    what: 'first sync, until nothing more comes and all is durable',
    of: ({ settled }) => settled,
    isCompared: false,
  },
  {
    what: 'first sync: longest task of the page',
    of: task('firstTasks'),
    msMax: TASK_MS_MAX,
    isCompared: false,
    spelledAs: taskSpelled,
  },
  {
    what: 'second start offline, until the list is whole',
    of: (outcome) => outcome.secondStart && { ...outcome.secondStart, ...fewerOf(outcome) },
    msMax: 500,
    isCompared: true,
  },
  {
    what: 'second start: longest task of the page',
    of: task('secondTasks'),
    isCompared: false,
    spelledAs: taskSpelled,
  },
  {
    what: 'an edit, until it is on disk: p50',
    of: of('durable', 0.5),
    msMax: 5,
    isCompared: true,
  },
  {
    what: 'a bare strict transaction of the same size: p50',
    of: of('bare', 0.5),
    isCompared: false,
  },
  { what: 'an edit, until it is on disk: p99', of: of('durable', 0.99), isCompared: false },
  {
    what: 'an edit, until it is as safe as each has it by default: p50',
    of: of('byDefault', 0.5),
    isCompared: false,
  },
  {
    what: 'an edit from elsewhere, until the list shows it: p50',
    of: of('shownFromThere', 0.5),
    isCompared: true,
  },
  {
    what: 'an edit from elsewhere, until the list shows it: p99',
    of: of('shownFromThere', 0.99),
    isCompared: false,
  },
  { what: 'an edit made here, until the list shows it: p50', of: of('shownHere', 0.5), isCompared: false },
  { what: 'an edit made here, until the list shows it: p99', of: of('shownHere', 0.99), isCompared: false },
]
