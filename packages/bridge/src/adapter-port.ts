/**
 * What the bridge needs of an external system. An adapter translates, classifies and knows nothing of records, shadows or retries.
 *
 * Guarantees an adapter gives, by name:
 *   CLASSIFIED  every answer, and every missing one, is one of the kinds below; a method throws only for a bug of its own.
 *   SURE        `later`, `unauthorized`, `conflict` and `rejected` are given only when the call was surely not carried out; in doubt it is `unknown`.
 *   IDEMPOTENT  the same request sent twice has one business effect, or the second one is a `conflict`.
 *   OPAQUE      a version is equal for equal states of a row, and another one after every change; it is never ordered.
 *   COMPLETE    from page to page of `changes` no change is left out, ties and late commits included; rows may come again.
 */
import type { JsonObject } from '@skerry/core'

export interface ExternalRow {
  type: string
  /** The system's own. */
  id: string
  /** Ours, or another caller's; absent for a row that has none. */
  externalId?: string | undefined
  version: string
  /** Milliseconds since 1970, by the system's clock. */
  modifiedAt?: number | undefined
  modifiedBy?: string | undefined
  /** A tombstone. Only a system that says so makes one: a row that is merely not found is `absent`. */
  deleted: boolean
  value: JsonObject
}

export interface UpsertRequest {
  /** Follows from the record alone; a row created for it carries it. */
  externalId: string
  /** The row's id once it is known: then that row is written. */
  id?: string | undefined
  /** Only fields to be changed; `null` empties a field. */
  fields: JsonObject
  /** Null: there must be no row of this external id yet. Absent: whatever is there. */
  expectedVersion?: string | null | undefined
  /** Equal for every repeat of this call. */
  idempotencyKey: string
  /** The row is deleted and shall live again. */
  restore: boolean
}

export interface DeleteRequest {
  id: string
  externalId: string
  expectedVersion?: string | undefined
  idempotencyKey: string
}

export type Failure =
  /** Surely not carried out, and worth another try: quota, lock, maintenance. */
  | { kind: 'later'; retryAfterMs?: number | undefined; reason: string }
  /** Surely not carried out: the system does not know us. Fresh tokens were tried already. */
  | { kind: 'unauthorized'; reason: string }
  /** Will not succeed by itself. The reason is in the system's words; `fields` are external names. */
  | { kind: 'rejected'; reason: string; fields?: string[] | undefined }
  /** No answer, or none that tells: it may have been carried out. */
  | { kind: 'unknown'; retryAfterMs?: number | undefined; reason: string }

/** `conflict` tells the row as it is now; a row that is gone is told as deleted. A delete of a row that is gone is `done`. */
export type WriteAnswer =
  | { kind: 'done'; row: ExternalRow }
  | { kind: 'conflict'; row: ExternalRow }
  | Failure
export type ReadAnswer = { kind: 'row'; row: ExternalRow } | { kind: 'absent' } | Failure
export type ChangesAnswer =
  /** `next` is where to go on; `complete` says that nothing more is known now. */
  | { kind: 'page'; rows: ExternalRow[]; next: string; complete: boolean }
  /** The position is of no use any more; begin without one. */
  | { kind: 'expired' }
  | Failure

export interface Hint {
  type: string
  id: string
  externalId?: string | undefined
  version?: string | undefined
}

export interface Call {
  /** Aborted when the bridge closes; the answer is then `unknown`. */
  signal: AbortSignal
}

export interface Capabilities {
  /** Refuses a write under another version than the expected one. Otherwise the bridge reads before it writes. */
  compareAndSet: boolean
  /** Milliseconds for which a write repeated under its idempotency key has the answer of the first time, if it was carried out then; 0 when the key is not looked at. */
  replayMs: number
  /** A page shows rows as they are when it is asked for, not as an index saw them earlier. Otherwise each listed change is read again. */
  freshListing: boolean
}

export interface Adapter {
  readonly name: string
  readonly capabilities: Capabilities
  /** Tries address and identity; for an operator, before anything is written. */
  check(call: Call): Promise<{ kind: 'ok' } | Failure>
  read(type: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer>
  /** Rows changed since the position (undefined: all of them), tombstones included, at most `limit`. */
  changes(type: string, position: string | undefined, limit: number, call: Call): Promise<ChangesAnswer>
  upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer>
  delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer>
  /** Begins to take pushes; resolves once it does, with what ends it. */
  listen?(onHint: (hint: Hint) => void, call: Call): Promise<() => Promise<void>>
}
