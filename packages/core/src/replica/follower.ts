/** A reader of the log with a durable position. It goes on from there after a crash; replay is moving the position back. */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { ownsSeq } from '../log/cursor.ts'
import type { LoggedEntry, PageLimit, Seq } from '../store/port.ts'
import { ownTable } from './own-tables.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Transaction } from './transaction.ts'

const FOLLOWERS_TABLE = 'followers'

export class Follower {
  readonly name: string
  readonly #core: ReplicaCore

  constructor(core: ReplicaCore, name: string) {
    this.#core = core
    this.name = name
  }

  /**
   * The position reached. A position whose run does not own it (the store was restored from a copy) is not trusted: reading begins anew, and whoever follows
   * recognises what it knows.
   */
  async position(): Promise<Seq> {
    const value = await this.#core.store.get(ownTable(FOLLOWERS_TABLE), this.name)
    if (!value) return 0
    const { run, seq } = JSON.parse(decodeUtf8(value) ?? '{}') as { run: string; seq: Seq }
    return ownsSeq(this.#core.runs, run, seq, this.#core.writer.head) ? seq : 0
  }

  /** Nothing of a damaged record is among them: its entries come again, further on, when it is whole. */
  read(after: Seq, limit: PageLimit): Promise<LoggedEntry[]> {
    return this.#core.soundLog.tellLog(after, limit)
  }

  /** Moves the position in the same append as what was made of the entries up to it. */
  advance(transaction: Transaction, seq: Seq): void {
    const run = [...this.#core.runs].reverse().find((row) => row.first <= seq)?.run ?? ''
    transaction.tables.put(FOLLOWERS_TABLE, this.name, encodeUtf8(JSON.stringify({ run, seq })))
  }

  /** Called after every commit; returns a function that ends it. */
  onMore(listener: (head: Seq) => void): () => void {
    return this.#core.onCommit(({ head }) => listener(head))
  }
}
