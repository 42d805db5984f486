/**
 * Nested transactions with news after the commit: a batch is one commit of many operations, each of which may fail alone,
 * and nobody (page, webhook sender) may hear of a change that a rollback then takes back.
 */
import type { Connection } from './database.ts'

export class Transactions {
  readonly #connection: Connection
  #news: Array<() => void> = []
  #endings: Array<() => void> = []

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Runs `work` in a transaction, or in a savepoint of the one under way; a throw takes back all it did. */
  run<T>(work: () => T): T {
    const outermost = !this.#connection.inTransaction
    const newsBefore = this.#news.length
    const endingsBefore = this.#endings.length
    let result: T
    try {
      result = this.#connection.transaction(() => {
        const done = work()
        if (outermost) this.#end()
        return done
      })()
    } catch (error) {
      this.#news.length = newsBefore
      this.#endings.length = endingsBefore
      throw error
    }
    if (outermost) this.#tell()
    return result
  }

  /** `end` runs as the last part of the outermost transaction, and not at all when what asked for it is rolled back. It may ask for more. */
  beforeCommit(end: () => void): void {
    this.#endings.push(end)
  }

  /** `tell` runs once the outermost transaction is committed, and not at all when it is rolled back. */
  afterCommit(tell: () => void): void {
    this.#news.push(tell)
  }

  #end(): void {
    for (let i = 0; i < this.#endings.length; i++) this.#endings[i]?.()
    this.#endings = []
  }

  #tell(): void {
    const news = this.#news
    this.#news = []
    for (const tell of news) tell()
  }
}
