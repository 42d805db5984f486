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

export interface ContractFaults {
  /** The next write is carried out there, and its answer never arrives. */
  loseAnswer: Fault<() => Promise<void>>
  /** The next request is turned away for quota; `retryAfterMs` when the system says how long. */
  exhaustQuota: Fault<() => Promise<{ retryAfterMs?: number | undefined }>>
  /** The next request ends with a server error that says nothing of what was done. */
  breakServer: Fault<() => Promise<void>>
  /** The next answer is cut off in the middle, or is an HTML page with status 200. */
  garbleAnswer: Fault<() => Promise<void>>
  /** Tokens and sessions given out so far are worth nothing any more. */
  expireTokens: Fault<() => Promise<void>>
  /** Positions given out so far are worth nothing any more. */
  expirePositions: Fault<() => Promise<void>>
  /** The field is gone from the type, there. */
  dropField: Fault<(field: string) => Promise<void>>
}

export interface ContractSystem {
  adapter: Adapter
  /** A type of rows that the suite may write and empty. */
  type: string
  /** Two plain texts that any row may have; the suite writes nothing else. */
  fields: { title: string; note: string }
  /** Fields that the system refuses by a rule of its own, and what of its words must be in the reason. */
  poison: { fields: JsonObject; reason: RegExp }
  /** Somebody else makes a row, edits one, or deletes one. */
  create(fields: JsonObject): Promise<{ id: string }>
  edit(id: string, fields: JsonObject): Promise<void>
  remove(id: string): Promise<void>
  /** What is there; tombstones too where the system keeps them. */
  rows(): Promise<TrueRow[]>
  /** Resolves once what was done is to be seen by whoever reads or lists: systems with an index lag. */
  settled?(): Promise<void>
  /** Adapter value of the fields as the system gives it back, where that is not what was sent. */
  shown?(row: ExternalRow): JsonObject
  faults: ContractFaults
  close(): Promise<void>
}

/** A fresh, empty system, and an adapter on it that knows nothing yet. */
export type OpenContractSystem = () => Promise<ContractSystem>
