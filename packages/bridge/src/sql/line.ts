/**
 * What the adapters of SQL databases need of a driver: a connection that runs one statement after the other and ends at once when it is told to. What went wrong is a `SqlFailed`, classified by whoever knows the
 * database's codes; what it means for a call that had begun to commit is decided in one place (connections.ts).
 */
import type { Failure } from '../adapter-port.ts'
import type { Cell, Sql } from './statement.ts'

export interface Rows {
  rows: readonly (readonly Cell[])[]
  /** Rows that a write found. */
  affected: number
}

/** One connection. */
export interface Line {
  /** @throws SqlFailed */
  run(statement: Sql): Promise<Rows>
  /** Whether the next statement may be sent. */
  isUp(): boolean
  /** Ends it at once, a statement under way with it. */
  end(): void
  /** Whether an idle line keeps the process alive. */
  hold(isHeld: boolean): void
}

export interface Nature {
  /** The connection is gone: nothing says what became of the statement. */
  lost?: boolean
  /** A row with such a value is there already. */
  duplicate?: boolean
  /** The database has ended the transaction, what was done before the statement included. */
  endsTransaction?: boolean
  /** Table or column is not as it was. */
  drift?: boolean
  /** The name of a constraint that refused. */
  constraint?: string | undefined
  /** The database's own code. */
  code?: string | undefined
}

export class SqlFailed extends Error {
  override readonly name = 'SqlFailed'
  readonly failure: Failure
  readonly nature: Nature

  constructor(failure: Failure, nature: Nature = {}, cause?: unknown) {
    super(failure.reason, { cause })
    this.failure = failure
    this.nature = nature
  }
}
