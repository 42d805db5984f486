/** What a handshake comes to: who the peer is, and what each side will be told. */

import type { Granted } from './api.ts'
import type { Peer, Want } from './port.ts'
import type { Grant } from './want.ts'

export interface Met {
  peer: Peer
  /** Hash of this side's credential that the peer was shown, or knew, hex. */
  shown: string
  /** What the peer asked. */
  peerAsked: Want
  /** What of it it will be told. */
  grant: Grant
  /** What this side asked. */
  asked: Want
  /** What of it this side will be told. */
  heard: Want
  /** Channels whose cursors the peer does not own any more, `*` for its log. */
  refused: readonly string[]
  granted: Granted
  /** What may be sent at first. */
  creditBytes: number
}
