/** Starts the jobs of one bridge, wakes them, and ends them. The decisions are made in the files beside this one. */
import type { ReplicaBase, Seq } from '@skerry/core'
import type { Adapter } from './adapter-port.ts'
import { Shared } from './bridge-life.ts'
import { Budget, type BudgetState } from './budget/budget.ts'
import type { BudgetConfig } from './budget/budget-config.ts'
import { Calls } from './calls.ts'
import { checkBridgeConfig } from './config.ts'
import { type BridgeContext, type BridgeEvent, type BridgeHost, mappingOfRecord } from './context.ts'
import { type DeadLetter, deadLetters, loadIndex, type RetryChoice, retryDead } from './dead-letters.ts'
import { approve } from './delivery/approvals.ts'
import type { BreakerState } from './delivery/breaker.ts'
import type { Choice } from './delivery/choice.ts'
import type { Planned } from './delivery/planned.ts'
import type { Tier } from './delivery/tiers.ts'
import { LogFollower } from './follow.ts'
import { Gate } from './gate.ts'
import { Hints } from './hints.ts'
import { Lane } from './lane.ts'
import { CONCURRENCY_DEFAULT, POLL_INTERVAL_MS_DEFAULT } from './limits.ts'
import { makeMappings } from './mapping.ts'
import type { MappingConfig } from './mapping-config.ts'
import { OutboxIndex, type TierQueue } from './outbox-index.ts'
import { Poll } from './poll.ts'

export interface BridgeOptions {
  replica: ReplicaBase
  adapter: Adapter
  mappings: readonly MappingConfig[]
  host: BridgeHost
  /** The system's name, in receipts and ids; default the adapter's. Never change it: rows would be imported again. */
  name?: string | undefined
  /** Milliseconds between two polls; 0: only when `pollNow` is called. Default POLL_INTERVAL_MS_DEFAULT. */
  pollIntervalMs?: number | undefined
  /** Calls under way at once. Default CONCURRENCY_DEFAULT. */
  concurrency?: number | undefined
  /** What the account allows; a `Budget` is shared by all bridges that are given it. Default: what answers tell. */
  budget?: Budget | BudgetConfig | undefined
  events?: ((event: BridgeEvent) => void) | undefined
}

export interface BridgeStats {
  /** Items that wait for a call or for its fate, dead letters, and items that wait for approval. */
  open: number
  begun: number
  dead: number
  held: number
  /** The open ones by tier, and how old the oldest edit among them is. */
  tiers: Record<Tier, TierQueue>
  /** Rows to be read. */
  hints: number
  callsUnderWay: number
  /** Write calls made since the start. */
  callsMade: number
  /** Milliseconds for which no call is made, as the system asked or because it does not answer. */
  pausedMs: number
  breaker: BreakerState
  /** Calls that write which may be under way at once just now. */
  width: number
  /** Writes in one batch just now, by type. */
  batchSizes: Record<string, number>
  budget: BudgetState
  /** Position reached in the log, of `head`. */
  followed: Seq
  head: Seq
}

/** @throws BridgeError bridge-config; StoreError */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { replica, adapter, host, events, name = adapter.name, ...settings } = options
  const config = checkBridgeConfig({ ...settings, adapter, name })
  const mappings = makeMappings(config.mappings, replica.collections)
  const context: BridgeContext = { system: name, host, mappings, report: events ?? (() => undefined) }
  const { concurrency = CONCURRENCY_DEFAULT, pollIntervalMs = POLL_INTERVAL_MS_DEFAULT } = config
  const { budget = {} } = config
  const bridge = new Bridge(context, replica, adapter, {
    concurrency,
    pollIntervalMs,
    budget: budget instanceof Budget ? budget : new Budget(budget, host),
  })
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

type LaneName = 'follow' | 'ahead' | 'calls' | 'hints' | 'poll' | 'listen'

export class Bridge {
  readonly name: string
  readonly #shared: Shared
  readonly #hints: Hints
  readonly #calls: Calls
  readonly #log: LogFollower
  readonly #lanes: Record<LaneName, Lane>
  readonly #abort = new AbortController()
  readonly #waiters = new Set<() => void>()
  #stopFollowing: (() => void) | undefined
  #stopHearing: (() => void) | undefined
  #stopListening: (() => Promise<void>) | undefined
  #closed = false

  constructor(
    context: BridgeContext,
    replica: ReplicaBase,
    adapter: Adapter,
    settings: { concurrency: number; pollIntervalMs: number; budget: Budget },
  ) {
    this.name = context.system
    const { host, system, report } = context
    const { concurrency, budget } = settings
    const hasCritical = context.mappings.some((mapping) => mapping.hasCritical)
    budget.join({ credentials: adapter.capabilities.credentials, hasCritical })
    this.#shared = new Shared({
      context,
      replica,
      adapter,
      gate: new Gate({ host, system, report, concurrency, budget, hasCritical }),
      index: new OutboxIndex(host, (record) => mappingOfRecord(context, record)),
      signal: this.#abort.signal,
      changed: (hints) => {
        for (const hint of hints) this.#hints.add(hint)
        this.#wake('calls', 'hints')
      },
    })
    this.#hints = new Hints(this.#shared)
    this.#log = new LogFollower(this.#shared)
    this.#calls = new Calls(this.#shared, () => {
      this.#wake('calls', 'hints')
      this.#rested()
    })
    const poll = new Poll(this.#shared)
    this.#lanes = {
      follow: this.#lane('follow', () => this.#log.run()),
      ahead: this.#lane('ahead', () => this.#log.runAhead()),
      calls: this.#lane('calls', () => this.#calls.run()),
      hints: this.#lane('hints', () => this.#hints.run()),
      poll: this.#lane('poll', async () => (await poll.run()) ?? this.#pollDelay(settings.pollIntervalMs)),
      listen: this.#lane('listen', () => this.#listen()),
    }
  }

  /** For `startBridge`. */
  async open(): Promise<void> {
    await loadIndex(this.#shared)
    await this.#hints.load()
    this.#stopFollowing = this.#shared.replica.onCommit(({ changes }) => {
      if (this.#log.hear(changes)) this.#wake('ahead')
      this.#wake('follow')
    })
    this.#stopHearing = this.#shared.gate.budget.onRoom(() => this.#wake('calls'))
    this.#wake('follow', 'calls', 'hints', 'poll', 'listen')
  }

  /** Asks the system for changes now; resolves when every type was listed to its end, or could not be. */
  pollNow(): Promise<void> {
    return this.#lanes.poll.wake()
  }

  /** Resolves when the log was followed to its head, every hint looked at, no poll is running and nothing is in the outbox but dead letters and what waits for approval. */
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
      held: index.held,
      tiers: index.queues(),
      hints: this.#hints.size,
      callsUnderWay: this.#calls.underWay,
      callsMade: this.#calls.made,
      pausedMs: gate.pauseMs,
      breaker: gate.breaker.state,
      width: gate.width,
      batchSizes: this.#calls.batchSizes,
      budget: gate.budget.state(),
      followed: this.#log.position,
      head: replica.head,
    }
  }

  /** Writes that cannot succeed by themselves, with the system's reasons. */
  deadLetters(): Promise<DeadLetter[]> {
    return deadLetters(this.#shared)
  }

  /** Tries a dead letter again, as the record is now. @returns what is sent for it; undefined when there is none of this record */
  async retry(record: string, options: { dryRun?: boolean } = {}): Promise<Planned | undefined> {
    return (await retryDead(this.#shared, { ...options, records: [record] }))[0]
  }

  /** Tries dead letters again, all or those meant. @returns what is sent for each, or with `dryRun` would be */
  retryAll(choice: RetryChoice = {}): Promise<Planned[]> {
    return retryDead(this.#shared, choice)
  }

  /** Lets writes of the tier `reference` go, all that wait or those meant. @returns what may now be sent, or with `dryRun` what waits */
  approve(choice: Choice = {}): Promise<Planned[]> {
    return approve(this.#shared, choice)
  }

  /** Ends calls under way (their fate is found out at the next start), then resolves. The replica stays open. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopFollowing?.()
    this.#stopHearing?.()
    this.#abort.abort()
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.stop()))
    await this.#calls.drained()
    await this.#stopListening?.()
    this.#tellWaiters()
  }

  get #isIdle(): boolean {
    const { follow, ahead, calls, hints, poll } = this.#lanes
    const busy =
      [follow, ahead, calls, hints, poll].some((lane) => lane.isRunning) || this.#calls.underWay > 0
    return !busy && this.#shared.index.open === 0 && this.#hints.size === 0
  }

  async #listen(): Promise<undefined> {
    const { adapter, call } = this.#shared
    if (!adapter.listen || this.#stopListening) return
    const stop = await adapter.listen((hint) => {
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
