/**
 * Observables that are alike share one watch: two components with the same query, and one that React unmounts and mounts again.
 *
 *   idle ──first listener──► running ──last one gone──► lingering ──GRACE_MS──► idle
 *                               ▲ └─ failed ─ next listener ─┐ └─ listener ─► running
 *                               └────────────────────────────┘
 *
 * An observable is only a name for what may be running: making one, as rendering does at any time, starts nothing and keeps nothing.
 */
import type { LiveError, LiveReplica, Stop } from '../port.ts'
import type { Observable } from './observable.ts'

/** Milliseconds that a watch outlives its last listener: StrictMode's second mount takes none of it, going to another page and back much of it. */
export const GRACE_MS = 1_000

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
      const running = find() ?? new Running(replica, observed, () => all.delete(key))
      all.set(key, running as Running<unknown>)
      return running.listen(listener)
    },
  }
}

class Running<Snapshot> {
  snapshot: Snapshot
  readonly #replica: LiveReplica
  readonly #observed: Observed<Snapshot>
  readonly #ended: () => void
  readonly #listeners = new Set<{ told: () => void }>()
  #stop: Stop | undefined
  #lingering: ReturnType<typeof setTimeout> | undefined

  constructor(replica: LiveReplica, observed: Observed<Snapshot>, ended: () => void) {
    this.snapshot = observed.initial
    this.#replica = replica
    this.#observed = observed
    this.#ended = ended
  }

  listen(told: () => void): Stop {
    clearTimeout(this.#lingering)
    // A listener that is given twice is told twice.
    const listener = { told }
    this.#listeners.add(listener)
    if (!this.#stop) this.#start()
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      this.#lingering = setTimeout(() => this.#end(), GRACE_MS)
      // Node need not wait for it.
      ;(this.#lingering as { unref?: () => void }).unref?.()
    }
  }

  #start(): void {
    const { start, afterFailure } = this.#observed
    let isOver = false
    // What is told at once is told before there is something to stop.
    this.#stop = () => undefined
    const stop = start(
      this.#replica,
      (next) => !isOver && this.#show(next),
      (error) => {
        if (isOver) return
        isOver = true
        this.#stop = undefined
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
