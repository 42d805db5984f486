/**
 * What the peer surely still has of what came from it (O3, O12). It claimed its runs when the session opened; since then it may have given records up: those it was told
 * LEAVE for, those of which an edit was refused or answered `elsewhere`, and, when its credential changed, any.
 */
import type { LoggedEntry, Seq } from '../store/port.ts'
import { cameFrom } from './cursor.ts'
import { GIVEN_UP_MAX } from './limits.ts'
import type { Peer } from './port.ts'

export class PeerHolds {
  readonly #doubted = new Set<string>()
  readonly #since: Seq
  #doubtsAll = false

  /** `since`: the head of this log when the session began. */
  constructor(since: Seq) {
    this.#since = since
  }

  doubt(record: string): void {
    if (record === '' || this.#doubted.size >= GIVEN_UP_MAX) this.#doubtsAll = true
    else this.#doubted.add(record)
  }

  doubtAll(): void {
    this.#doubtsAll = true
  }

  has(peer: Peer, { record, origin }: LoggedEntry): boolean {
    return !this.#doubtsAll && !this.#doubted.has(record) && cameFrom(peer.runs, origin)
  }

  /** The peer told it in this session. */
  hasJustTold(peer: Peer, entry: LoggedEntry): boolean {
    return entry.seq > this.#since && this.has(peer, entry)
  }
}
