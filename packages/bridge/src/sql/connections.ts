/**
 * A few connections to one database, and what a call may do with them: run statements, or a transaction. Here is decided what a lost connection means (SPEC SQ-01 to SQ-04): before COMMIT was sent nothing was carried
 * out; after it, nobody knows.
 */
import type { Call } from '../adapter-port.ts'
import { IDLE_MS_MAX } from './limits.ts'
import { type Line, type Rows, SqlFailed } from './line.ts'
import { raw, type Sql } from './statement.ts'

export interface ConnectionSettings {
  connectionsMax: number
  timeoutMs: number
}

/** What work on a connection may do. */
export interface Session {
  /** Ends with the call. */
  readonly signal: AbortSignal
  run(statement: Sql): Promise<Rows>
  /** All of the work, or nothing: what is thrown inside leaves no trace, and the transaction goes on. */
  guarded<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Thrown by work that wants its transaction undone, and is no failure. */
export class Undone<Result> extends Error {
  readonly result: Result

  constructor(result: Result) {
    super('the transaction is undone on purpose')
    this.result = result
  }
}

export class Connections {
  readonly #connect: () => Promise<Line>
  readonly #settings: ConnectionSettings
  readonly #idle: { line: Line; timer: NodeJS.Timeout }[] = []
  readonly #queue: (() => void)[] = []
  #out = 0
  #isClosed = false

  /** @param connect @throws SqlFailed */
  constructor(connect: () => Promise<Line>, settings: ConnectionSettings) {
    this.#connect = connect
    this.#settings = settings
  }

  /** Statements that each stand for themselves, and change nothing of which anybody must know whether it was done. @throws SqlFailed */
  use<Result>(call: Call, work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.#held(call, async (line, stage) => {
      stage.at = 'reading'
      return await work(new Statements(line, call.signal))
    })
  }

  /** @throws SqlFailed: `unknown` only if COMMIT was under way, or the call was given up */
  transaction<Result>(call: Call, work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.#held(call, async (line, stage) => {
      await line.run(raw('BEGIN'))
      let result: Result
      try {
        result = await work(new Statements(line, call.signal))
      } catch (error) {
        await rolledBack(line)
        if (error instanceof Undone) return error.result as Result
        throw error
      }
      stage.at = 'committing'
      await line.run(raw('COMMIT'))
      return result
    })
  }

  /** Ends every connection; calls under way end as if theirs was lost. */
  close(): void {
    this.#isClosed = true
    for (const { line, timer } of this.#idle.splice(0)) {
      clearTimeout(timer)
      line.end()
    }
  }

  async #held<Result>(call: Call, work: (line: Line, stage: Stage) => Promise<Result>): Promise<Result> {
    if (call.signal.aborted)
      throw new SqlFailed({ kind: 'later', reason: 'the call was given up before it was made' })
    const stage: Stage = { at: 'connecting' }
    const ended = new Ending(call, this.#settings.timeoutMs)
    let line: Line | undefined
    try {
      await this.#turn(ended)
      try {
        line = await ended.unless(this.#line())
        ended.onEnd(line.end.bind(line))
        stage.at = 'working'
        return await work(line, stage)
      } finally {
        ended.settle()
        if (line !== undefined) this.#putBack(line)
        this.#next()
      }
    } catch (error) {
      throw explained(error, stage, ended)
    } finally {
      ended.settle()
    }
  }

  /** An idle one that is still there, or a new one. */
  async #line(): Promise<Line> {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      clearTimeout(kept.timer)
      if (!kept.line.isUp()) continue
      kept.line.hold(true)
      // A connection that died in its sleep shows it now, and not in the middle of a call.
      const lives = await kept.line.run(raw('SELECT 1')).then(
        () => true,
        () => false,
      )
      if (lives) return kept.line
      kept.line.end()
    }
    const line = await this.#connect()
    if (!this.#isClosed) return line
    line.end()
    throw new SqlFailed({ kind: 'later', reason: 'the adapter is closed' })
  }

  #putBack(line: Line): void {
    if (!line.isUp() || this.#isClosed) {
      line.end()
      return
    }
    const kept = {
      line,
      timer: setTimeout(() => {
        this.#idle.splice(this.#idle.indexOf(kept), 1)
        line.end()
      }, IDLE_MS_MAX).unref(),
    }
    line.hold(false)
    this.#idle.push(kept)
  }

  async #turn(ended: Ending): Promise<void> {
    if (this.#out < this.#settings.connectionsMax) {
      this.#out += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      this.#queue.push(resolve)
      ended.onEnd(() => {
        this.#queue.splice(this.#queue.indexOf(resolve), 1)
        reject(new SqlFailed({ kind: 'later', reason: 'no connection was free in time' }))
      })
    })
    ended.calm()
  }

  #next(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#out -= 1
  }
}

interface Stage {
  at: 'connecting' | 'reading' | 'working' | 'committing'
}

/** When a call is given up: by its signal, or by the clock. */
class Ending {
  reason: string | undefined
  readonly #call: Call
  readonly #timer: NodeJS.Timeout
  readonly #ends = new Set<() => void>()
  readonly #abort = () => this.#end('the call was given up')

  constructor(call: Call, timeoutMs: number) {
    this.#call = call
    this.#timer = setTimeout(() => this.#end(`no answer within ${timeoutMs} ms`), timeoutMs)
    call.signal.addEventListener('abort', this.#abort)
  }

  get isAborted(): boolean {
    return this.#call.signal.aborted
  }

  onEnd(act: () => void): void {
    if (this.reason === undefined) this.#ends.add(act)
    else act()
  }

  /** The line, unless the call ends before; then the line is ended when it comes. */
  unless(line: Promise<Line>): Promise<Line> {
    return new Promise((resolve, reject) => {
      this.onEnd(() => reject(new SqlFailed({ kind: 'later', reason: this.reason ?? '' }, { lost: true })))
      line.then((came) => {
        if (this.reason !== undefined) came.end()
        resolve(came)
      }, reject)
    })
  }

  /** What was to be done at the end is not any more. */
  calm(): void {
    this.#ends.clear()
  }

  settle(): void {
    clearTimeout(this.#timer)
    this.#call.signal.removeEventListener('abort', this.#abort)
    this.#ends.clear()
  }

  #end(reason: string): void {
    this.reason ??= reason
    for (const act of this.#ends) act()
    this.#ends.clear()
  }
}

/** What the failure means for the call. An error that is none of a database's passes. */
function explained(error: unknown, { at }: Stage, ended: Ending): unknown {
  if (!(error instanceof SqlFailed)) return error
  const { failure, nature } = error
  const reason = ended.reason ?? failure.reason
  if (at === 'connecting' || (!nature.lost && ended.reason === undefined)) {
    return ended.reason === undefined ? error : new SqlFailed({ kind: 'later', reason }, nature, error)
  }
  const isDoubtful = at === 'committing' || (at === 'working' && ended.isAborted)
  return new SqlFailed({ kind: isDoubtful ? 'unknown' : 'later', reason }, nature, error)
}

async function rolledBack(line: Line): Promise<void> {
  if (!line.isUp()) return
  try {
    await line.run(raw('ROLLBACK'))
  } catch {
    line.end() // what cannot be rolled back ends with its connection
  }
}

class Statements implements Session {
  readonly signal: AbortSignal
  readonly #line: Line

  constructor(line: Line, signal: AbortSignal) {
    this.#line = line
    this.signal = signal
  }

  run(statement: Sql): Promise<Rows> {
    return this.#line.run(statement)
  }

  async guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#line.run(raw('SAVEPOINT skerry'))
    try {
      const result = await work()
      await this.#line.run(raw('RELEASE SAVEPOINT skerry'))
      return result
    } catch (error) {
      const isOver = error instanceof SqlFailed && (error.nature.lost || error.nature.endsTransaction)
      if (!isOver) await this.#line.run(raw('ROLLBACK TO SAVEPOINT skerry'))
      throw error
    }
  }
}
