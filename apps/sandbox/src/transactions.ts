/**
 * Nested transactions with news after the commit: a batch is one commit of many operations, each of which may fail alone,
 * and nobody (page, webhook sender) may hear of a change that a rollback then takes back.
 */
import type { Connection } from './database.ts'

export class Transactions {
  readonly #connection: Connection
  #news: Array<() => void> = []

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Runs `work` in a transaction, or in a savepoint of the one under way; a throw takes back all it did. */
  run<T>(work: () => T): T {
    const outermost = !this.#connection.inTransaction
    const newsBefore = this.#news.length
    let result: T
    try {
      result = this.#connection.transaction(work)()
    } catch (error) {
      this.#news.length = newsBefore
      throw error
    }
    if (outermost) this.#tell()
    return result
  }

  /** `tell` runs once the outermost transaction is committed, and not at all when it is rolled back. */
  afterCommit(tell: () => void): void {
    this.#news.push(tell)
  }

  #tell(): void {
    const news = this.#news
    this.#news = []
    for (const tell of news) tell()
  }
}
