/** What a session and the presences of its replica are to each other. The session carries bytes; who may hear what is decided here. */
import type { Credential } from '../identity/credential.ts'
import type { Travelling } from './said.ts'

export type PresenceMessage =
  | ({ type: 'presence' } & Travelling)
  /** Hash of a credential, 64 hex digits. */
  | { type: 'who'; credential: string }
  | { type: 'author'; token: string }
  | { type: 'hush' }

export interface PresencePeer {
  node: string
  credential: Credential
}

export interface LinkPorts {
  /** The authenticated other side, with the credential it showed last. */
  peer(): PresencePeer
  send(message: PresenceMessage): void
  /** Bytes waiting in the transport. */
  bufferedBytes(): number
  /** Data is ready and may not be sent. */
  isDataHeld(): boolean
  /** A message was dropped (PR-23). */
  dropped(): void
}

/** One session's part. */
export interface PresenceLink {
  /** From now on the peer is told of these channels; `all`: of all that this replica may read. Its credential may be another one. */
  tells(channels: ReadonlySet<string> | 'all'): void
  /** Whether a message of so many bytes is to be read at all (PR-19). */
  admits(bytes: number): boolean
  take(message: PresenceMessage): void
  /** `banned`: this side ended the session for the peer's credential (PR-13). */
  end(banned: boolean): void
}

export interface Presences {
  join(ports: LinkPorts): PresenceLink
}
