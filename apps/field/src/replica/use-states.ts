/** States that the replica tells as a whole: the line to the hub, what waits, what was refused, the storage, who is here. */
import type { AsideEdit, Json, Other, Standing } from '@skerry/core'
import type { Snapshot, StorageState, SyncState, Waiting } from '@skerry/live'
import * as skerry from '@skerry/react'
import { ORDERS } from '../order/order.ts'
import { useReplica } from './replica-context.ts'
import { useTold, type Watch } from './told.ts'

/** What the name of an area's channel begins with (`channelOf`). */
const AREA = 'state:'

/** Rows that the outbox lists; a day's work has some 200 edits. */
export const OUTBOX_LISTED_MAX = 200

export function useToldSync(): Snapshot<SyncState> {
  return skerry.useSync()
}

export function useSync(): SyncState | undefined {
  return skerry.useSync().value
}

/** States whose channels this device may read, or write. */
export function useAreas(right: 'read' | 'write'): readonly string[] {
  const channels = useSync()?.credential?.[right] ?? []
  return channels.flatMap((channel) => (channel.startsWith(AREA) ? [channel.slice(AREA.length)] : []))
}

export function useOutbox(): readonly Waiting[] | undefined {
  return skerry.useOutbox(OUTBOX_LISTED_MAX).value
}

export function useAside(): readonly AsideEdit[] | undefined {
  return skerry.useAside().value
}

export function useStorage(): StorageState | undefined {
  return skerry.useStorage().value
}

/** Who else shows something in this channel. */
export function usePresence(channel: string, shown: Json): readonly Other[] {
  return skerry.usePresence(channel, shown).value ?? []
}

export type StandingByPlace = Readonly<Record<string, readonly Standing[]>>

export function useStanding(id: string | undefined, places: readonly string[]): StandingByPlace | undefined {
  const replica = useReplica()
  const key = JSON.stringify([id, places])
  const watch: Watch<StandingByPlace> | undefined =
    id === undefined
      ? undefined
      : (told, failed) => replica.watchStanding({ collection: ORDERS, id, places }, told, failed)
  return useTold(key, watch).value
}
