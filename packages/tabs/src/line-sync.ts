/** What a page says of the line to the hub when it is the page's own line to the worker that is not there (V-3, T-5). */
import type { SyncState } from '@skerry/live'

const NOTHING: SyncState = {
  phase: 'off',
  pending: 0,
  aside: 0,
  lastContactAt: undefined,
  arriving: undefined,
  retryAt: undefined,
  reason: undefined,
  credential: undefined,
}

interface Watcher {
  told(state: SyncState): void
  last: SyncState
}

export class LineSync {
  readonly #watchers = new Set<Watcher>()
  #reason: SyncState['reason']

  add(told: (state: SyncState) => void): { tell(state: SyncState): void; stop(): void } {
    const watcher: Watcher = { told, last: NOTHING }
    this.#watchers.add(watcher)
    if (this.#reason) queueMicrotask(() => this.#watchers.has(watcher) && this.#blocked(watcher))
    return {
      tell: (state) => {
        watcher.last = state
        told(state)
      },
      stop: () => this.#watchers.delete(watcher),
    }
  }

  down(code: string, words: string): void {
    this.#reason = { code, words }
    for (const watcher of [...this.#watchers]) this.#blocked(watcher)
  }

  /** A server tells from now on. */
  up(): void {
    this.#reason = undefined
  }

  #blocked({ told, last }: Watcher): void {
    told({ ...last, phase: 'blocked', reason: this.#reason })
  }
}
