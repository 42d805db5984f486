/**
 * What a component holds: a snapshot, and word of the next one. The snapshot is the same object as long as nothing changed, which is what `useSyncExternalStore`, Svelte's stores and Vue's
 * `shallowRef` need.
 */
import type { LiveError, Stop } from '../port.ts'

export interface Observable<Snapshot> {
  readonly get: () => Snapshot
  /** What is shown before anything is known: on a server, and while a page takes over what a server made. */
  readonly initial: Snapshot
  /** Called after each change of the snapshot. What is observed starts with the first listener, and ends a moment after the last one. */
  readonly subscribe: (listener: () => void) => Stop
}

/** `failed` keeps what was known before, and the reason. */
export type Phase = 'loading' | 'ready' | 'failed'

export interface Snapshot<Value> {
  readonly state: Phase
  /** Undefined until it is known. */
  readonly value: Value | undefined
  readonly error: LiveError | undefined
}
