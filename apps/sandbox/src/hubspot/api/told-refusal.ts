/** A refusal that the ledger is told of. */
import type { LedgerOperation } from '../../ledger/entry.ts'
import type { Refusal } from '../refusal.ts'

export class ToldRefusal extends Error {
  readonly refusal: Refusal
  readonly operations: readonly LedgerOperation[]

  constructor(refusal: Refusal, operations: readonly LedgerOperation[]) {
    super(refusal.message)
    this.refusal = refusal
    this.operations = operations
  }
}
