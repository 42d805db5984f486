/**
 * What the audit log says: one entry for each thing that was decided or done for a record, in the append that did it. Each holds the hash of the one before, so that nobody can take one out, put one in
 * or change one without breaking every later hash (SPEC B-150 to B-154).
 *
 *   n, at, prev │ begun ─▶ answered ─▶ taken (echo)        outwards
 *               │ taken ─▶ begun …                          inwards
 */
import { decodeUtf8, encodeUtf8, type Json, toHex } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import type { BridgeHost } from '../context.ts'

/** What was written, or what became of a field. Values are as the mapping's privacy allows. */
export type AuditFact =
  /** A call was frozen: what will be sent, and from which state of the record. */
  | {
      kind: 'begun'
      record: string
      type: string
      rowId?: string | undefined
      action: 'upsert' | 'delete'
      /** By external name. */
      fields: Record<string, Json>
      /** Name of the record's field that each external field comes from. */
      from: Record<string, string>
      expectedVersion: string | null
      key: string
      heads: readonly string[]
      /** Highest sequence per device's run: the edits that are written. */
      edits: Record<string, number>
    }
  /** What the system said to it, or that it said nothing. */
  | {
      kind: 'answered'
      record: string
      key: string
      answer: string
      rowId?: string | undefined
      version?: string | undefined
      reason?: string | undefined
    }
  /** A row was taken in: what became of each of its fields that differed, by which rule. */
  | {
      kind: 'taken'
      record: string
      type: string
      rowId: string
      version: string
      by?: string | undefined
      modifiedAt?: number | undefined
      deleted: boolean
      /** By the record's field. */
      fields: Record<string, { was: Json; theirs: Json; became: Json; rule: string }>
      /** Of the record afterwards. */
      heads: readonly string[]
    }
  /** A row said what was known: most often the echo of our own write. */
  | { kind: 'echo'; record: string; type: string; rowId: string; version: string }
  /** It cannot be written by itself. */
  | { kind: 'dead'; record: string; reason: string; fields: readonly string[] }
  /** A person decided. */
  | { kind: 'decided'; record: string; what: string; by: string; value?: Json | undefined }

export type AuditEntry = AuditFact & {
  /** From 1, without a gap. */
  n: number
  /** Milliseconds since 1970, by the adapter node's clock. */
  at: number
  /** SHA-256 (hex) of the entry before as it is stored; 64 zeroes for the first. */
  prev: string
}

export const NO_ENTRY = '0'.repeat(64)

export function encodeAudit(entry: AuditEntry): Uint8Array {
  return encodeUtf8(JSON.stringify(entry))
}

/** @throws BridgeError damaged-table */
export function decodeAudit(n: number, bytes: Uint8Array): AuditEntry {
  try {
    const entry = JSON.parse(decodeUtf8(bytes) ?? '') as AuditEntry
    if (typeof entry.prev !== 'string' || typeof entry.kind !== 'string')
      throw new TypeError('it is no entry')
    return entry
  } catch (cause) {
    throw new BridgeError('damaged-table', `audit entry ${n} cannot be read`, { cause })
  }
}

export function auditHash({ sha256 }: Pick<BridgeHost, 'sha256'>, bytes: Uint8Array): string {
  return toHex(sha256(bytes))
}
