/** Writing, in the words of a collection. Each resolves when the edit is durable on this device. */
import { type Collection, DraftError, draftOf, type JsonObject, type Seen } from '@skerry/core'
import { LiveError, type LiveReplica } from '../port.ts'

export interface Edits<Value extends object> {
  /** Resolves with the id; without one it gets one that sorts by time of creation. */
  create(value: Value, id?: string): Promise<string>
  /**
   * Changes a copy of the record as it is shown; the difference is brought over to what the record is by then: texts keep what both typed, counters move by what they were moved by.
   * @throws LiveError of RecordNotFound, RecordInvalid, DraftError, EditRefused, StoreError
   */
  update(record: Seen<Value>, change: (draft: Value) => void): Promise<void>
  remove(id: string): Promise<void>
  /** Brings the record back to what it was once that change of its history was made. */
  restore(id: string, hash: string): Promise<void>
}

export function edits<Value extends object>(
  replica: LiveReplica | undefined,
  { name }: Collection<Value>,
): Edits<Value> {
  const open = async (): Promise<LiveReplica> => {
    if (replica) return replica
    throw new LiveError('LiveClosed', 'not-open', `an edit of ${name}: the replica is not open yet`)
  }
  return {
    create: async (value, id) => (await open()).create(name, value as JsonObject, id),
    update: async (record, change) => {
      const wanted = changed(name, record as JsonObject, change as (draft: JsonObject) => void)
      await (await open()).update(name, record.id, { base: record as JsonObject, wanted })
    },
    remove: async (id) => (await open()).remove(name, id),
    restore: async (id, hash) => (await open()).restore(name, id, hash),
  }
}

/** @throws LiveError of DraftError */
export function changed(
  name: string,
  record: JsonObject,
  change: (draft: JsonObject) => unknown,
): JsonObject {
  const draft = draftOf(record)
  try {
    const returned = change(draft)
    if (typeof (returned as { then?: unknown } | undefined)?.then !== 'function') return draft
  } catch (error) {
    if (error instanceof DraftError) throw new LiveError(error.name, error.code, error.message)
    throw error
  }
  throw new LiveError(
    'DraftError',
    'draft',
    `the change of a record of ${name} is asynchronous, and what it writes later would be lost; await first, then update`,
  )
}
