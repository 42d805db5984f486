/**
 * What the peer surely still has of what came from it (O3, O12). It claimed its runs when the session opened; since then it may have given records up: those it was told
 * LEAVE for, those of which an edit was refused or answered `elsewhere`, and, when its credential changed, any.
 */
import type { Host } from '../host.ts'
import { heardRun } from '../log/heard-run.ts'
import type { LoggedEntry, RunRow, Seq } from '../store/port.ts'
import { cameFrom } from './cursor.ts'
import { GIVEN_UP_MAX } from './limits.ts'
import type { Peer } from './port.ts'

export class PeerHolds {
  readonly #doubted = new Set<string>()
  readonly #host: Pick<Host, 'sha256'>
  readonly #since: Seq
  /** The runs that a peer listed, by the names that origins have for them. */
  readonly #heard = new WeakMap<readonly RunRow[], readonly RunRow[]>()
  #doubtsAll = false
  #doubtedUpTo: Seq = 0

  /** `since`: the head of this log when the session began. */
  constructor(host: Pick<Host, 'sha256'>, since: Seq) {
    this.#host = host
    this.#since = since
  }

  doubt(record: string): void {
    if (record === '' || this.#doubted.size >= GIVEN_UP_MAX) this.#doubtsAll = true
    else this.#doubted.add(record)
  }

  doubtAll(): void {
    this.#doubtsAll = true
  }

  /** It asks all there is, and what it has was not compared: it may have lost what it told before. */
  doubtUpTo(seq: Seq): void {
    this.#doubtedUpTo = Math.max(this.#doubtedUpTo, seq)
  }

  has(peer: Peer, { seq, record, origin }: LoggedEntry): boolean {
    if (this.#doubtsAll || seq <= this.#doubtedUpTo || this.#doubted.has(record)) return false
    return cameFrom(this.#runsOf(peer), origin)
  }

  #runsOf({ node, runs }: Peer): readonly RunRow[] {
    const known = this.#heard.get(runs)
    if (known) return known
    const heard = runs.map(({ run, first }) => ({ run: heardRun(this.#host, node, run), first }))
    this.#heard.set(runs, heard)
    return heard
  }

  /** The peer told it in this session. */
  hasJustTold(peer: Peer, entry: LoggedEntry): boolean {
    return entry.seq > this.#since && this.has(peer, entry)
  }
}
