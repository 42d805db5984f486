/**
 * The one writer of a replica. Turns queue up; those that wait together share one commit, so that a burst of edits costs one sync of the disk.
 * A turn's promise resolves after its decisions are durable, and only then does anybody hear of them.
 */
import type { Host } from '../host.ts'
import type { Collection } from '../records/collection.ts'
import { type Batch, type Seq, type Store, StoreDamage } from '../store/port.ts'
import type { SoundLog } from '../store/sound-log.ts'
import type { Isolation } from './isolation.ts'
import { NotYet } from './not-yet.ts'
import { Pending, type RecordChange } from './pending.ts'
import type { RecordCache } from './record-cache.ts'
import type { ShippedViews, UnverifiedChange } from './shipped-views.ts'
import { Turn, type Writing } from './turn.ts'

/** Turns that may share a commit: bounds the bytes held in memory and the time until the first is answered. */
const TURNS_PER_COMMIT_MAX = 512
/** Times one turn may be run: each time it has met a heavy record that no turn met before. */
const RUNS_PER_TURN_MAX = 100
/** Entries after which a commit is closed. */
const ENTRIES_PER_COMMIT_MAX = 4096

export interface Commit {
  head: Seq
  changes: RecordChange[]
  /** Records that queries show by the hub's view alone: those that began to be shown, and those that ceased to. */
  unverified: Iterable<UnverifiedChange>
  /** Records of `changes` that were shown by a view until now, and are just what it said. */
  confirmed: ReadonlySet<string>
  /** Tables that were written. */
  tables: ReadonlySet<string>
  /** Channels in which entries or marks were added. */
  channels: ReadonlySet<string>
}

interface Waiting {
  run(turn: Turn): Promise<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
  /** Times it was run. */
  runs: number
  /** It does not wait with the others for the replica to be open for turns. */
  isFirst: boolean
}

/** A turn whose decisions wait for the commit. */
interface Done {
  waiting: Waiting
  value: unknown
}

export class ReplicaClosed extends Error {
  override readonly name = 'ReplicaClosed'
  readonly code = 'replica-closed'
}

export interface WriterOptions {
  host: Host
  store: Store
  soundLog: SoundLog
  cache: RecordCache
  collections: ReadonlyMap<string, Collection>
  isolation: Isolation
  head: Seq
  shipped: ShippedViews
  identity: Writing
  /** Resolves when a row that cannot be read is made anew; rejects when it cannot be. */
  remadeRow(record: string): Promise<void>
  /** A listener threw. What it was told of is durable all the same, and the others are told too. */
  listenerFailed(error: unknown): void
}

export class Writer {
  readonly #options: WriterOptions
  readonly #queue: Waiting[] = []
  /** What is run while the others wait. */
  readonly #first: Waiting[] = []
  /** What is run again, before what came since. */
  readonly #again: Waiting[] = []
  readonly #listeners = new Set<(commit: Commit) => void>()
  #head: Seq
  #running: Promise<void> | undefined
  /** Turns that are run again when this is done. */
  readonly #settling = new Set<Promise<void>>()
  #inTurn = false
  /** Turns are run; until `open` they wait. */
  #isOpen = false
  /** Why none will be. */
  #failure: unknown
  #closed = false

  constructor(options: WriterOptions) {
    this.#options = options
    this.#head = options.head
  }

  get head(): Seq {
    return this.#head
  }

  /** A turn is being run: whoever waits for another one now may be what that waits for. */
  get isInTurn(): boolean {
    return this.#inTurn
  }

  /**
   * `run` may be run more than once: what it decides counts once. Waits for `open`. @throws whatever `run` throws, StoreError when the commit failed, ReplicaClosed
   */
  run<T>(run: (turn: Turn) => Promise<T>): Promise<T> {
    return this.#ask(run, false)
  }

  /** As `run`, for what must come before other turns, or cannot wait for them: once the engine is there, also before `open`. */
  runFirst<T>(run: (turn: Turn) => Promise<T>): Promise<T> {
    return this.#ask(run, true)
  }

  #ask<T>(run: (turn: Turn) => Promise<T>, isFirst: boolean): Promise<T> {
    if (this.#closed) return Promise.reject(closed())
    if (this.#failure !== undefined && !isFirst) return Promise.reject(this.#failure)
    return new Promise<T>((resolve, reject) => {
      const waiting = { run, resolve: resolve as (value: unknown) => void, reject, runs: 0, isFirst }
      this.#enqueue(waiting, this.#queue)
    })
  }

  #enqueue(waiting: Waiting, queue: Waiting[]): void {
    const isBeforeOpen = waiting.isFirst && !this.#isOpen
    const into = isBeforeOpen ? this.#first : queue
    into.push(waiting)
    this.#go()
  }

  #go(): void {
    if (this.#hasWork) this.#running ??= this.#drain()
  }

  get #hasWork(): boolean {
    return this.#first.length > 0 || (this.#isOpen && this.#again.length + this.#queue.length > 0)
  }

  #next(): Waiting | undefined {
    return this.#first.shift() ?? (this.#isOpen ? (this.#again.shift() ?? this.#queue.shift()) : undefined)
  }

  /** Turns that waited are run, and all later ones. */
  open(): void {
    this.#isOpen = true
    this.#go()
  }

  /** Turns that wait are rejected with this, and all later ones. */
  fail(error: unknown): void {
    this.#failure = error
    for (const { reject } of this.#queue.splice(0)) reject(error)
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Waits for the turns under way; later ones are refused. */
  async close(): Promise<void> {
    this.#closed = true
    if (!this.#isOpen) for (const { reject } of this.#queue.splice(0)) reject(closed())
    while (this.#running || this.#settling.size > 0) await Promise.all([this.#running, ...this.#settling])
    this.#options.cache.clear()
  }

  async #drain(): Promise<void> {
    // Let whoever else writes in this very moment join the first commit.
    await Promise.resolve()
    while (this.#hasWork) await this.#commitSome()
    this.#running = undefined
  }

  async #commitSome(): Promise<void> {
    const pending = new Pending(this.#head)
    const done: Done[] = []
    let entries = 0
    while (done.length < TURNS_PER_COMMIT_MAX && entries < ENTRIES_PER_COMMIT_MAX) {
      const waiting = this.#next()
      if (!waiting) break
      const turn = new Turn({ ...this.#options, pending })
      waiting.runs += 1
      this.#inTurn = true
      try {
        const value = await waiting.run(turn)
        pending.take(turn.decisions, turn.head)
        entries += turn.decisions.entries.length
        done.push({ waiting, value })
      } catch (error) {
        const notYet = this.#notYet(error)
        if (notYet && waiting.runs < RUNS_PER_TURN_MAX) this.#runLater(waiting, notYet)
        else waiting.reject(error)
        try {
          await turn.abandon()
        } catch (cause) {
          // What earlier turns had made of these records cannot be told from what this one did.
          this.#fail(pending, done, cause)
          return
        }
      } finally {
        this.#inTurn = false
      }
    }
    await this.#commit(pending, done)
    this.#options.cache.trim()
  }

  /** What is to be done before the turn is run again; undefined when it has failed. */
  #notYet(error: unknown): NotYet | undefined {
    if (error instanceof NotYet) return error
    if (!(error instanceof StoreDamage) || !('record' in error.damage)) return undefined
    const { record } = error.damage
    return new NotYet(error.message, () => this.#options.remadeRow(record))
  }

  /** Others go on meanwhile. */
  #runLater(waiting: Waiting, { settle }: NotYet): void {
    const settling = settle()
      .then(() => this.#enqueue(waiting, this.#again), waiting.reject)
      .finally(() => this.#settling.delete(settling))
    this.#settling.add(settling)
  }

  async #commit(pending: Pending, done: readonly Done[]): Promise<void> {
    const { shipped } = this.#options
    let commit: Omit<Commit, 'unverified' | 'confirmed'> | undefined
    try {
      if (!pending.isEmpty) {
        const { batch, changes, head } = pending.close()
        await this.#options.store.commit(batch)
        const tables = new Set(batch.tables.map((write) => write.table))
        commit = { head, changes, tables, channels: channelsOf(batch) }
      }
    } catch (error) {
      this.#fail(pending, done, error)
      return
    }
    for (const { key } of pending.touched) this.#options.cache.get(key)?.settle()
    // Before the rest is dropped, and again after views were added beside it.
    shipped.settle(pending.touched)
    pending.takeEffect()
    shipped.settle(pending.touched)
    if (commit) this.#tell({ ...commit, ...shipped.takeNews() })
    for (const { waiting, value } of done) waiting.resolve(value)
  }

  /** Nothing of this commit is kept: its records are read anew from what is stored. */
  #fail(pending: Pending, done: readonly Done[], error: unknown): void {
    for (const key of pending.changedKeys) this.#options.cache.drop(key)
    for (const { waiting } of done) waiting.reject(error)
  }

  /** Something became durable beside the turns: rows and tables, at no sequence. */
  tellBeside(commit: Pick<Commit, 'changes' | 'tables'>): void {
    this.#tell({ ...commit, head: this.#head, unverified: [], confirmed: new Set(), channels: new Set() })
  }

  #tell(commit: Commit): void {
    this.#head = commit.head
    for (const listener of [...this.#listeners]) {
      try {
        listener(commit)
      } catch (error) {
        this.#options.listenerFailed(error)
      }
    }
  }
}

function closed(): ReplicaClosed {
  return new ReplicaClosed('this replica is closed; open it again to go on')
}

function channelsOf(batch: Batch): Set<string> {
  const channels = new Set(batch.marks.map((mark) => mark.channel))
  for (const entry of batch.entries) for (const channel of entry.channels) channels.add(channel)
  return channels
}
