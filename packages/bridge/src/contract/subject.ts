/**
 * What the adapter contract suite needs of a system under test: the adapter, a way to act there as somebody else does, and its faults on demand. The truth is asked of the system itself,
 * never of the adapter. A fault that a system cannot have, or that cannot be provoked there, is left out with the reason.
 */
import type { JsonObject } from '@skerry/core'
import type { Adapter, ExternalRow } from '../adapter-port.ts'

/** A row as the system has it; fields by external name. */
export interface TrueRow {
  id: string
  externalId?: string | undefined
  deleted: boolean
  value: JsonObject
}

/** Provokes one fault, or says why this system cannot have it. */
export type Fault<Run> = Run | { never: string }

/** Which request a fault waits for: the next that reads or lists rows, or the next that writes them. Others pass (a token, a session, a search before a create). */
export type Strikes = 'read' | 'write'

/** Each strikes once, unless it says otherwise. Those that may be absent are listed as not applying then. */
export interface ContractFaults {
  /** The next write is carried out there, and its answer never arrives. */
  loseAnswer: Fault<() => Promise<void>>
  /** The next request is turned away for quota; `retryAfterMs` when the system says how long. */
  exhaustQuota: Fault<(next: Strikes) => Promise<{ retryAfterMs?: number | undefined }>>
  /** The next request ends with a server error that says nothing of what was done. */
  breakServer: Fault<(next: Strikes) => Promise<void>>
  /** The next answer is cut off in the middle, or is an HTML page with status 200. */
  garbleAnswer: Fault<(next: Strikes) => Promise<void>>
  /** The next request is carried out there, and its answer is larger than the adapter reads. */
  swellAnswer?: Fault<(next: Strikes) => Promise<void>>
  /** The next request arrives and is never answered; `arrived` resolves once it is there. It ends when the caller leaves, or with `close`. */
  hang?: Fault<(next: Strikes) => Promise<{ arrived: Promise<void> }>>
  /** Tokens and sessions given out so far are worth nothing any more. */
  expireTokens: Fault<() => Promise<void>>
  /** From now on nobody is let in with what the adapter has, renewed or not: the key was revoked, the password changed. */
  refuseIdentity?: Fault<() => Promise<void>>
  /** Positions given out so far are worth nothing any more. */
  expirePositions: Fault<() => Promise<void>>
  /** The field is gone from the type, there. */
  dropField: Fault<(field: string) => Promise<void>>
  /** Somebody makes a row that has its time from now, and that nobody sees before `show`: a transaction that takes long. */
  commitLate?: Fault<(fields: JsonObject) => Promise<{ id: string; show(): Promise<void> }>>
}

/** What an adapter may be without, by the name of its method or capability. */
export type Lack =
  | 'compareAndSet'
  | 'describe'
  | 'list'
  | 'batch'
  | 'bulk'
  | 'listen'
  /** Deleted rows are not told of in `changes`. */
  | 'deletions'
  /** A deleted row cannot live again. */
  | 'restore'

export interface ContractSystem {
  adapter: Adapter
  /** Another adapter on the same system, as a process has it that starts anew. Absent: the same one goes on. */
  again?(): Adapter
  /** A type of rows that the suite may write and empty. */
  type: string
  /** Two plain texts that any row may have; the suite writes nothing else. Every row it makes has a `title`, and only `note` is emptied. */
  fields: { title: string; note: string }
  /** Fields that the system refuses by a rule of its own, what of its words must be in the reason, and which fields the refusal must name where the system tells. */
  poison: { fields: JsonObject; reason: RegExp; names?: readonly string[] | undefined }
  /** Why the adapter is without something, in a sentence for whoever reads the suite's list of what does not apply. */
  lacks?: Partial<Record<Lack, string>> | undefined
  /** Somebody else makes a row, edits one, or deletes one. */
  create(fields: JsonObject): Promise<{ id: string }>
  edit(id: string, fields: JsonObject): Promise<void>
  remove(id: string): Promise<void>
  /** What is there; tombstones too where the system keeps them. */
  rows(): Promise<TrueRow[]>
  /** Resolves once what was done is to be seen by whoever reads or lists: systems with an index lag. */
  settled?(): Promise<void>
  /** What is done meanwhile has one and the same time by the system's clock, and what is done afterwards a later one. Absent where that clock cannot be held: then the suite only hurries. */
  atOneMoment?(work: () => Promise<void>): Promise<void>
  /** Requests that the system has had of adapters, whatever became of them. */
  requests?(): Promise<number>
  /** Adapter value of the fields as the system gives it back, where that is not what was sent. */
  shown?(row: ExternalRow): JsonObject
  faults: ContractFaults
  close(): Promise<void>
}

/** A fresh, empty system, and an adapter on it that knows nothing yet. */
export type OpenContractSystem = () => Promise<ContractSystem>
