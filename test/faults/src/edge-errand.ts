/** What the parent of the edge rounds says to the edge process, and hears from it. */
import type { MarkedEdit } from './marking.ts'

export interface EdgeErrand {
  path: string
  hubUrl: string
  /** Begins every mark of this round. */
  round: number
  seed: number
  /** Visits to go on with. */
  records: string[]
  /** Was acknowledged in the round before, and must be there. */
  verify: MarkedEdit[]
}

export type EdgeLine = { said: 'open' } | ({ said: 'missing' | 'begun' | 'here' | 'there' } & MarkedEdit)
