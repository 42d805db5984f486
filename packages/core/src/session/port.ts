/**
 * What a session needs of its replica. The session speaks the protocol and decides what to send next; the replica keeps the log,
 * judges what arrives and makes it durable. Nothing here knows about messages.
 */

import type { Presences } from '../ephemeral/port.ts'
import type { Host } from '../host.ts'
import type { Credential, CredentialEvidence, CredentialVerifier } from '../identity/credential.ts'
import type { ReplicaDigests } from '../reconcile/port.ts'
import type { ChannelPage, LoggedEntry, PageLimit, RunRow, Seq } from '../store/port.ts'
import type { Spend } from './spend.ts'

/** A position in another replica's log: the sequence, and the run of that log which owns it. */
export interface Cursor {
  log: string
  run: string
  seq: Seq
}

/** The other side as an initiator knows it before the handshake is done: it says what it wants in its first message. */
export interface PeerAddress {
  /** Hex of the first 16 bytes of sha256(public key). */
  node: string
  publicKey: Uint8Array
  log: string
  /** Undefined: not met before. What is asked for beyond the grant is left out by the other side. */
  credential: Credential | undefined
  /** Undefined before it listed them. */
  runs?: readonly RunRow[]
}

/** The authenticated other side of a session. */
export interface Peer extends PeerAddress {
  /** The newest runs the peer listed, oldest first, at most RUNS_LISTED_MAX. */
  runs: readonly RunRow[]
  credential: Credential
}

/** What a session asks of the other side's log: the whole log (a hub of an edge), or some channels (an edge of a hub). */
export type Want =
  | { kind: 'log'; cursor: Cursor | undefined }
  | {
      kind: 'channels'
      cursors: ReadonlyMap<string, Cursor | undefined>
      /** Views of what is in the channels that begin at the beginning may go first (U1). */
      views?: boolean
      /** The asker's own count of its credentials when it asked; not told. What it has given up since, frames that answer this want do not bring back. */
      credentials?: number
    }
  | { kind: 'nothing' }

export type IncomingItem =
  /** `seq` may be below the oldest run the peer listed: which run owns it there is then unknown. */
  | { kind: 'entry'; seq: Seq; bytes: Uint8Array }
  | { kind: 'enter'; seq: Seq; channel: string; record: string }
  | { kind: 'leave'; seq: Seq; channel: string; record: string }
  /** A credential that entries after it cite; already checked by the session against the authority. */
  | { kind: 'credential'; credential: Credential }

/** What a record said when it was told, before any of its entries (U1). */
export interface ToldView {
  record: string
  /** Version of its collection at the teller, whose form the view has. */
  version: number
  /** The first 16 hex digits of each of its heads, ascending. */
  heads: string
  /** JSON. */
  view: string
}

/** Views that came together. */
export interface ToldViews {
  /** As they came (view-text.ts), frame by frame. */
  pages: readonly Uint8Array[]
  /** The channels for which they were welcome. */
  channels: readonly string[]
}

/** One page of what is in a channel. */
export interface ViewPage {
  views: readonly ToldView[]
  /** Some were too large. */
  leftOut: boolean
  /** Where the next page begins; undefined when this was the last. */
  next: Seq | undefined
}

/** The items of one frame, to be made durable together. */
export interface Delivery {
  peer: Peer
  items: readonly IncomingItem[]
  /** After these items everything asked has been told up to here. Absent in the middle of a record. */
  position: Cursor | undefined
  /** Nothing was left at the sender when it sent this. */
  current: boolean
  /**
   * What was asked when the sender told this, narrowed to what it granted: after a position the cursors of these channels, and of no others, stand at it, or where
   * they are named here if that is further (a channel that was reconciled begins there).
   */
  want: Want
  /** Channels asked that are being reconciled: who is in them is not known yet. */
  waiting?: readonly string[]
  /** It was told before, and answered as known though nobody could weigh it then (replica rule DM-6): what would be refused now is taken back. */
  isAnswered?: boolean
}

/** Refusals, by the sequence the entry has in the sender's log. Codes are listed in SPEC.md, section Refusals. */
export interface Refusal {
  seq: Seq
  code: string
  reason: string
  /** The record that the peer gives up, wholly or in part, when it hears of this; empty when it cannot be told. Not on the wire. */
  record?: string
}

export interface SessionReplica {
  readonly host: Host
  readonly space: string
  readonly verifier: CredentialVerifier
  readonly publicKey: Uint8Array
  readonly node: string
  readonly log: string
  /** All runs of this log, oldest first. */
  readonly runs: readonly RunRow[]
  readonly head: Seq
  /** Entries up to this sequence may have been given up with their records; 0 when none was. */
  readonly forgotten: Seq
  /** What reconciling needs. */
  readonly digests: ReplicaDigests
  /** Who is here; absent when this replica takes no part in that. */
  readonly presences?: Presences | undefined
  /** The credential this replica shows; undefined before it was enrolled. */
  readonly credential: Credential | undefined
  sign(message: Uint8Array): Promise<Uint8Array>

  /** What to ask of this peer, with the positions reached so far (both `want` and cursors come from the store). `again`: in a session that is open. */
  want(peer: PeerAddress, how?: { again: boolean }): Promise<Want>
  /** What this peer may be told of the log. */
  readLog(after: Seq, limit: PageLimit, to: Peer): Promise<LoggedEntry[]>
  readChannels(after: ReadonlyMap<string, Seq>, limit: PageLimit): Promise<ChannelPage>
  /** Fewest records of which views are told (U2); Infinity: none are. */
  readonly viewsMin: number
  /** Views of the records in this channel that entered it above `after` and are in none of the channels `told`. */
  readViews(channel: string, after: Seq, told: ReadonlySet<string>): Promise<ViewPage>
  /** Keeps what the authority told of records before their entries. Resolves when it is durable; in order with `deliver`. @throws ProtocolError malformed, StoreError */
  takeViews(told: ToldViews): Promise<void>
  /** A credential known here by its hash (seen in a session or with an entry), still unchecked for expiry. */
  credentialByHash(hash: string): Promise<Credential | undefined>
  /** Hashes of the credentials that this entry's signatures cite, without checking anything else. */
  credentialsCited(entry: Uint8Array): readonly string[]

  /**
   * Judge and make durable. Resolves after the bytes are durable, with what was refused at the door; items not refused are kept (or
   * were known already). @throws ProtocolError when the peer broke the protocol (the session ends), StoreError when this replica cannot
   * store (nothing is acknowledged, the session ends with 4507). `spend`: the peer has a budget; entries are let in by turns, each paid for before it begins (B3).
   */
  deliver(delivery: Delivery, spend?: Spend): Promise<Refusal[]>
  /**
   * The peer is met, or has answered a want. It does not own the cursors of the channels in `refused` any more (`*`: of the log), nor what else it said as of sequences
   * that its runs do not own. Called in order with `deliver` and `acknowledged`, as they are among themselves. `isNew`: the session has just begun.
   */
  met(peer: Peer, refused: readonly string[], isNew?: boolean): Promise<void>
  /**
   * The peer has everything it asked of this log up to `seq`, durably, except what it refused. Called in order, before
   * the last call has resolved too: what a call does must not overtake the one before, nor a delivery that came earlier. `seq` may
   * stay (refusals alone), and goes back only after the peer asked anew, or where O10 tells again. `at` is the head of the peer's log when it answered; absent when
   * it stood at `seq` already and was asked nothing.
   */
  acknowledged(peer: Peer, seq: Seq, refusals: readonly Refusal[], at?: Seq): Promise<void>
  /**
   * Up to where this peer's answers about this log are durable here. Telling the whole log begins there, or at the peer's cursor if that is lower: the peer may have
   * taken a frame whose ACK was lost, and with it the refusals. Answers that the peer's log has lost do not count. Infinity where nobody's refusals matter (the other side is no authority).
   */
  answered(peer: Peer): Seq
  /**
   * Called after each commit, with the new head, and the channels in whose index it wrote an entry or a mark (absent: any). The result
   * stops it. Channels spare sessions that asked for none of them a look at the store.
   */
  onCommit(listener: (head: Seq, channels?: ReadonlySet<string>) => void): () => void
  /** Called when a credential that held may hold no more. The result stops it. */
  onBarred(listener: () => void): () => void
  /** Whether this replica had something that it cannot read any more, and that the peer may have and was not asked for. */
  mayHaveDamaged(peer: Peer): Promise<boolean>
  /** Called when there is more of that. The result stops it. */
  onDamage(listener: () => void): () => void
  /** The peer refused this replica as revoked, and showed what the authority signed. Nothing is believed that does not hold. */
  heardRevocation(evidence: CredentialEvidence): Promise<void>
  /** A credential was accepted in this session, or replaced. */
  remember(credential: Credential): Promise<void>
}

export type ProtocolErrorCode =
  | 'malformed'
  | 'unexpected-message'
  | 'version-unsupported'
  | 'wrong-space'
  | 'same-log'
  | 'bad-proof'
  | 'credential-missing'
  | 'frame-too-large'
  | 'credit-exceeded'
  | 'too-many'
  | 'too-slow'
  | 'handshake-timeout'

/** The other side broke the protocol: the session ends, nothing of the offending message is kept. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  constructor(code: ProtocolErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
