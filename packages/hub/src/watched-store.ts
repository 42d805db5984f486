/**
 * A store that is watched: every commit is timed, and whether the last one failed or the last few were slow is known, so that the hub can say "not ready" before anybody loses
 * patience. Meanwhile it is asked again by a small write, at most once in STORE_PROBE_MS: a disk that has room again, or is quick again, is ready again.
 */
import { emptyBatch, type Store, StoreError } from '@skerry/core'
import { STORE_PROBE_MS, STORE_SLOW_COMMITS, STORE_SLOW_MS } from './limits.ts'
import type { Metrics } from './metrics.ts'

const PROBE = { table: 'hub', key: 'probe' }

export interface Trouble {
  code: 'store-failing' | 'store-slow'
  detail: string
}

export interface WatchedStore extends Store {
  /** Undefined when a commit now would be expected to succeed, and soon. */
  trouble(): Promise<Trouble | undefined>
}

export function watchedStore(
  store: Store,
  metrics: Pick<Metrics, 'commitSeconds' | 'commitsFailed'>,
  now: () => number,
): WatchedStore {
  let failure: StoreError | undefined
  let slowInARow = 0
  let probedAt = Number.NEGATIVE_INFINITY

  const commit: Store['commit'] = async (batch) => {
    const seconds = metrics.commitSeconds.startTimer()
    const begunAt = now()
    try {
      await store.commit(batch)
      seconds()
      failure = undefined
      slowInARow = now() - begunAt >= STORE_SLOW_MS ? slowInARow + 1 : 0
    } catch (error) {
      if (error instanceof StoreError) failure = error
      metrics.commitsFailed.inc({ code: error instanceof StoreError ? error.code : 'broken' })
      throw error
    }
  }

  const troubleNow = (): Trouble | undefined => {
    if (failure)
      return {
        code: 'store-failing',
        detail: `the store cannot make writes durable (${failure.code}): ${failure.message}`,
      }
    if (slowInARow < STORE_SLOW_COMMITS) return undefined
    return {
      code: 'store-slow',
      detail: `each of the last ${slowInARow} commits took ${STORE_SLOW_MS} ms or longer; see what keeps the disk busy, or move the store to another one`,
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
    async trouble() {
      if (troubleNow() && now() - probedAt >= STORE_PROBE_MS) {
        probedAt = now()
        const value = new TextEncoder().encode(String(probedAt))
        await commit({ ...emptyBatch, tables: [{ ...PROBE, value }] }).catch(knownFailure)
      }
      return troubleNow()
    },
  }
}

/** `commit` has kept it as `failure`. */
function knownFailure(error: unknown): void {
  if (!(error instanceof StoreError)) throw error
}
