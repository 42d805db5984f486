/** States that the replica tells as a whole: the line to the hub, what waits, what was refused, the storage, who is here. */
import type { AsideEdit, Json, Other, Standing } from '@skerry/core'
import type { StorageState, SyncState, Waiting } from '@skerry/live'
import { ORDERS } from '../order/order.ts'
import { useReplica } from './replica-context.ts'
import { type Told, useTold, type Watch } from './told.ts'

/** Rows that the outbox lists; a day's work has some 200 edits. */
export const OUTBOX_LISTED_MAX = 200

export function useToldSync(): Told<SyncState> {
  const replica = useReplica()
  return useTold<SyncState>('sync', (told, failed) => replica.watchSync(told, failed))
}

export function useSync(): SyncState | undefined {
  return useToldSync().value
}

export function useOutbox(): readonly Waiting[] | undefined {
  const replica = useReplica()
  return useTold<readonly Waiting[]>('outbox', (told, failed) =>
    replica.watchOutbox(OUTBOX_LISTED_MAX, told, failed),
  ).value
}

export function useAside(): readonly AsideEdit[] | undefined {
  const replica = useReplica()
  return useTold<readonly AsideEdit[]>('aside', (told, failed) => replica.watchAside(told, failed)).value
}

export function useStorage(): StorageState | undefined {
  const replica = useReplica()
  return useTold<StorageState>('storage', (told, failed) => replica.watchStorage(told, failed)).value
}

/** Who else shows something in this channel. Undefined as a channel: nobody is asked. */
export function usePresence(channel: string | undefined, shown: Json): readonly Other[] {
  const replica = useReplica()
  const key = JSON.stringify([channel, shown])
  const watch: Watch<readonly Other[]> | undefined =
    channel === undefined ? undefined : (told, failed) => replica.presence(channel, shown, told, failed)
  return useTold(key, watch).value ?? []
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
