/** A moment at which a process kills itself: just before or just after a certain commit, where a kill from outside would come once in a thousand rounds. */
import type { Batch, Store } from '@skerry/core'

export interface FailPoint {
  /** The commit with the first entry of this record, or with its snapshot. */
  commitOf: 'entry' | 'snapshot'
  record: string
  when: 'before' | 'after'
}

export function dyingStore(inner: Store, point: FailPoint): Store {
  const die = () => process.kill(process.pid, 'SIGKILL')
  return {
    ...inner,
    async commit(batch) {
      if (!isAt(point, batch)) return inner.commit(batch)
      if (point.when === 'before') die()
      await inner.commit(batch)
      die()
    },
  }
}

function isAt({ commitOf, record }: FailPoint, { entries, replaced }: Batch): boolean {
  return (commitOf === 'entry' ? entries : replaced).some((one) => one.record === record)
}

export interface FailPointErrand {
  store: string
  point: FailPoint
  /** Edits that the hub makes in the record before it compacts. */
  edits: number
}

export interface FailPointLine {
  said: 'listening'
  url: string
}
