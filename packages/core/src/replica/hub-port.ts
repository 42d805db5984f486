/**
 * What a hub adds to a replica (SPEC.md, The hub's part). The code for it is handed in as a role, so that an edge, which never needs it, does not load it; where a replica has none, it is an edge.
 */
import type { Credential } from '../identity/credential.ts'
import type { Revoked } from '../log/revocation.ts'
import type { JsonObject } from '../records/shape.ts'
import type { Delivery, Refusal, ViewPage } from '../session/port.ts'
import type { Seq } from '../store/port.ts'
import type { Judged, Refused } from './judge.ts'
import type { JudgedSnapshot } from './judge-snapshot.ts'
import type { Leases } from './leases.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'

/** No refusal, but an answer: the entry is here, and its record is in none of the channels that the peer may read. The peer gives it up. */
export const ELSEWHERE = 'elsewhere'

export interface Hub {
  readonly leases: Leases
  /** Of one turn of a delivery; `runOf` is the peer's run that owns a sequence. */
  weigh(turn: Turn, delivery: Pick<Delivery, 'peer' | 'isAnswered'>, runOf: (seq: Seq) => string): Weighing
  /** Views of what is in a channel, above a sequence, but for records that are in one of those told (U1 to U3). */
  readViews(channel: string, after: Seq, told: ReadonlySet<string>): Promise<ViewPage>
  /** Resolves when it is durable; false when that was known. @throws StoreError, TooManyRevocations */
  revoke(revoked: Revoked & { wipe?: boolean }): Promise<boolean>
  /** Revocations that were kept before they travelled become entries. */
  tellUntold(): Promise<void>
  /** Remembers which of these records are deleted, and forgets which are not any more. */
  noteDeletions(turn: Turn, records: readonly string[]): Promise<void>
  /** The content of records goes whose time has come. Resolves with how many. */
  buryDue(recordsMax: number): Promise<number>
  /** Says, signed, that this incarnation of a record has gone: the bytes of that entry. */
  tombstone(record: string, incarnation: number, deletedAt: number): Promise<Uint8Array>
}

/** What is known of a record before an edit of it: its value, and of what is taken back the newest sequence per actor (hex). */
export interface Before {
  value: JsonObject | undefined
  since: Record<string, number>
}

/** Weighs what devices write, in one turn: by rules, rights over systems, and revocations. */
export interface Weighing {
  /** What the record says before this edit; undefined where that need not be known. */
  before(judged: Judged | JudgedSnapshot): Promise<Before | undefined>
  /** Its author was revoked, and another device carries it: somebody may have built on it, so it is let in and taken back. */
  isRevoked(judged: Judged | JudgedSnapshot): boolean
  /** From now on the edit is let in and taken back instead of being refused so: it was answered before it could be weighed (DM-15). False where it is refused all the same. */
  takesBack(judged: Judged | JudgedSnapshot, refused: Refused): boolean
  /** Whether that was said of it: its author's rights do not count any more. */
  isOverruled(judged: Judged | JudgedSnapshot): boolean
  /** @throws Refused lease-lost */
  checkLease(author: Credential, systems: readonly string[], seq: Seq): void
  /** The edit was let in. */
  changed(record: OpenRecord, judged: Judged | JudgedSnapshot, before: Before | undefined): void
  /** Edits of this record were told, whatever became of them. */
  told(record: string, seq: Seq): void
  mend(): Promise<void>
  /** Answers for records that are in no channel that the peer may read. */
  elsewhere(): Promise<Refusal[]>
  tellHeads(): Promise<void>
}
