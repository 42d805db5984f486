/** What the jobs of one bridge share while it runs: appends with what follows from them, locks, and what was overtaken meanwhile. */
import { type ReplicaBase, ReplicaClosed, StoreError } from '@skerry/core'
import type { Adapter, Call } from './adapter-port.ts'
import type { BridgeContext } from './context.ts'
import type { Gate } from './gate.ts'
import { KeyLocks } from './key-locks.ts'
import type { OutboxIndex } from './outbox-index.ts'
import { BridgeTables } from './tables.ts'

export interface SharedOptions {
  context: BridgeContext
  replica: ReplicaBase
  adapter: Adapter
  gate: Gate
  index: OutboxIndex
  signal: AbortSignal
  /** Called after an append that others in the bridge should hear of, with what it was about. */
  changed: (tables: BridgeTables) => void
}

export class Shared {
  readonly context: BridgeContext
  readonly replica: ReplicaBase
  readonly adapter: Adapter
  readonly gate: Gate
  readonly index: OutboxIndex
  readonly locks = new KeyLocks()
  readonly call: Call
  readonly #changed: SharedOptions['changed']
  readonly #watchers = new Set<Set<string>>()

  constructor(options: SharedOptions) {
    this.context = options.context
    this.replica = options.replica
    this.adapter = options.adapter
    this.gate = options.gate
    this.index = options.index
    this.call = { signal: options.signal }
    this.#changed = options.changed
  }

  /** Runs `work` as one append; when it is durable, index, hints and events follow. */
  async transact<T>(work: (tables: BridgeTables) => Promise<T>): Promise<T> {
    let tables: BridgeTables | undefined
    const result = await this.replica.transact((transaction) => {
      tables = new BridgeTables(transaction, this.context.system)
      return work(tables)
    })
    if (!tables) return result
    for (const [record, item] of tables.changedItems) this.index.apply(record, item)
    for (const event of tables.events) this.context.report(event)
    this.#changed(tables)
    return result
  }

  /** Records written or read afresh from now on; rows asked for earlier may be older than those (B-26). */
  watch(): { overtaken: ReadonlySet<string>; end(): void } {
    const overtaken = new Set<string>()
    this.#watchers.add(overtaken)
    return { overtaken, end: () => this.#watchers.delete(overtaken) }
  }

  overtake(record: string): void {
    for (const watcher of this.#watchers) watcher.add(record)
  }

  failed(code: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.context.report({ level: 'error', code, message: `bridge ${this.context.system}: ${reason}` })
  }
}

/** True for a failure of this node, which no row or record is to blame for. */
export function isOwnFailure(error: unknown): boolean {
  return error instanceof StoreError || error instanceof ReplicaClosed
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
