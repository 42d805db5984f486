/** What stands behind every stand-in, whatever it stands in for: one file, one clock, the faults in force, and the ledger of its calls. */
import { Clock } from './clock.ts'
import { openDatabase } from './database.ts'
import { HeldAnswers } from './faults/held-answers.ts'
import { FaultPlan } from './faults/plan.ts'
import { Ledger } from './ledger/ledger.ts'
import { Transactions } from './transactions.ts'

export type StageOptions = {
  /** A path, or `:memory:`. */
  file: string
  /** SQL that makes the tables beside the ledger's, where they are not there yet. */
  tables: string
  now: () => number
  log: (error: unknown) => void
}

export type Stage = ReturnType<typeof makeStage>

export function makeStage({ file, tables, now, log }: StageOptions) {
  const database = openDatabase(file, tables)
  return {
    database,
    transactions: new Transactions(database),
    clock: new Clock(now),
    faults: new FaultPlan(),
    held: new HeldAnswers(),
    ledger: new Ledger(database),
    /** Aborted when the stand-in ends: delayed calls are cut. */
    closing: new AbortController(),
    log,
  }
}
