/** Starts the jobs of one bridge, wakes them, and ends them. The decisions are made in the files beside this one. */
import type { ReplicaBase, Seq } from '@skerry/core'
import type { Adapter } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { Shared } from './bridge-life.ts'
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
  reviveDead,
} from './dead-letters.ts'
import { Dependants } from './dependants.ts'
import { LogFollower } from './follow.ts'
import { Gate } from './gate.ts'
import { Hints } from './hints.ts'
import { Lane } from './lane.ts'
import { CONCURRENCY_DEFAULT, POLL_INTERVAL_MS_DEFAULT } from './limits.ts'
import type { MappingFile } from './mapping/file.ts'
import { dueOfHeld } from './mapping/mode.ts'
import { makeMappings } from './mapping.ts'
import type { MappingConfig } from './mapping-config.ts'
import type { Waiting } from './outbox.ts'
import { OutboxIndex } from './outbox-index.ts'
import { Poll } from './poll.ts'
import { release } from './push-now.ts'

export interface BridgeOptions {
  replica: ReplicaBase
  adapter: Adapter
  /** In TypeScript, or of a file (`parseMappings`). */
  mappings: readonly MappingConfig[] | MappingFile
  host: BridgeHost
  /** The system's name, in receipts and ids; default the adapter's. Never change it: rows would be imported again. */
  name?: string | undefined
  /** Milliseconds between two polls; 0: only when `pollNow` is called. Default POLL_INTERVAL_MS_DEFAULT. */
  pollIntervalMs?: number | undefined
  /** Calls under way at once. Default CONCURRENCY_DEFAULT. */
  concurrency?: number | undefined
  events?: ((event: BridgeEvent) => void) | undefined
}

export interface BridgeStats {
  /** Items that wait for a call or for its fate, and dead letters. */
  open: number
  begun: number
  dead: number
  /** Items that wait for another record's row. */
  parked: number
  /** Items that wait for their mapping's schedule, or for `pushNow`. */
  held: number
  /** Rows to be read. */
  hints: number
  callsUnderWay: number
  /** Write calls made since the start. */
  callsMade: number
  /** Milliseconds for which no call is made, as the system asked. */
  pausedMs: number
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
  const bridge = new Bridge(context, replica, adapter, { concurrency, pollIntervalMs })
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

type LaneName = 'follow' | 'calls' | 'hints' | 'dependants' | 'poll' | 'listen'

export class Bridge {
  readonly name: string
  readonly #shared: Shared
  readonly #hints: Hints
  readonly #calls: Calls
  readonly #dependants: Dependants
  readonly #log: LogFollower
  readonly #lanes: Record<LaneName, Lane>
  readonly #abort = new AbortController()
  readonly #waiters = new Set<() => void>()
  #stopFollowing: (() => void) | undefined
  #stopListening: (() => Promise<void>) | undefined
  #closed = false

  constructor(
    context: BridgeContext,
    replica: ReplicaBase,
    adapter: Adapter,
    settings: { concurrency: number; pollIntervalMs: number },
  ) {
    this.name = context.system
    const { host } = context
    this.#shared = new Shared({
      context,
      replica,
      adapter,
      gate: new Gate(host, settings.concurrency),
      index: new OutboxIndex(host, (record, item) => this.#dueOfHeld(record, item)),
      signal: this.#abort.signal,
      changed: (tables) => {
        for (const hint of tables.newHints) this.#hints.add(hint)
        if (tables.changedItems.size > 0 || tables.newHints.length > 0) this.#wake('calls', 'hints')
        if (this.#dependants.heard(tables)) this.#wake('dependants')
      },
    })
    this.#dependants = new Dependants(this.#shared)
    this.#hints = new Hints(this.#shared)
    this.#log = new LogFollower(this.#shared)
    this.#calls = new Calls(this.#shared, () => {
      this.#wake('calls', 'hints')
      this.#rested()
    })
    const poll = new Poll(this.#shared)
    this.#lanes = {
      follow: this.#lane('follow', () => this.#log.run()),
      calls: this.#lane('calls', () => this.#calls.run()),
      hints: this.#lane('hints', () => this.#hints.run()),
      dependants: this.#lane('dependants', () => this.#dependants.run()),
      poll: this.#lane('poll', async () => (await poll.run()) ?? this.#pollDelay(settings.pollIntervalMs)),
      listen: this.#lane('listen', () => this.#listen()),
    }
  }

  /** For `startBridge`. */
  async open(): Promise<void> {
    await loadIndex(this.#shared)
    await this.#hints.load()
    await this.#dependants.load()
    this.#stopFollowing = this.#log.follower.onMore(() => this.#wake('follow'))
    this.#wake('follow', 'calls', 'hints', 'dependants', 'poll', 'listen')
  }

  /** Asks the system for changes now; resolves when every type was listed to its end, or could not be. */
  pollNow(): Promise<void> {
    return this.#lanes.poll.wake()
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
   * Resolves when the log was followed to its head, every hint looked at, no poll is running and nothing is in the outbox but dead letters, what waits for other records, and
   * what its mapping's mode holds.
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
      parked: index.parked,
      held: index.held,
      hints: this.#hints.size,
      callsUnderWay: this.#calls.underWay,
      callsMade: this.#calls.made,
      pausedMs: gate.pauseMs,
      followed: this.#log.position,
      head: replica.head,
    }
  }

  /** Writes that cannot succeed by themselves, with the system's reasons. */
  deadLetters(): Promise<DeadLetter[]> {
    return deadLetters(this.#shared)
  }

  /** Records that wait for the rows of others, with the reasons. */
  parked(): Promise<ParkedRecord[]> {
    return parkedRecords(this.#shared)
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
    this.#abort.abort()
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.stop()))
    await this.#calls.drained()
    await this.#stopListening?.()
    this.#tellWaiters()
  }

  get #isIdle(): boolean {
    const { listen: _, ...lanes } = this.#lanes
    const busy = Object.values(lanes).some(({ isRunning }) => isRunning) || this.#calls.underWay > 0
    return !busy && this.#shared.index.open === 0 && this.#hints.size === 0 && this.#dependants.isIdle
  }

  #dueOfHeld(record: string, item: Waiting): number | undefined {
    const { context } = this.#shared
    const mapping = mappingOfRecord(context, record, item.held)
    return mapping && dueOfHeld(mapping.mode, item, context.host.now())
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
