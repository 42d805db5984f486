/**
 * What the bridge needs of an external system. An adapter translates, classifies and knows nothing of records, shadows or retries.
 *
 * Guarantees an adapter gives, by name:
 *   CLASSIFIED  every answer, and every missing one, is one of the kinds below; a method throws only for a bug of its own.
 *   SURE        `later`, `unauthorized`, `conflict` and `rejected` are given only when the call was surely not carried out; in doubt it is `unknown`.
 *   IDEMPOTENT  the same request sent twice has one business effect, or the second one is a `conflict`.
 *   OPAQUE      a version is equal for equal states of a row, and another one after every change; it is never ordered.
 *   COMPLETE    from page to page of `changes` no change is left out, ties and late commits included; rows may come again.
 *   SEPARATE    in `writeMany` each write has its own answer, in the order asked; none is `done` because another one is.
 *   PROVEN      `list` says `proves` only of a listing in which no row that lives can be missing: same filter, archived rows included.
 */
import type { JsonObject } from '@skerry/core'

export interface ExternalRow {
  type: string
  /** The system's own. */
  id: string
  /** Ours, or another caller's; absent for a row that has none. Where whoever makes a row names it, that name. */
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
  /** Follows from the record alone; a row created for it carries it. Begins with `skerry:`; at most 128 of the characters A-Z a-z 0-9 . _ : ~ ! - */
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

export type LatestAnswer = { kind: 'position'; position: string } | Failure

export interface Hint {
  type: string
  id: string
  externalId?: string | undefined
  version?: string | undefined
}

/** What a system says is left of one of its limits. */
export interface Allowance {
  /** The system's name for the limit: `daily`, `burst` …; `concurrent` is that of calls at once. */
  limit: string
  /** Requests left until it is renewed. */
  remaining: number
  /** Requests in one period. */
  max?: number | undefined
  /** Milliseconds until it is renewed. */
  resetsInMs?: number | undefined
}

export interface Call {
  /** Aborted when the bridge closes; the answer is then `unknown`. */
  signal: AbortSignal
  /** Which of `capabilities.credentials` to use; absent: any. */
  credential?: string | undefined
  /** Said before each request to the system, with how many of its units that costs (default 1). A call that says nothing costs one. */
  spend?: ((units?: number) => void) | undefined
  /** Said whenever an answer tells what is left of a limit. A hint: it may lag, and is no promise. */
  allowance?: ((allowance: Allowance) => void) | undefined
}

/** One of the writes of `writeMany`. */
export type Write = ({ action: 'upsert' } & UpsertRequest) | ({ action: 'delete' } & DeleteRequest)

/** A row of a whole listing: enough to tell whether it must be read. */
export interface ListedRow {
  id: string
  externalId?: string | undefined
  version: string
  deleted: boolean
  /** The row itself, where listing gives it at no further cost. */
  row?: ExternalRow | undefined
}

/** `proves`: a row that is in no page of this listing, from its first to the one that is `complete`, does not live (PROVEN). */
export type ListAnswer =
  | { kind: 'page'; rows: ListedRow[]; next: string; complete: boolean; proves: boolean }
  | { kind: 'expired' }
  | Failure

export type FieldKind =
  | 'text'
  | 'integer'
  | 'number'
  /** A decimal string: money must not pass through a float. */
  | 'decimal'
  | 'boolean'
  | 'date'
  /** UTC, ISO 8601. */
  | 'time'
  | 'enum'
  | 'reference'
  | 'json'

export interface FieldSchema {
  name: string
  /** The system's words for people. */
  label?: string | undefined
  kind: FieldKind
  /** A row cannot be without it. */
  required: boolean
  writable: boolean
  unique?: boolean | undefined
  /** Code units. */
  lengthMax?: number | undefined
  /** Digits behind the point, of a decimal. */
  scale?: number | undefined
  /** Of an enum. */
  values?: readonly string[] | undefined
  /** Types that a reference leads to. */
  references?: readonly string[] | undefined
}

export interface TypeSchema {
  type: string
  label?: string | undefined
  fields: readonly FieldSchema[]
}

export type DescribeAnswer = { kind: 'types'; types: TypeSchema[] } | Failure

export interface Capabilities {
  /** Refuses a write under another version than the expected one. Otherwise the bridge reads before it writes. */
  compareAndSet: boolean
  /** Milliseconds for which a write repeated under its idempotency key has the answer of the first time, if it was carried out then; 0 when the key is not looked at. */
  replayMs: number
  /** A page shows rows as they are when it is asked for, not as an index saw them earlier. Otherwise each listed change is read again. */
  freshListing: boolean
  /** Most writes, and reads, of one type that one call carries; absent: one by one. Where only reads go together, `writesMax` is 1, and there is no `writeMany`. */
  batch?: { writesMax: number; readsMax: number } | undefined
  /** A job for very many writes, and from how many on it is cheaper than batches. */
  bulk?: { writesMin: number; writesMax: number } | undefined
  /** `told`: `changes` tells of deleted rows, for long enough. `unseen`: only a proving `list` shows that one is gone, so that there must be one. Default `told`. */
  deletions?: 'told' | 'unseen' | undefined
  /** Names of the credentials it may use, when there are several: calls are spread over them by what each has left. */
  credentials?: readonly string[] | undefined
  /** `unsure`: a row may change under the same version (whole-second times, computed fields), so the bridge compares what it says as well. Default `sure`. */
  versions?: 'sure' | 'unsure' | undefined
  /** `shown`: a row has every field that is there, an empty one as null, so that one which a row lacks is gone, whatever `describe` says. `left-out`: nobody can tell that. Default `left-out`. */
  emptyFields?: 'shown' | 'left-out' | undefined
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
  /**
   * Every row there is, in an order in which no edit moves a row past the reader, at most `limit` a page: ids and versions, as cheaply as the system gives them. Wanted where deletions are not told, and
   * where positions of `changes` expire: what was deleted before the new one is told by nothing else.
   */
  list?(type: string, position: string | undefined, limit: number, call: Call): Promise<ListAnswer>
  /** A position for `changes` from now on, without what is there already: behind it is told whatever a `list` that begins after this call may not show. Asked for when a position has expired; absent: `changes` begins anew. */
  latest?(type: string, call: Call): Promise<LatestAnswer>
  /** One answer for each write, in their order (SEPARATE). With `capabilities.batch` of more than one write. */
  writeMany?(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]>
  /** One answer for each id, in their order. With `capabilities.batch`. */
  readMany?(type: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]>
  /** As `writeMany`, by a job that may take minutes. With `capabilities.bulk`. */
  writeBulk?(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]>
  /** The system's schema, of these types or of all. */
  describe?(types: readonly string[] | undefined, call: Call): Promise<DescribeAnswer>
  /** Begins to take pushes; resolves once it does, with what ends it. */
  listen?(onHint: (hint: Hint) => void, call: Call): Promise<() => Promise<void>>
}
