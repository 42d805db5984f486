/** What an app shows beside its records: the line, who is here, what waits and what came back. */
import type { AsideEdit, Json, Other } from '@skerry/core'
import {
  liveAside,
  liveOutbox,
  livePresence,
  liveStorage,
  liveSync,
  type Snapshot,
  type StorageState,
  type SyncState,
  type Waiting,
} from '@skerry/live'
import { useReplica } from './provider.ts'
import { useObservable } from './use-observable.ts'

/** The line to the hub, what is pending, and why it is not open. */
export function useSync(): Snapshot<SyncState> {
  const replica = useReplica()
  return useObservable(() => liveSync(replica), [replica])
}

/** Who else is in the channel; `shown` is what they see of this page while the component is there. */
export function usePresence(channel: string, shown?: Json): Snapshot<readonly Other[]> {
  const replica = useReplica()
  return useObservable(() => livePresence(replica, channel, shown), [replica, channel, JSON.stringify(shown)])
}

/** Edits that the hub refused. `useReplica()` writes them again or drops them. */
export function useAside(): Snapshot<readonly AsideEdit[]> {
  const replica = useReplica()
  return useObservable(() => liveAside(replica), [replica])
}

/** Records with edits on their way, the oldest first. */
export function useOutbox(limit?: number): Snapshot<readonly Waiting[]> {
  const replica = useReplica()
  return useObservable(() => liveOutbox(replica, limit), [replica, limit])
}

/** What the device's storage is good for. */
export function useStorage(): Snapshot<StorageState> {
  const replica = useReplica()
  return useObservable(() => liveStorage(replica), [replica])
}
