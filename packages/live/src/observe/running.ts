/**
 * Observables that are alike share one watch: two components with the same query, and one that React unmounts and mounts again.
 *
 *   idle ──first listener──► running ──last one gone──► lingering ──GRACE_MS──► idle
 *                               ▲ │                            └─ listener ─► running
 *                               │ failed, and told so
 *                               └─┘ after AGAIN_MS_MIN, twice that … AGAIN_MS_MAX, while somebody listens; at once for the next listener
 *
 * What failed for good, because the page let go of the replica or is to be loaded again, is not begun again.
 *
 * An observable is only a name for what may be running: making one, as rendering does at any time, starts nothing and keeps nothing.
 */
import type { LiveError, LiveReplica, Stop } from '../port.ts'
import type { Observable } from './observable.ts'

/** Milliseconds that a watch outlives its last listener: StrictMode's second mount takes none of it, going to another page and back much of it. */
export const GRACE_MS = 1_000

/** Milliseconds until a watch that failed is begun again, at first and at most; each wait is twice the one before, until something is told. */
export const AGAIN_MS_MIN = 1_000
export const AGAIN_MS_MAX = 60_000
/** Codes of failures after which nothing is to be had of this replica. */
const OVER: ReadonlySet<string> = new Set(['closed', 'reload'])

/** How time passes: the page's, or a test's. */
export interface Timers {
  after(ms: number, run: () => void): Stop
}

const pageTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms)
    // Node need not wait for it.
    ;(timer as { unref?: () => void }).unref?.()
    return () => clearTimeout(timer)
  },
}

export interface Observed<Snapshot> {
  /** What makes it the same as another one of this replica. */
  key: string
  /** Before anything was told, and where there is no replica: on a server. */
  initial: Snapshot
  start(replica: LiveReplica, told: (next: Snapshot) => void, failed: (error: LiveError) => void): Stop
  /** What is shown after a failure. */
  afterFailure(last: Snapshot, error: LiveError): Snapshot
}

const runningOf = new WeakMap<LiveReplica, Map<string, Running<unknown>>>()

export function shared<Snapshot>(
  replica: LiveReplica | undefined,
  observed: Observed<Snapshot>,
  timers: Timers = pageTimers,
): Observable<Snapshot> {
  const { key, initial } = observed
  if (!replica) return { initial, get: () => initial, subscribe: () => () => undefined }
  const find = () => runningOf.get(replica)?.get(key) as Running<Snapshot> | undefined
  return {
    initial,
    get: () => find()?.snapshot ?? initial,
    subscribe(listener) {
      const all = runningOf.get(replica) ?? new Map<string, Running<unknown>>()
      runningOf.set(replica, all)
      const running = find() ?? new Running(replica, observed, { timers, ended: () => all.delete(key) })
      all.set(key, running as Running<unknown>)
      return running.listen(listener)
    },
  }
}

class Running<Snapshot> {
  snapshot: Snapshot
  readonly #replica: LiveReplica
  readonly #observed: Observed<Snapshot>
  readonly #timers: Timers
  readonly #ended: () => void
  readonly #listeners = new Set<{ told: () => void }>()
  #stop: Stop | undefined
  #stopLingering: Stop = () => undefined
  #stopWaiting: Stop = () => undefined
  #againMs = AGAIN_MS_MIN

  constructor(
    replica: LiveReplica,
    observed: Observed<Snapshot>,
    { timers, ended }: { timers: Timers; ended(): void },
  ) {
    this.snapshot = observed.initial
    this.#replica = replica
    this.#observed = observed
    this.#timers = timers
    this.#ended = ended
  }

  listen(told: () => void): Stop {
    this.#stopLingering()
    // A listener that is given twice is told twice.
    const listener = { told }
    this.#listeners.add(listener)
    if (!this.#stop) this.#start()
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      this.#stopWaiting()
      this.#stopLingering = this.#timers.after(GRACE_MS, () => this.#end())
    }
  }

  #start(): void {
    const { start, afterFailure } = this.#observed
    this.#stopWaiting()
    let isOver = false
    // What is told at once is told before there is something to stop.
    this.#stop = () => undefined
    const stop = start(
      this.#replica,
      (next) => {
        if (isOver) return
        this.#againMs = AGAIN_MS_MIN
        this.#show(next)
      },
      (error) => {
        if (isOver) return
        isOver = true
        this.#stop = undefined
        if (!OVER.has(error.code)) this.#beginLater()
        this.#show(afterFailure(this.snapshot, error))
      },
    )
    if (isOver) stop()
    else
      this.#stop = () => {
        isOver = true
        stop()
      }
  }

  #beginLater(): void {
    if (this.#listeners.size === 0) return
    this.#stopWaiting = this.#timers.after(this.#againMs, () => this.#start())
    this.#againMs = Math.min(AGAIN_MS_MAX, this.#againMs * 2)
  }

  #show(next: Snapshot): void {
    if (next === this.snapshot) return
    this.snapshot = next
    for (const { told } of [...this.#listeners]) told()
  }

  #end(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#ended()
  }
}
