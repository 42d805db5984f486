/** Starts the jobs of one bridge, wakes them, and ends them. The decisions are made in the files beside this one. */
import type { ReplicaBase, Seq } from '@skerry/core'
import type { Adapter } from './adapter-port.ts'
import { Shared } from './bridge-life.ts'
import { Calls } from './calls.ts'
import { checkBridgeConfig } from './config.ts'
import type { BridgeContext, BridgeEvent, BridgeHost } from './context.ts'
import { type DeadLetter, deadLetters, loadIndex, reviveDead } from './dead-letters.ts'
import { LogFollower } from './follow.ts'
import { Gate } from './gate.ts'
import { Hints } from './hints.ts'
import { answerPair, openPairs, type PairAnswer } from './identity/answer-pair.ts'
import { type CrossReference, crossReference, crossReferences } from './identity/cross-reference.ts'
import { type MergeAsked, type Merged, merge, type Repoint } from './identity/merge.ts'
import type { Pair } from './identity/pair.ts'
import { Lane } from './lane.ts'
import {
  ALARM_AFTER_MS_DEFAULT,
  CONCURRENCY_DEFAULT,
  POLL_INTERVAL_MS_DEFAULT,
  RECONCILE_INTERVAL_MS_DEFAULT,
} from './limits.ts'
import { makeMappings } from './mapping.ts'
import type { MappingConfig } from './mapping-config.ts'
import { OutboxIndex } from './outbox-index.ts'
import { Poll } from './poll.ts'
import { unlimited, type WalkBudget } from './reconcile/budget.ts'
import { type ReconcileOptions, Reconciler } from './reconcile/reconciler.ts'
import type { WalkReport } from './reconcile/report.ts'
import { withSureVersions } from './unsure-versions.ts'
import { Watchdog } from './watchdog.ts'

export interface BridgeOptions {
  replica: ReplicaBase
  adapter: Adapter
  mappings: readonly MappingConfig[]
  host: BridgeHost
  /** The system's name, in receipts and ids; default the adapter's. Never change it: rows would be imported again. */
  name?: string | undefined
  /** Milliseconds between two polls; 0: only when `pollNow` is called. Default POLL_INTERVAL_MS_DEFAULT. */
  pollIntervalMs?: number | undefined
  /** Milliseconds without a poll that came to its end, and without a push, after which an alarm is raised; 0: never. Default ALARM_AFTER_MS_DEFAULT where the bridge polls by itself. */
  alarmAfterMs?: number | undefined
  /** Milliseconds between two reconciliations of a type; 0: only when `reconcile` is called. Default RECONCILE_INTERVAL_MS_DEFAULT for a system that does not tell of deletions, else 0. */
  reconcileIntervalMs?: number | undefined
  /** Asked before each call of a reconciliation. Default: all are allowed. */
  budget?: WalkBudget | undefined
  /** Called for each merge of two records, in its append: makes what refers to the one refer to the other. Default: nothing refers to a record. */
  repoint?: Repoint | undefined
  /** Calls under way at once. Default CONCURRENCY_DEFAULT. */
  concurrency?: number | undefined
  events?: ((event: BridgeEvent) => void) | undefined
}

export interface BridgeStats {
  /** Items that wait for a call or for its fate, and dead letters. */
  open: number
  begun: number
  dead: number
  /** Rows to be read. */
  hints: number
  callsUnderWay: number
  /** Write calls made since the start. */
  callsMade: number
  /** Milliseconds for which no call is made, as the system asked. */
  pausedMs: number
  /** Milliseconds since a poll came to its end or a push came. */
  silentMs: number
  /** That is too long, and the alarm was raised. */
  isSilent: boolean
  /** Position reached in the log, of `head`. */
  followed: Seq
  head: Seq
}

/** @throws BridgeError bridge-config; StoreError */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { replica, adapter, host, events, name = adapter.name, ...settings } = options
  const { budget = unlimited, repoint = async () => undefined, ...checked } = settings
  const config = checkBridgeConfig({ ...checked, adapter, name })
  const mappings = makeMappings(config.mappings, replica.collections)
  const context: BridgeContext = { system: name, host, mappings, report: events ?? (() => undefined) }
  const isTold = adapter.capabilities.deletions !== 'unseen'
  const {
    concurrency = CONCURRENCY_DEFAULT,
    pollIntervalMs = POLL_INTERVAL_MS_DEFAULT,
    alarmAfterMs = pollIntervalMs > 0 ? ALARM_AFTER_MS_DEFAULT : 0,
    reconcileIntervalMs = isTold ? 0 : RECONCILE_INTERVAL_MS_DEFAULT,
  } = config
  const intervals = { pollIntervalMs, alarmAfterMs, reconcileIntervalMs }
  const sure = withSureVersions(adapter, context)
  const bridge = new Bridge(context, replica, sure, { concurrency, budget, repoint, ...intervals })
  await bridge.open()
  return bridge
}

/** For `skerry.config.ts`. @throws BridgeError bridge-config; StoreError */
export function startBridgeFromConfig(
  replica: ReplicaBase,
  config: unknown,
  node: { host: BridgeHost; events?: (event: BridgeEvent) => void },
): Promise<Bridge> {
  return startBridge({ replica, ...checkBridgeConfig(config), ...node })
}

type LaneName = 'follow' | 'calls' | 'hints' | 'poll' | 'reconcile' | 'listen'

interface Settings {
  concurrency: number
  pollIntervalMs: number
  alarmAfterMs: number
  reconcileIntervalMs: number
  budget: WalkBudget
  repoint: Repoint
}

export class Bridge {
  readonly name: string
  readonly #shared: Shared
  readonly #hints: Hints
  readonly #calls: Calls
  readonly #log: LogFollower
  readonly #poll: Poll
  readonly #reconciler: Reconciler
  readonly #watchdog: Watchdog
  readonly #repoint: Repoint
  readonly #lanes: Record<LaneName, Lane>
  readonly #abort = new AbortController()
  readonly #waiters = new Set<() => void>()
  #stopFollowing: (() => void) | undefined
  #stopListening: (() => Promise<void>) | undefined
  #closed = false

  constructor(context: BridgeContext, replica: ReplicaBase, adapter: Adapter, settings: Settings) {
    this.name = context.system
    const { host } = context
    this.#shared = new Shared({
      context,
      replica,
      adapter,
      gate: new Gate(host, settings.concurrency),
      index: new OutboxIndex(host),
      signal: this.#abort.signal,
      changed: (hints) => {
        for (const hint of hints) this.#hints.add(hint)
        this.#wake('calls', 'hints')
      },
      reconcileIsDue: () => this.#wake('reconcile'),
    })
    this.#hints = new Hints(this.#shared)
    this.#log = new LogFollower(this.#shared)
    this.#calls = new Calls(this.#shared, () => {
      this.#wake('calls', 'hints')
      this.#rested()
    })
    this.#poll = new Poll(this.#shared)
    const { budget, reconcileIntervalMs: intervalMs } = settings
    this.#reconciler = new Reconciler(this.#shared, { budget, intervalMs })
    this.#watchdog = new Watchdog(context, settings.alarmAfterMs)
    this.#repoint = settings.repoint
    this.#lanes = {
      follow: this.#lane('follow', () => this.#follow()),
      calls: this.#lane('calls', () => this.#calls.run()),
      hints: this.#lane('hints', () => this.#hints.run()),
      poll: this.#lane('poll', () => this.#pollOnce(settings.pollIntervalMs)),
      reconcile: this.#lane('reconcile', () => this.#reconciler.run()),
      listen: this.#lane('listen', () => this.#listen()),
    }
  }

  /** For `startBridge`. */
  async open(): Promise<void> {
    await loadIndex(this.#shared)
    await this.#hints.load()
    this.#stopFollowing = this.#log.follower.onMore(() => this.#wake('follow'))
    this.#watchdog.start()
    this.#wake('follow', 'calls', 'hints', 'poll', 'reconcile', 'listen')
  }

  /** Asks the system for changes now; resolves when every type was listed to its end, or could not be. */
  async pollNow(): Promise<void> {
    if (this.#matches) await this.#lanes.follow.wake()
    return this.#lanes.poll.wake()
  }

  /**
   * Compares everything that the system has with what is here, and repairs what differs, by the rules that any change goes by. Resolves with a report for each type; one that cannot go on now is gone on
   * with later, also after a restart. @throws BridgeError cannot-reconcile
   */
  reconcile(options: ReconcileOptions = {}): Promise<WalkReport[]> {
    return this.#reconciler.ask(options)
  }

  /** What the last reconciliation of each type found. */
  reports(): Promise<WalkReport[]> {
    return this.#reconciler.reports()
  }

  /** Rows and records of which a person must say whether they are the same thing. */
  pairs(): Promise<Pair[]> {
    return openPairs(this.#shared)
  }

  /** @param record which of the candidates; may be left out for `same` when there is one, for `different` when none is. @throws BridgeError unknown-pair */
  pair(
    item: Pick<Pair, 'type'> & { row: { id: string } },
    answer: PairAnswer,
    record?: string,
  ): Promise<void> {
    return answerPair(this.#shared, item, answer, record)
  }

  /** The rows of a record in this system, or the record of a row; undefined when there is none. */
  crossReference(of: string | { type: string; row: string }): Promise<CrossReference | undefined> {
    return crossReference(this.#shared, of)
  }

  /** All of them, in order of type and row id. */
  crossReferences(): AsyncGenerator<CrossReference> {
    return crossReferences(this.#shared)
  }

  /** Makes one of two records that are the same thing. @throws BridgeError cannot-merge */
  merge(asked: MergeAsked): Promise<Merged> {
    return merge(this.#shared, asked, this.#repoint)
  }

  /** Resolves when the log was followed to its head, every hint looked at, no poll is running and nothing but dead letters is in the outbox. */
  async idle(): Promise<void> {
    // A commit that is just becoming known may have woken nobody yet.
    await this.#lanes.follow.wake()
    while (!this.#isIdle && !this.#closed) await new Promise<void>((resolve) => this.#waiters.add(resolve))
  }

  stats(): BridgeStats {
    const { index, gate, replica } = this.#shared
    return {
      open: index.open,
      begun: index.begun,
      dead: index.dead,
      hints: this.#hints.size,
      callsUnderWay: this.#calls.underWay,
      callsMade: this.#calls.made,
      pausedMs: gate.pauseMs,
      silentMs: this.#watchdog.silentMs,
      isSilent: this.#watchdog.isSilent,
      followed: this.#log.position,
      head: replica.head,
    }
  }

  /** Writes that cannot succeed by themselves, with the system's reasons. */
  deadLetters(): Promise<DeadLetter[]> {
    return deadLetters(this.#shared)
  }

  /** Tries a dead letter again, as the record is now. @returns false when there is none of this record */
  retry(record: string): Promise<boolean> {
    return reviveDead(this.#shared, record)
  }

  /** Ends calls under way (their fate is found out at the next start), then resolves. The replica stays open. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopFollowing?.()
    this.#watchdog.stop()
    this.#abort.abort()
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.stop()))
    await this.#calls.drained()
    await this.#stopListening?.()
    this.#reconciler.end()
    this.#tellWaiters()
  }

  get #isIdle(): boolean {
    const { listen: _, ...lanes } = this.#lanes
    const isBusy = Object.values(lanes).some((lane) => lane.isRunning) || this.#calls.underWay > 0
    return !isBusy && this.#shared.index.open === 0 && this.#hints.size === 0
  }

  /** Types that are matched wait for the log. */
  async #follow(): Promise<undefined> {
    const { hasFollowed } = this.#shared
    await this.#log.run()
    if (!hasFollowed && this.#matches) this.#wake('poll', 'reconcile')
  }

  get #matches(): boolean {
    return this.#shared.context.mappings.some(({ match }) => match.length > 0)
  }

  async #pollOnce(intervalMs: number): Promise<number | undefined> {
    const waitMs = await this.#poll.run()
    if (waitMs !== undefined) return waitMs
    this.#watchdog.heard()
    return this.#pollDelay(intervalMs)
  }

  async #listen(): Promise<undefined> {
    const { adapter, call } = this.#shared
    if (!adapter.listen || this.#stopListening) return
    const stop = await adapter.listen((hint) => {
      this.#watchdog.heard()
      this.#hints.add({ ...hint })
      this.#wake('hints')
    }, call)
    this.#stopListening = stop
  }

  /** Spread by a tenth, so that the bridges of many spaces do not ask in one moment. */
  #pollDelay(intervalMs: number): number | undefined {
    if (intervalMs === 0) return undefined
    const [byte = 0] = this.#shared.context.host.random(1)
    return Math.round(intervalMs * (0.9 + byte / 1275))
  }

  #lane(name: string, run: () => Promise<number | undefined>): Lane {
    return new Lane({
      host: this.#shared.context.host,
      run,
      failed: (error) => this.#shared.failed(`${name}-failed`, error),
      rested: () => this.#rested(),
    })
  }

  #wake(...lanes: LaneName[]): void {
    for (const lane of lanes) void this.#lanes[lane].wake()
  }

  #rested(): void {
    if (this.#isIdle) this.#tellWaiters()
  }

  #tellWaiters(): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const tell of waiters) tell()
  }
}
