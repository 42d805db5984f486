/** What the jobs of one bridge share while it runs: appends with what follows from them, locks, and what was overtaken meanwhile. */
import { type JsonObject, RecordQuarantined, type ReplicaBase, ReplicaClosed, StoreError } from '@skerry/core'
import type { Adapter, Call, ExternalRow } from './adapter-port.ts'
import type { AuditLog } from './audit/audit-log.ts'
import { BridgeError } from './bridge-error.ts'
import { mappingsOfType } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { metered, type Reader } from './delivery/metered.ts'
import { type Tier, tiers } from './delivery/tiers.ts'
import type { Gate } from './gate.ts'
import { KeyLocks } from './key-locks.ts'
import type { OutboxIndex } from './outbox-index.ts'
import { OwnEntries } from './own-entries.ts'
import { type Withheld, withheldBy } from './privacy/withheld.ts'
import { BridgeTables } from './tables.ts'

export interface SharedOptions {
  context: BridgeContext
  replica: ReplicaBase
  adapter: Adapter
  gate: Gate
  index: OutboxIndex
  signal: AbortSignal
  /** Undefined: none is kept. */
  audit?: AuditLog | undefined
  /** Called after an append, with what it was about. */
  changed: (tables: BridgeTables) => void
  /** Called after an append that leaves something to reconcile. */
  reconcileIsDue: () => void
}

export class Shared {
  readonly context: BridgeContext
  readonly replica: ReplicaBase
  /** For reads and listings: each waits at the gate. */
  readonly adapter: Reader
  /** For writes, which have their pass before they are begun. */
  readonly writer: Adapter
  readonly gate: Gate
  readonly index: OutboxIndex
  readonly locks = new KeyLocks()
  readonly signal: AbortSignal
  readonly audit: AuditLog | undefined
  /** Records of which something is under review. */
  readonly underReview = new Set<string>()
  readonly own = new OwnEntries()
  readonly call: Call
  /** Called with rows before they are taken in: what looks as if the schema had changed is looked into first (B-193). */
  vet: (rows: readonly ExternalRow[], sent?: JsonObject) => Promise<void> = async () => undefined
  /** Called when something failed that a change of the schema would explain. */
  suspect: () => Promise<void> = async () => undefined
  /** Keys of rows that are set aside. */
  readonly unread = new Set<string>()
  /** Rows may have been set aside: without that nobody needs to look whether one was. */
  hasUnread = false
  /** The log was followed to its head since the start: every record that was there is known here. */
  hasFollowed = false
  readonly #withheld: Withheld
  readonly #changed: SharedOptions['changed']
  readonly #reconcileIsDue: () => void
  readonly #pieces = new KeyLocks()
  readonly #watchers = new Set<Set<string>>()

  constructor(options: SharedOptions) {
    this.context = options.context
    this.replica = options.replica
    this.gate = options.gate
    this.writer = options.adapter
    this.adapter = metered(options.adapter, options.gate, (type) => tierOf(options.context, type))
    this.index = options.index
    this.signal = options.signal
    this.audit = options.audit
    this.#withheld = withheldBy(options.context.mappings)
    this.call = { signal: options.signal }
    this.#changed = options.changed
    this.#reconcileIsDue = options.reconcileIsDue
  }

  /** Runs `work` as one append; when it is durable, index, hints and events follow. */
  async transact<T>(work: (tables: BridgeTables) => Promise<T>): Promise<T> {
    let tables: BridgeTables | undefined
    let before = 0
    const append = () =>
      this.replica.transact(async (transaction) => {
        before = transaction.head
        tables = new BridgeTables(transaction, this.context.system, this.#withheld)
        const worked = await work(tables)
        await this.audit?.write(tables)
        return worked
      })
    const result = await append().catch((error: unknown) => {
      // Found under way: seen from the beginning of the append it is left alone (B-169).
      if (error instanceof RecordQuarantined) return append()
      throw error
    })
    if (!tables) return result
    if (tables.settlesAll) this.own.add(before + 1, tables.transaction.head)
    for (const [record, item] of tables.changedItems) this.index.apply(record, item)
    for (const [record, item] of tables.changedReviews)
      if (item) this.underReview.add(record)
      else this.underReview.delete(record)
    for (const [row, unread] of tables.changedUnread)
      if (unread) this.unread.add(row)
      else this.unread.delete(row)
    for (const event of tables.events) this.context.report(event)
    this.hasUnread ||= tables.hasSetAside
    this.#changed(tables)
    if (tables.reconcileIsDue) this.#reconcileIsDue()
    return result
  }

  /** Runs `work` as `transact` would, tells what came of it, and keeps nothing: neither here nor for anybody to hear. */
  async rehearse<T>(work: (tables: BridgeTables) => Promise<T>): Promise<T> {
    let result: { value: T } | undefined
    const end = new Error('rehearsed')
    try {
      await this.replica.transact(async (transaction) => {
        result = { value: await work(new BridgeTables(transaction, this.context.system, this.#withheld)) }
        throw end
      })
    } catch (error) {
      if (error !== end) throw error
    }
    return result!.value
  }

  /**
   * Runs a piece of work behind which nobody waits: one at a time, and with a turn of the event loop before the next, or what matters more would stand behind all of it in the
   * writer's queue, and answers of the system behind that.
   */
  background<T>(work: () => Promise<T>): Promise<T> {
    const { host } = this.context
    return new Promise((resolve, reject) => {
      void this.#pieces.hold('', async () => {
        await work().then(resolve, reject)
        await new Promise<void>((rested) => host.timer(0, rested))
      })
    })
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

  /** For what operators ask: another bridge may be running on the same tables by now, and would not hear of it. @throws BridgeError closed */
  checkOpen(): void {
    if (this.signal.aborted)
      throw new BridgeError('closed', `bridge ${this.context.system} is closed; decide at the one that runs`)
  }

  failed(code: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.context.report({ level: 'error', code, message: `bridge ${this.context.system}: ${reason}` })
  }
}

/** Of a type's mappings the highest. */
export function tierOf(context: Pick<BridgeContext, 'mappings'>, type: string): Tier {
  const used = mappingsOfType(context, type).map(({ tier }) => tier)
  return tiers.find((tier) => used.includes(tier)) ?? 'operational'
}

/** True for a failure of this node, which no row or record is to blame for. */
export function isOwnFailure(error: unknown): boolean {
  return error instanceof StoreError || error instanceof ReplicaClosed
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
