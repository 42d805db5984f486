/** Observables of what is told whole: the state of the line, the outbox, who is here. */
import type { AsideEdit, Json, Other, Quarantined } from '@skerry/core'
import type { LiveError, LiveReplica, Stop, StorageState, SyncState, Waiting } from '../port.ts'
import type { Observable, Snapshot } from './observable.ts'
import { shared } from './running.ts'

const loading: Snapshot<never> = { state: 'loading', value: undefined, error: undefined }

export function liveValue<Value>(
  replica: LiveReplica | undefined,
  key: string,
  watch: (replica: LiveReplica, told: (value: Value) => void, failed: (error: LiveError) => void) => Stop,
): Observable<Snapshot<Value>> {
  return shared<Snapshot<Value>>(replica, {
    key,
    initial: loading,
    start: (from, told, failed) =>
      watch(from, (value) => told({ state: 'ready', value, error: undefined }), failed),
    afterFailure: ({ value }, error) => ({ state: 'failed', value, error }),
  })
}

/** The line to the hub, and what waits for it. */
export function liveSync(replica: LiveReplica | undefined): Observable<Snapshot<SyncState>> {
  return liveValue(replica, 'sync', (from, told, failed) => from.watchSync(told, failed))
}

/** What the device's storage is good for. */
export function liveStorage(replica: LiveReplica | undefined): Observable<Snapshot<StorageState>> {
  return liveValue(replica, 'storage', (from, told, failed) => from.watchStorage(told, failed))
}

/** Edits that the hub refused, oldest first. */
export function liveAside(replica: LiveReplica | undefined): Observable<Snapshot<readonly AsideEdit[]>> {
  return liveValue(replica, 'aside', (from, told, failed) => from.watchAside(told, failed))
}

/** Records with edits that the hub has not answered, oldest first. */
export function liveOutbox(
  replica: LiveReplica | undefined,
  limit = OUTBOX_SHOWN_MAX,
): Observable<Snapshot<readonly Waiting[]>> {
  return liveValue(replica, `outbox ${limit}`, (from, told, failed) => from.watchOutbox(limit, told, failed))
}

/** Records in an outbox, where nothing else is asked for: more than anybody reads. */
const OUTBOX_SHOWN_MAX = 100

/** Records that are shown as they were and cannot be edited, because loading them did harm. */
export function liveQuarantine(
  replica: LiveReplica | undefined,
): Observable<Snapshot<readonly Quarantined[]>> {
  return liveValue(replica, 'quarantine', (from, told, failed) => from.watchQuarantine(told, failed))
}

/** Who else is in the channel. `shown` is what this page shows there as long as somebody listens; without it, it only looks. */
export function livePresence(
  replica: LiveReplica | undefined,
  channel: string,
  shown?: Json,
): Observable<Snapshot<readonly Other[]>> {
  const key = `presence ${JSON.stringify([channel, shown])}`
  return liveValue(replica, key, (from, told, failed) => from.presence(channel, shown, told, failed))
}
