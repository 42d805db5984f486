/** Writing from a component. */
import type { Collection } from '@skerry/core'
import { type Draft, type DraftSnapshot, type Edits, edits, liveDraft } from '@skerry/live'
import { useMemo, useSyncExternalStore } from 'react'
import { useReplica } from './provider.ts'

/** Creates, changes and removes records; each promise resolves when that is durable on this device. */
export function useEdits<Value extends object>(collection: Collection<Value>): Edits<Value> {
  const replica = useReplica()
  return useMemo(() => edits(replica, collection), [replica, collection])
}

/** A record under a form: what is typed is shown at once, saved by itself, and keeps together with what others type into it. */
export function useDraft<Value extends object>(
  collection: Collection<Value>,
  id: string,
): DraftSnapshot<Value> & Pick<Draft<Value>, 'change'> {
  const replica = useReplica()
  const draft = useMemo(() => liveDraft(replica, collection, id), [replica, collection, id])
  const snapshot = useSyncExternalStore(draft.subscribe, draft.get, () => draft.initial)
  return useMemo(() => ({ ...snapshot, change: draft.change }), [snapshot, draft])
}
