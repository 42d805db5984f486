/** How far a record's edits have come: on this device, at the hub, in the systems behind it, or refused. */
import type { Collection } from '@skerry/core'
import { englishWords, liveSaved, type Saved, type SavedWords, type Snapshot, savedWords } from '@skerry/live'
import { useMemo } from 'react'
import { useReplica } from './provider.ts'
import { useObservable } from './use-observable.ts'

export interface UseSavedOptions {
  /** External systems that must have it too, by name. */
  systems?: readonly string[]
  /** Of the app's language. */
  words?: SavedWords
}

export interface SavedSnapshot extends Snapshot<Saved> {
  /** One sentence; empty while it is not known. */
  readonly words: string
}

export function useSaved(
  { name }: Pick<Collection, 'name'>,
  id: string,
  { systems = [], words = englishWords }: UseSavedOptions = {},
): SavedSnapshot {
  const replica = useReplica()
  const key = JSON.stringify(systems)
  const snapshot = useObservable(() => liveSaved(replica, name, id, systems), [replica, name, id, key])
  return useMemo(
    () => ({ ...snapshot, words: snapshot.value ? savedWords(snapshot.value, words) : '' }),
    [snapshot, words],
  )
}
