/**
 * A record that lacks part of its history, because an entry of it cannot be read back. Its row still says what the history must come to: the heads. A change names what it builds on by hash, so what is lacking is told by
 * what is here, and what somebody brings is the lost change or is not: nobody needs to be believed.
 *
 *      heads ──builds on──► change here ──builds on──► change here ──builds on──► hash of which there is nothing: lacking
 */
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { bodyHash } from '../digest/digest-follower.ts'
import type { Host } from '../host.ts'
import { decodeEntry } from '../log/entry.ts'
import type { Frontier } from '../log/frontier.ts'
import { decodeSnapshot } from '../log/snapshot.ts'
import type { LoggedEntry } from '../store/port.ts'
import { changesOf } from './turn.ts'

/** An entry that can be read, taken apart. */
export interface Piece {
  logged: LoggedEntry
  changes: readonly Pick<ParsedChange, 'hashHex' | 'deps' | 'actorHex' | 'seq'>[]
  /** Names of the receipts in it. */
  receipts: readonly string[]
}

export function pieceOf(logged: LoggedEntry, host: Host): Piece {
  const changes = changesOf(logged, host).map((chunk) => parseChange(chunk, host, defaultChangeLimits))
  return { logged, changes, receipts: receiptsIn(logged, host) }
}

function receiptsIn({ kind, bytes }: LoggedEntry, host: Host): string[] {
  if (kind === 'receipt') return [bodyHash(host, decodeEntry(bytes).body)]
  if (kind !== 'snapshot') return []
  const { receipts } = decodeSnapshot(decodeEntry(bytes).body, host)
  return receipts.map((receipt) => bodyHash(host, decodeEntry(receipt).body))
}

export class DamagedRecord {
  readonly pieces: Piece[] = []
  /** Hashes of which there is no change, though something here builds on them or the row names them. */
  readonly lacking = new Set<string>()
  readonly #frontier: Pick<Frontier, 'heads' | 'seqs'>
  readonly #byHash = new Map<string, Piece['changes'][number]>()
  /** Actor and sequence of each change here. */
  readonly #places = new Set<string>()
  /** Hashes of what is here and the heads come from. */
  readonly #history = new Set<string>()

  constructor(frontier: Pick<Frontier, 'heads' | 'seqs'>, pieces: readonly Piece[]) {
    this.#frontier = frontier
    for (const piece of pieces) this.#keep(piece)
    this.#follow(frontier.heads)
  }

  add(piece: Piece): void {
    this.#keep(piece)
    this.#follow(piece.changes.flatMap(({ hashHex }) => (this.lacking.delete(hashHex) ? [hashHex] : [])))
  }

  /**
   * Whether one of these is what is lacking, or may be: what lies behind a lost change is not known before that change is here, so whatever has a place that is known and empty is taken.
   */
  wants(changes: Piece['changes']): boolean {
    return changes.some(
      (change) =>
        this.lacking.has(change.hashHex) || !(this.isBeyond(change) || this.#places.has(placeOf(change))),
    )
  }

  /** Whether the record did not have this change before. */
  isBeyond({ actorHex, seq }: Piece['changes'][number]): boolean {
    return seq > (this.#frontier.seqs.get(actorHex) ?? 0)
  }

  /**
   * The pieces in an order in which each comes after what it builds on: that an earlier incarnation has gone first, receipts last. Those that hold nothing of the record's history are left out.
   */
  inOrder(): Piece[] {
    const placed = new Set<string>()
    const ordered: Piece[] = []
    let waiting = this.pieces.filter(({ changes }) =>
      changes.some(({ hashHex }) => this.#history.has(hashHex)),
    )
    for (let before = -1; waiting.length !== before; ) {
      before = waiting.length
      waiting = waiting.filter((piece) => {
        if (!isReady(piece, placed)) return true
        for (const { hashHex } of piece.changes) placed.add(hashHex)
        ordered.push(piece)
        return false
      })
    }
    const ofKind = (kind: LoggedEntry['kind']) => this.pieces.filter(({ logged }) => logged.kind === kind)
    return [...ofKind('tombstone'), ...ordered, ...ofKind('receipt')]
  }

  #keep(piece: Piece): void {
    this.pieces.push(piece)
    for (const change of piece.changes) {
      this.#byHash.set(change.hashHex, change)
      this.#places.add(placeOf(change))
    }
  }

  #follow(hashes: readonly string[]): void {
    const next = [...hashes]
    for (let hash = next.pop(); hash !== undefined; hash = next.pop()) {
      const change = this.#byHash.get(hash)
      if (!change) this.lacking.add(hash)
      else if (!this.#history.has(hash)) {
        this.#history.add(hash)
        next.push(...change.deps)
      }
    }
  }
}

function isReady({ changes }: Piece, placed: ReadonlySet<string>): boolean {
  const own = new Set(changes.map(({ hashHex }) => hashHex))
  return changes.every(({ deps }) => deps.every((dep) => placed.has(dep) || own.has(dep)))
}

function placeOf({ actorHex, seq }: Piece['changes'][number]): string {
  return `${actorHex}/${seq}`
}
