/** One link of the audit log: a fact with its values as hashes, and the hash of the link before (SPEC B-150, B-154). */
import { decodeUtf8, encodeUtf8, toHex } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import type { BridgeHost } from '../context.ts'
import type { AuditFact, FactValues } from './audit-fact.ts'

/** Hashes stand where the fact has values; an empty value is told as that. */
export type Sealed<Fact> = Omit<Fact, 'values' | 'reason'> & {
  values?: FactValues<string | null>
  reason?: string
}

type SealedEach<Fact> = Fact extends AuditFact ? Sealed<Fact> : never

export type AuditEntry = SealedEach<AuditFact> & {
  /** From 1, without a gap. */
  n: number
  /** Milliseconds since 1970, by the adapter node's clock. */
  at: number
  /** SHA-256 (hex) of the entry before as it is stored; 64 zeroes for the first. */
  prev: string
  /** Of the salt of its hashes; absent where it has none, and in entries of earlier versions. */
  salt?: string
}

/** An entry and its hash: whoever notes it elsewhere can tell later that nothing before it was changed. */
export interface AuditHead {
  n: number
  hash: string
}

export const NO_ENTRY: AuditHead = { n: 0, hash: '0'.repeat(64) }

export function encodeAudit(entry: AuditEntry): Uint8Array {
  return encodeUtf8(JSON.stringify(entry))
}

/** @throws BridgeError damaged-table */
export function decodeAudit(n: number, bytes: Uint8Array): AuditEntry {
  try {
    const entry = JSON.parse(decodeUtf8(bytes) ?? '') as AuditEntry
    if (typeof entry.prev !== 'string' || typeof entry.kind !== 'string' || entry.n !== n)
      throw new TypeError(`it is no entry ${n}`)
    return entry
  } catch (cause) {
    throw new BridgeError('damaged-table', `audit entry ${n} cannot be read`, { cause })
  }
}

export function encodeHead(head: AuditHead): Uint8Array {
  return encodeUtf8(JSON.stringify({ n: head.n, hash: head.hash }))
}

/** @throws BridgeError damaged-table */
export function decodeHead(bytes: Uint8Array | undefined): AuditHead {
  if (!bytes) return NO_ENTRY
  try {
    const head = JSON.parse(decodeUtf8(bytes) ?? '') as AuditHead
    if (!Number.isSafeInteger(head.n) || typeof head.hash !== 'string') throw new TypeError('it is no head')
    return head
  } catch (cause) {
    throw new BridgeError('damaged-table', 'the head of the audit log cannot be read', { cause })
  }
}

export function auditHash({ sha256 }: Pick<BridgeHost, 'sha256'>, bytes: Uint8Array): string {
  return toHex(sha256(bytes))
}

/** Digits of an entry's number in its key: as many as keep the order of numbers that a store can count. */
const DIGITS = 15

export function numberKey(n: number): string {
  return String(n).padStart(DIGITS, '0')
}

/** Whom it is about, and whose salt it has: the record, or of a row that is no record the row; undefined for what is about the log. */
export function subjectOf(fact: Pick<AuditFact, 'kind'>): string | undefined {
  const { record, type, rowId } = fact as { record?: string; type?: string; rowId?: string }
  if (record !== undefined) return record
  return type !== undefined && rowId !== undefined ? rowSubject({ type, rowId }) : undefined
}

export function rowSubject({ type, rowId }: { type: string; rowId: string }): string {
  return `${type}\n${rowId}`
}
