/** What differs between stand-ins in the life of a call: who is let in, how a refusal looks, which rows a call names. */
import type { WorldFault } from '../faults/fault.ts'
import type { Target } from '../faults/plan.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import type { Answer, Call } from './call.ts'

export type Front = {
  /** With every row that the call names, so that a fault can be aimed at one of them. */
  targetOf: (call: Call) => Target
  /** The type in the address of a call that names no row. */
  typeIn: (path: string) => string | null
  /**
   * The caller's name; null for a call that is `open` to everybody. Throws what `refusal` can make an answer of.
   * @param fault changes the conditions before the call
   */
  admit: (call: Call, fault: WorldFault | undefined, open: boolean) => string | null
  /** The answer to whatever `admit` or an endpoint threw. */
  refusal: (error: unknown, call: Call) => Answer
  /** What is answered where the fault `status` says no body. */
  failed: (status: number) => Pick<Answer, 'headers' | 'body'>
  /** Told of each call as it stands in the ledger. */
  recorded?: (entry: LedgerEntry) => void
}
