/**
 * A store that is watched: every commit is timed, and whether the last one failed is known, so that the hub can say "not ready" before anybody loses
 * patience. After a failure it is asked again by a small write, at most once in STORE_PROBE_MS: a disk that has room again is ready again.
 */
import { emptyBatch, type Store, StoreError } from '@skerry/core'
import { STORE_PROBE_MS } from './limits.ts'
import type { Metrics } from './metrics.ts'

const PROBE = { table: 'hub', key: 'probe' }

export interface WatchedStore extends Store {
  /** Undefined when a commit now would be expected to succeed; otherwise what the store last said. */
  failing(): Promise<StoreError | undefined>
}

export function watchedStore(
  store: Store,
  metrics: Pick<Metrics, 'commitSeconds' | 'commitsFailed'>,
  now: () => number,
): WatchedStore {
  let failure: StoreError | undefined
  let probedAt = Number.NEGATIVE_INFINITY

  const commit: Store['commit'] = async (batch) => {
    const seconds = metrics.commitSeconds.startTimer()
    try {
      await store.commit(batch)
      seconds()
      failure = undefined
    } catch (error) {
      if (error instanceof StoreError) failure = error
      metrics.commitsFailed.inc({ code: error instanceof StoreError ? error.code : 'broken' })
      throw error
    }
  }

  return {
    open: (run) => store.open(run),
    commit,
    readLog: (after, limit) => store.readLog(after, limit),
    readChannels: (after, limit) => store.readChannels(after, limit),
    readRecord: (record) => store.readRecord(record),
    readEntries: (seqs) => store.readEntries(seqs),
    readMarks: (record) => store.readMarks(record),
    rows: (records) => store.rows(records),
    scanRows: (collection, after, limit) => store.scanRows(collection, after, limit),
    findRows: (collection, equals) => store.findRows(collection, equals),
    channelRows: (channel, after, limit) => store.channelRows(channel, after, limit),
    get: (table, key) => store.get(table, key),
    scan: (table, range) => store.scan(table, range),
    size: () => store.size(),
    close: () => store.close(),
    async failing() {
      if (failure && now() - probedAt >= STORE_PROBE_MS) {
        probedAt = now()
        const value = new TextEncoder().encode(String(probedAt))
        await commit({ ...emptyBatch, tables: [{ ...PROBE, value }] }).catch(knownFailure)
      }
      return failure
    },
  }
}

/** `commit` has kept it as `failure`. */
function knownFailure(error: unknown): void {
  if (!(error instanceof StoreError)) throw error
}
