/** A component that shows an observable. It renders again when the snapshot is another object, and on a server shows what is known before anything is told. */
import type { Observable } from '@skerry/live'
import { useMemo, useSyncExternalStore } from 'react'

/** `of`: what the observable is made of; another one is begun when one of them changes. */
export function useObservable<Snapshot>(make: () => Observable<Snapshot>, of: readonly unknown[]): Snapshot {
  // biome-ignore lint/correctness/useExhaustiveDependencies: an observable is named by what it is made of, which the caller lists
  const observable = useMemo(make, of)
  return useSyncExternalStore(observable.subscribe, observable.get, () => observable.initial)
}
