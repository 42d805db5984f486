/**
 * What the audit log can tell: one fact for each thing that was decided or done for a record, noted where it is decided and written in the append that does it (SPEC B-153).
 *
 *   noticed ─▶ begun ─▶ answered ─▶ echo          outwards
 *              taken ─▶ noticed ─▶ …              inwards
 *   told, decided, approved, refused, retried, paired, merged, aside, erased      beside it
 *
 * Values stand apart from the rest, in `values` and `reason`: the log keeps hashes of them (seal.ts).
 */
import type { Json } from '@skerry/core'
import type { WriteAnswer } from '../adapter-port.ts'
import type { WriteKind } from '../outbox.ts'

/** Values by what they are of and by which of them it is: `{ title: { was, theirs, became } }`. */
export type FactValues<V = Json> = Record<string, Record<string, V>>

/** An edit made here, as receipts speak of it. */
export interface AuditEdit {
  /** Actor of the device's run, hex. */
  run: string
  seq: number
  /** Subject of the credential that signed it; absent while unknown. */
  by?: string
  /** Milliseconds since 1970, as the device's clock said. */
  at?: number
}

/** An edit was seen, and what the mapping makes of it is to be written. */
interface Noticed {
  kind: 'noticed'
  record: string
  type: string
  action: WriteKind
  /** External names. */
  fields: readonly string[]
  /** Highest sequence per device's run. */
  seqs: Readonly<Record<string, number>>
  /** Records that it waits for. */
  waitsFor?: readonly string[]
}

/** A call was frozen: what will be sent, and from which state of the record. Values: `sent`, by the record's field. */
interface Begun {
  kind: 'begun'
  record: string
  type: string
  rowId?: string
  action: WriteKind
  /** By the record's field: the row's, and the edit that gave it the value. */
  fields: Readonly<Record<string, { external: string; edit?: AuditEdit }>>
  expectedVersion: string | null
  key: string
  heads: readonly string[]
  seqs: Readonly<Record<string, number>>
  values: FactValues
}

/** What the system said to it, or that it said nothing. */
interface Answered {
  kind: 'answered'
  record: string
  type: string
  key: string
  answer: WriteAnswer['kind']
  attempts: number
  rowId?: string
  version?: string
  /** External names that the system blamed. */
  blamed?: readonly string[]
  reason?: string
}

/** `both`: merged. `made`: a value of neither side. `review`: a person is to decide. `same`: both sides had said it already. */
export type Winner = 'ours' | 'theirs' | 'both' | 'made' | 'review' | 'same'

/** A row was taken in: what became of each field in which it differed, by which rule. Values: `was`, `theirs`, `became`. */
interface Taken {
  kind: 'taken'
  record: string
  type: string
  rowId: string
  version: string
  by?: string
  /** Milliseconds since 1970, as the system says. */
  modifiedAt?: number
  /** The record was made of it; the row is deleted. */
  made?: true
  deleted?: true
  /** The record is deleted after it. */
  recordDeleted?: true
  /** A person, where all of the record waited for one. */
  decidedBy?: string
  /** By the record's field. */
  fields: Readonly<Record<string, { external: string; winner: Winner; rule?: string }>>
  /** Of the record afterwards. */
  heads: readonly string[]
  /** Found by comparing both sides, not told by the system. */
  via?: 'walk'
  values: FactValues
}

/** A row said what is known: the first one after an answer (`echo`), or another version that changes nothing that is mapped (`unchanged`). */
interface Echo {
  kind: 'echo' | 'unchanged'
  record: string
  type: string
  rowId: string
  version: string
}

/** A receipt: what everybody who has the record was told. Values: `was`, `became`, by JSON pointer. */
interface Told {
  kind: 'told'
  record: string
  outcome: 'saved' | 'refused' | 'overruled' | 'review'
  rule?: string
  fields: readonly string[]
  seqs: Readonly<Record<string, number>>
  reason?: string
  values?: FactValues
}

/** A person decided a review. Value: `became`. */
interface DecidedByPerson {
  kind: 'decided'
  record: string
  /** Empty: the whole record. */
  field: string
  decision: 'ours' | 'theirs' | 'value'
  by: string
  values?: FactValues
}

/** A person let a write go that waited for it, or would not, or had a dead letter tried again. */
interface LetGo {
  kind: 'approved' | 'refused' | 'retried'
  record: string
  by: string
}

/** A person said whether a row and a record are the same thing. */
interface Paired {
  kind: 'paired'
  record: string
  type: string
  rowId: string
  answer: 'same' | 'different'
  by: string
}

/** Two records became one; told of both. Value: `became`, of what survived. */
interface Merged {
  kind: 'merged'
  record: string
  other: string
  /** Which of the two `record` is. */
  as: 'survivor' | 'other'
  by: string
  values?: FactValues
}

/** A row that could not be taken in. */
interface Aside {
  kind: 'aside'
  type: string
  rowId: string
  version: string
  reason: string
}

/** What was kept of a record here is gone (SPEC B-162). */
interface Erased {
  kind: 'erased'
  record: string
  /** Of the row that it had, whose salt went too. */
  type?: string
  rowId?: string
  by: string
}

/** Everything up to this entry was cut off (SPEC B-155). */
interface Cut {
  kind: 'cut'
  upTo: number
  hash: string
  by: string
}

/** The log was being written from here on, or not any more (SPEC B-156). */
interface Switched {
  kind: 'started' | 'stopped'
  /** SHA-256 (hex) of the mappings, functions as they are written down. */
  mappings: string
}

export type AuditFact =
  | Noticed
  | Begun
  | Answered
  | Taken
  | Echo
  | Told
  | DecidedByPerson
  | LetGo
  | Paired
  | Merged
  | Aside
  | Erased
  | Cut
  | Switched

export type FactOf<Kind extends AuditFact['kind']> = Extract<AuditFact, { kind: Kind }>
