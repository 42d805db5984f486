/**
 * Starts the jobs of one bridge, wakes them, and ends them. The decisions are made in the files beside this one. It is long because all that a program or an operator can ask of a bridge is a method here, each
 * a line or two and its contract.
 */
import type { ReplicaBase } from '@skerry/core'
import type { Adapter } from './adapter-port.ts'
import type { AuditConfig } from './audit/audit-config.ts'
import { AuditLog } from './audit/audit-log.ts'
import { BridgeAudit } from './audit/bridge-audit.ts'
import { mappingsHash, tellSwitched } from './audit/switched.ts'
import { BridgeError } from './bridge-error.ts'
import { Shared } from './bridge-life.ts'
import type { BridgeOptions } from './bridge-options.ts'
import type { BridgeStats } from './bridge-stats.ts'
import { Budget } from './budget/budget.ts'
import { Calls } from './calls.ts'
import { mappingOfRecord } from './choose-mapping.ts'
import { checkBridgeConfig } from './config.ts'
import { hintFor } from './config-issue.ts'
import type { BridgeContext, BridgeEvent, BridgeHost } from './context.ts'
import {
  type DeadLetter,
  deadLetters,
  loadIndex,
  type ParkedRecord,
  parkedRecords,
  type RetryChoice,
  retryDead,
} from './dead-letters.ts'
import { approve, type RefuseChoice, refuse } from './delivery/approvals.ts'
import { type Choice, SOMEBODY } from './delivery/choice.ts'
import type { Planned } from './delivery/planned.ts'
import { Dependants } from './dependants.ts'
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
  SCHEMA_INTERVAL_MS_DEFAULT,
} from './limits.ts'
import { dueOfDeferred } from './mapping/mode.ts'
import { type Mapping, makeMappings } from './mapping.ts'
import { OutboxIndex } from './outbox-index.ts'
import { Poll } from './poll.ts'
import { erase } from './privacy/erase.ts'
import { keyOf } from './privacy/hash-key.ts'
import { hasherOf } from './privacy/hmac.ts'
import { rewriteWithheld } from './privacy/rewrite.ts'
import { withheldBy } from './privacy/withheld.ts'
import { release } from './push-now.ts'
import { unlimited, type WalkBudget } from './reconcile/budget.ts'
import { type ReconcileOptions, Reconciler } from './reconcile/reconciler.ts'
import type { WalkReport } from './reconcile/report.ts'
import { reviewAgain } from './review/again.ts'
import { type Conflicts, readConflicts } from './review/conflicts.ts'
import { type Decision, type DecisionOptions, decideReview } from './review/decision.ts'
import { listReviews, type Review, type ReviewsOptions } from './review/list.ts'
import { type PausedMapping, SchemaGuard } from './schema/guard.ts'
import { type ReadAgainChoice, readAgain, type UnreadRow, unreadRows } from './unread-rows.ts'
import { withSureVersions } from './unsure-versions.ts'
import { Watchdog } from './watchdog.ts'

/** @throws BridgeError bridge-config; StoreError */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { replica, adapter, host, events, name = adapter.name, ...settings } = options
  const { walkBudget = unlimited, repoint = async () => undefined, ...checked } = settings
  const { hashKey } = checked
  const config = checkBridgeConfig({ ...checked, adapter, name })
  const hash = hashKey === undefined ? undefined : hasherOf(host, name, keyOf(hashKey))
  const mappings = makeMappings(config.mappings, replica.collections, name, hash)
  const paused = new Set<Mapping>()
  const context: BridgeContext = { system: name, host, mappings, paused, report: events ?? (() => undefined) }
  const isTold = adapter.capabilities.deletions !== 'unseen'
  const {
    concurrency = CONCURRENCY_DEFAULT,
    pollIntervalMs = POLL_INTERVAL_MS_DEFAULT,
    alarmAfterMs = pollIntervalMs > 0 ? ALARM_AFTER_MS_DEFAULT : 0,
    reconcileIntervalMs = isTold ? 0 : RECONCILE_INTERVAL_MS_DEFAULT,
    schemaIntervalMs = pollIntervalMs > 0 ? SCHEMA_INTERVAL_MS_DEFAULT : 0,
    budget: limits = {},
    audit = {},
  } = config
  const budget = limits instanceof Budget ? limits : new Budget(limits, host)
  const intervals = { pollIntervalMs, alarmAfterMs, reconcileIntervalMs, schemaIntervalMs }
  const sure = withSureVersions(adapter, context)
  const bridge = new Bridge(context, replica, sure, {
    concurrency,
    budget,
    walkBudget,
    repoint,
    paused,
    audit,
    mappingsHash: mappingsHash(host, config.mappings),
    ...intervals,
  })
  for (const message of mappings.flatMap(({ warnings }) => warnings))
    context.report({ level: 'warn', code: 'mapping-warning', message })
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

type LaneName =
  | 'schema'
  | 'follow'
  | 'ahead'
  | 'calls'
  | 'hints'
  | 'dependants'
  | 'poll'
  | 'reconcile'
  | 'listen'
  | 'retention'

interface Settings {
  concurrency: number
  pollIntervalMs: number
  alarmAfterMs: number
  reconcileIntervalMs: number
  schemaIntervalMs: number
  /** The context's. */
  paused: Set<Mapping>
  budget: Budget
  walkBudget: WalkBudget
  repoint: Repoint
  audit: AuditConfig | false
  mappingsHash: string
}

export class Bridge {
  readonly name: string
  /** What was done, and by whom: verified, told, cut and erased. */
  readonly audit: BridgeAudit
  readonly #shared: Shared
  readonly #hints: Hints
  readonly #calls: Calls
  readonly #dependants: Dependants
  readonly #log: LogFollower
  readonly #poll: Poll
  readonly #reconciler: Reconciler
  readonly #watchdog: Watchdog
  readonly #guard: SchemaGuard
  readonly #repoint: Repoint
  readonly #mappingsHash: string
  readonly #lanes: Record<LaneName, Lane>
  readonly #abort = new AbortController()
  readonly #waiters = new Set<() => void>()
  #stopFollowing: (() => void) | undefined
  #stopHearing: (() => void) | undefined
  #stopListening: (() => Promise<void>) | undefined
  #closed = false
  /** The first reading of the schema has ended, well or not; undefined where there is none. */
  #schemaSeen: Promise<void> | undefined

  constructor(context: BridgeContext, replica: ReplicaBase, adapter: Adapter, settings: Settings) {
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
      index: new OutboxIndex(
        host,
        (record, type) => {
          const mapping = mappingOfRecord(context, record, type)
          return mapping && settings.paused.has(mapping) ? { ...mapping, isPaused: true } : mapping
        },
        (record, item) => {
          const mapping = mappingOfRecord(context, record, item.type)
          return mapping ? dueOfDeferred(mapping.mode, item, host.now()) : item.dueAt
        },
      ),
      signal: this.#abort.signal,
      audit: settings.audit
        ? new AuditLog({
            host,
            keepsValues: settings.audit.values === 'kept',
            withheld: withheldBy(context.mappings),
          })
        : undefined,
      changed: (tables) => {
        for (const hint of tables.newHints) this.#hints.add(hint)
        if (tables.changedItems.size > 0 || tables.newHints.length > 0) this.#wake('calls', 'hints')
        if (this.#dependants.heard(tables)) this.#wake('dependants')
        if (tables.hasSetAside) this.#wake('schema')
      },
      reconcileIsDue: () => this.#wake('reconcile'),
    })
    this.audit = new BridgeAudit(this.#shared, settings.audit)
    this.#hints = new Hints(this.#shared)
    this.#dependants = new Dependants(this.#shared)
    this.#log = new LogFollower(this.#shared)
    this.#calls = new Calls(this.#shared, () => {
      this.#wake('calls', 'hints')
      this.#rested()
    })
    this.#poll = new Poll(this.#shared)
    const { walkBudget, reconcileIntervalMs: intervalMs } = settings
    this.#reconciler = new Reconciler(this.#shared, { budget: walkBudget, intervalMs })
    this.#watchdog = new Watchdog(context, settings.alarmAfterMs)
    this.#repoint = settings.repoint
    this.#guard = new SchemaGuard({
      shared: this.#shared,
      paused: settings.paused,
      resumed: async () => {
        await this.#hints.load()
        this.#wake('calls', 'hints', 'poll', 'reconcile', 'dependants')
      },
    })
    this.#shared.vet = (rows, sent) => this.#guard.vet(rows, sent)
    this.#shared.suspect = () => this.#guard.suspect()
    this.#mappingsHash = settings.mappingsHash
    this.#lanes = {
      schema: this.#lane('schema', () => this.#guard.run(settings.schemaIntervalMs)),
      follow: this.#lane('follow', () => this.#follow()),
      ahead: this.#lane('ahead', () => this.#log.runAhead()),
      calls: this.#lane('calls', () => this.#once(() => this.#calls.run())),
      hints: this.#lane('hints', () => this.#once(() => this.#hints.run())),
      dependants: this.#lane('dependants', () => this.#dependants.run()),
      poll: this.#lane('poll', () => this.#once(() => this.#pollOnce(settings.pollIntervalMs))),
      reconcile: this.#lane('reconcile', () => this.#once(() => this.#reconciler.run())),
      listen: this.#lane('listen', () => this.#listen()),
      retention: this.#lane('retention', () => this.audit.cutOld()),
    }
  }

  /** For `startBridge`. */
  async open(): Promise<void> {
    await this.#guard.load()
    await tellSwitched(this.#shared, this.#mappingsHash)
    await rewriteWithheld(this.#shared)
    await loadIndex(this.#shared)
    await this.#hints.load()
    await this.#dependants.load()
    await reviewAgain(this.#shared)
    this.#stopFollowing = this.#shared.replica.onCommit(({ changes }) => {
      if (this.#log.hear(changes)) this.#wake('ahead')
      this.#wake('follow')
      if (this.#dependants.lookAtQuarantine()) this.#wake('dependants')
    })
    this.#stopHearing = this.#shared.gate.budget.onRoom(() => this.#wake('calls'))
    this.#watchdog.start()
    if (!this.#guard.isBlind) this.#schemaSeen = this.#lanes.schema.wake()
    this.#wake('follow', 'calls', 'hints', 'dependants', 'poll', 'reconcile', 'listen', 'retention')
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
  async reconcile(options: ReconcileOptions = {}): Promise<WalkReport[]> {
    if (this.#matches) await this.#lanes.follow.wake()
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
    { by = SOMEBODY }: DecisionOptions = {},
  ): Promise<void> {
    return answerPair(this.#shared, item, { answer, record, by })
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

  /**
   * Lets go what the mode of its mapping keeps waiting: a quiet period, a schedule, or just this call. Edits made before it are part of it.
   * @param collection only its records
   * @returns how many records @throws BridgeError bridge-config for a collection that no mapping has
   */
  async pushNow(collection?: string): Promise<number> {
    const known = this.#shared.context.mappings.map((mapping) => mapping.collection.name)
    if (collection !== undefined && !known.includes(collection))
      throw new BridgeError(
        'bridge-config',
        `pushNow('${collection}'): no mapping is of that collection; ${hintFor(collection, known)}`,
      )
    await this.#lanes.follow.wake()
    return release(this.#shared, collection)
  }

  /**
   * Resolves when the log was followed to its head, every hint looked at, no poll is running and nothing is in the outbox but dead letters, what waits for approval or for other records,
   * and what its mapping's mode holds.
   */
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
      deferred: index.deferred,
      parked: index.parked,
      paused: index.paused,
      mappingsPaused: this.#guard.paused.length,
      tiers: index.queues(),
      contended: index.contended,
      reviews: this.#shared.underReview.size,
      unread: this.#shared.unread.size,
      hints: this.#hints.size,
      callsUnderWay: this.#calls.underWay,
      callsMade: this.#calls.made,
      pausedMs: gate.pauseMs,
      breaker: gate.breaker.state,
      width: gate.width,
      batchSizes: this.#calls.batchSizes,
      budget: gate.budget.state(),
      silentMs: this.#watchdog.silentMs,
      isSilent: this.#watchdog.isSilent,
      walks: this.#reconciler.open,
      followed: this.#log.position,
      head: replica.head,
    }
  }

  /** Mappings that do not fit the system's schema, and why. They go on by themselves once they do. */
  pausedMappings(): PausedMapping[] {
    return this.#guard.paused
  }

  /** Reads the system's schema now, and pauses or resumes what that asks for. */
  async checkSchema(): Promise<void> {
    await this.#guard.look()
  }

  /** Writes that cannot succeed by themselves, with the system's reasons. */
  deadLetters(): Promise<DeadLetter[]> {
    return deadLetters(this.#shared)
  }

  /** Records that wait for the rows of others, with the reasons. */
  parked(): Promise<ParkedRecord[]> {
    return parkedRecords(this.#shared)
  }

  /** Tries a dead letter again, as the record is now. @returns what is sent for it; undefined when there is none of this record @throws BridgeError closed */
  async retry(record: string, options: Pick<Choice, 'dryRun' | 'by'> = {}): Promise<Planned | undefined> {
    return (await retryDead(this.#shared, { ...options, records: [record] }))[0]
  }

  /** Tries dead letters again, all or those meant. @returns what is sent for each, or with `dryRun` would be @throws BridgeError closed; what was tried until then stays so */
  retryAll(choice: RetryChoice = {}): Promise<Planned[]> {
    return retryDead(this.#shared, choice)
  }

  /** Rows that could not be taken in, with the reasons. */
  unread(): Promise<UnreadRow[]> {
    return unreadRows(this.#shared)
  }

  /** Reads rows again that could not be taken in, all or those meant. @returns which are read, or with `dryRun` would be @throws BridgeError closed */
  readAgain(choice: ReadAgainChoice = {}): Promise<UnreadRow[]> {
    return readAgain(this.#shared, choice)
  }

  /** Lets writes of the tier `reference` go, all that wait or those meant. @returns what may now be sent, or with `dryRun` what waits @throws BridgeError closed */
  approve(choice: Choice = {}): Promise<Planned[]> {
    return approve(this.#shared, choice)
  }

  /** Writes of the tier `reference` that shall not be made, as they are now: dead letters, with a receipt. @returns what is not sent, or with `dryRun` what waits @throws BridgeError closed */
  refuse(choice: RefuseChoice = {}): Promise<Planned[]> {
    return refuse(this.#shared, choice)
  }

  /** Conflicts that wait for a person, by record; those of one record, or a page of all. */
  reviews(options: ReviewsOptions = {}): Promise<Review[]> {
    return listReviews(this.#shared, options)
  }

  /**
   * Decides a review as it was read: ours or theirs stands on both sides, or another value.
   * @throws BridgeError review-changed, review-value, closed
   */
  async resolve(
    review: Pick<Review, 'record' | 'field' | 'version'>,
    decision: Decision,
    { by = SOMEBODY }: DecisionOptions = {},
  ): Promise<void> {
    const { context } = this.#shared
    await this.#shared.transact((tables) => {
      this.#shared.checkOpen()
      return decideReview(context, tables, { review, decision, by })
    })
  }

  /**
   * What the bridge keeps of what a record said goes, once it is deleted on both sides (SPEC B-162). @param options.by who erases
   * @throws BridgeError cannot-erase, closed
   */
  erase(record: string, { by = SOMEBODY }: DecisionOptions = {}): Promise<void> {
    return erase(this.#shared, record, by)
  }

  /** How often what was in conflict, how it ended, and rules that would have decided as people did. */
  conflicts(): Promise<Conflicts> {
    return readConflicts(this.#shared)
  }

  /** Ends calls under way (their fate is found out at the next start), then resolves. The replica stays open. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopFollowing?.()
    this.#stopHearing?.()
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
    return !isBusy && this.#shared.index.open === 0 && this.#hints.size === 0 && this.#dependants.isIdle
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

  /** Nothing is called before the schema was read, as far as it can be. */
  #once<T>(run: () => Promise<T>): Promise<T> {
    return this.#schemaSeen ? this.#schemaSeen.then(run) : run()
  }

  async #pollOnce(intervalMs: number): Promise<number | undefined> {
    if (this.#guard.hasPaused) await this.#guard.look()
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
