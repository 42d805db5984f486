/** What a session is to those who start one. */
import type { CredentialError } from '../identity/credential.ts'
import type { Seq } from '../store/port.ts'
import type { PeerBudgets, Spent } from './budget.ts'
import type { Ending } from './ending.ts'
import type { Role } from './handshake.ts'
import type { OpenSessions } from './open-sessions.ts'
import type { Places } from './places.ts'
import type { Peer } from './port.ts'
import type { Audit } from './reconciling.ts'
import type { VersionRange } from './versions.ts'
import type { Counters } from './wire.ts'

export type SessionEvent =
  | { kind: 'opened'; peer: Peer }
  | { kind: 'ended'; ending: Ending }
  /** A credential of an entry's author does not hold; the entries that cite it will be refused. */
  | { kind: 'credential-left-out'; error: CredentialError }
  /** An entry of this log is larger than ENTRY_BYTES_MAX and is not sent to anyone. */
  | { kind: 'entry-left-out'; seq: Seq; bytes: number }
  /** The peer is over its budget: what it sent is delivered after so long. Told again after a minute at the earliest. */
  | { kind: 'slowed'; by: Spent; waitMs: number }
  /** All channels asked (or one, counted anew) were compared with the peer; `diverged` records differed though nothing under way explains it, and are healed. */
  | { kind: 'audited'; channels: readonly string[]; diverged: number }

export interface SessionOptions {
  role: Role
  /** Speaks only these versions of those it knows: for a roll-out in steps. Default: all. */
  versions?: VersionRange
  log?: (event: SessionEvent) => void
  compress?: 'auto' | 'never'
  /** An acceptor's: ends an older session of the same peer log when this one opens (E2). */
  sessions?: OpenSessions
  /** Budgets that the sessions of one replica share (B5). Default: one of this session's own, of the default rates. */
  budgets?: PeerBudgets
  /** Shared by the sessions of one replica: so many read the store at once before they are in step for the first time (O16). Default: no bound. */
  firstReads?: Places
  /** What may wait in this session's transport, where it is less than SEND_BUFFER_BYTES_MAX: a share of what all sessions may have (O6). */
  sendBufferBytesMax?: () => number
  /** Milliseconds between audits that this side does by itself. Default: none. */
  auditMs?: number
}

export interface Granted {
  /** Channels the other side tells, `*` for its whole log. */
  read: readonly string[]
  /** Channels into which the other side takes entries. */
  write: readonly string[]
}

export interface Flow {
  /** Bytes that the peer takes before it gives credit again; below 0 after a frame that was larger than what was left. */
  creditBytes: number
  /** Frames that the peer has not acknowledged. */
  unacknowledged: number
  /** Bytes queued in the transport. */
  bufferedBytes: number
}

export interface Session {
  readonly state: 'handshake' | 'open' | 'closed'
  /** Undefined until the session is open. */
  readonly peer: Peer | undefined
  readonly granted: Granted
  /** In step: the peer has told all there was, and has acknowledged all it asked. */
  readonly current: boolean
  /**
   * Everything asked that was there can be queried here: the hub's views of it are durable, though the records behind some may still be on their way (`replica.unverified()`); or the
   * session is current.
   */
  readonly queryable: boolean
  readonly counters: Readonly<Counters>
  /** How much of what this side tells is on its way, and how much more may be sent now. */
  readonly flow: Flow
  /** Resolves when the transport has closed; never rejects. */
  readonly closed: Promise<Ending>
  /** An initiator's: shows a newer credential of the same key; before the session is open it waits until then. */
  renew(token: string): void
  /** Asks the replica again what it wants, and the peer for that. */
  rewant(): void
  /**
   * Compares the channels asked with the peer although their cursors are valid, and heals what differs. `recount`: one channel, counted anew from its records under a random seed.
   * Undefined: not now (the session is not current, something is compared already), or the session ended meanwhile.
   */
  audit(options?: { recount?: boolean }): Promise<Audit | undefined>
  /** Says BYE and closes. `code` is one of `closeCodes`. */
  close(code?: number, reason?: string): void
  /** Called after `state`, `peer`, `granted`, `current` or `queryable` changed; must not throw. The result stops it. */
  onChange(listener: () => void): () => void
}
