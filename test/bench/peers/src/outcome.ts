/** What was found of one contender with so many records. A figure that is not there was not reached; then `troubles` says why. */
import type { Traffic } from './counting-line.ts'

export interface Exchange {
  ms: number
  traffic: Traffic
}

export interface Live {
  p50Ms: number
  p99Ms: number
  edits: number
}

export interface Outcome {
  contender: string
  records: number
  firstSync?: Exchange
  unchanged?: Exchange
  changed?: Exchange
  live?: Live
  /** Bytes resident in the server's process after a device came for everything, while it is still connected. */
  serverBytes?: number
  /** Sentences: what was missing, what did not end in time. */
  troubles: string[]
}
