/**
 * Threshold rules over a replica's log: a follower that evaluates each stream's segments as they come in, and lets the
 * caller open a record where a rule is crossed.
 *
 *     log ──▶ page ──▶ one transaction: states · what open() and close() write · position ──▶ next page
 *
 * Exactly once: all of it is durable together or not at all, and a segment that a rule has seen changes nothing. So a
 * crash, or moving the position back to 0, opens nothing twice. (Losing the states too, the crossings come again with
 * the same ids.)
 *
 * A segment behind a missing number waits for it, at most `holeMsMax`: a bad line may bring them out of order, but a
 * segment that never comes must not keep an alarm from opening. The stored position stays below what waits.
 */

import {
  decodeEntry,
  encodeUtf8,
  type Follower,
  type LoggedEntry,
  type ReplicaBase,
  type Seq,
  type Transaction,
  toHex,
} from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { readSegmentHeader } from '../segment-header.ts'
import { matchesStream } from '../stream-pattern.ts'
import type { Crossing } from '../threshold.ts'
import { checkedThresholdRule, type ThresholdRule } from '../threshold-rule.ts'
import { evaluateStream } from './evaluate-stream.ts'
import { FollowerLoop } from './follower-loop.ts'
import { HeldStreams } from './held-streams.ts'

/** As many as tell any two openings apart (a UUID has 122 bits). */
const RECORD_ID_BYTES = 16

/** The follower's name: its position can be read, and moved while this is closed. */
export const THRESHOLDS_FOLLOWER = 'thresholds'

/** One page of the log: some milliseconds of work, and one commit. */
const PAGE = { entries: 256, bytes: 4 * 1024 * 1024 }

/** Entries without segments that may be read again after a crash: storing the position for each would cost a commit. */
const ENTRIES_UNSTORED_MAX = 4_096

const HOLE_MS_MAX_DEFAULT = 60_000

/** Milliseconds after which a failed page is tried again. */
const RETRY_MS = 5_000

/** A crossing as the caller is handed it. */
export interface RecordedCrossing extends Crossing {
  /** 32 hex digits made of `id`: the id of the record that stands for the opening, the same wherever it is evaluated. */
  recordId: string
}

export interface ThresholdOptions {
  compressor: Compressor
  /** Writes what a crossing means, in the transaction that makes it happen once. A throw undoes the whole page. */
  open(transaction: Transaction, crossing: RecordedCrossing): Promise<void>
  /** The same when the readings are back at `clear`. */
  close?(transaction: Transaction, crossing: RecordedCrossing): Promise<void>
  /** Told when a page failed, which is tried again 5 s later: until then nothing opens. */
  onError(error: unknown): void
  /** Milliseconds that a segment waits for a missing one before it. Default 60,000. */
  holeMsMax?: number
}

/**
 * Starts evaluating `rules`, from where the follower stands. Call once for a replica, and `close()` it before the replica.
 *
 * @throws ThresholdRuleError
 */
export function startThresholds(
  replica: ReplicaBase,
  rules: readonly ThresholdRule[],
  options: ThresholdOptions,
): Thresholds {
  return new Thresholds(replica, rules.map(checkedThresholdRule), options)
}

export class Thresholds {
  readonly #replica: ReplicaBase
  readonly #rules: readonly ThresholdRule[]
  readonly #options: ThresholdOptions
  readonly #follower: Follower
  readonly #loop: FollowerLoop
  readonly #stopListening: () => void
  readonly #held: HeldStreams
  /** Read up to here; the stored position may be lower. */
  #position: Seq | undefined
  #stored: Seq = 0

  constructor(replica: ReplicaBase, rules: readonly ThresholdRule[], options: ThresholdOptions) {
    const { timer } = replica.session.host
    this.#replica = replica
    this.#rules = rules
    this.#options = options
    this.#follower = replica.follower(THRESHOLDS_FOLLOWER)
    this.#loop = new FollowerLoop({
      step: () => this.#step(),
      timer,
      retryMs: RETRY_MS,
      onError: options.onError,
    })
    const { holeMsMax = HOLE_MS_MAX_DEFAULT } = options
    this.#held = new HeldStreams(timer, holeMsMax, () => this.#loop.wake())
    this.#stopListening = this.#follower.onMore(() => this.#loop.wake())
    this.#loop.wake()
  }

  /**
   * Resolves when everything that is in the log now was evaluated, but for what waits behind a hole.
   *
   * @throws what kept it from that
   */
  idle(): Promise<void> {
    return this.#loop.idle()
  }

  /** Stops after the page under way. Another start goes on from there. */
  async close(): Promise<void> {
    this.#stopListening()
    await this.#loop.close()
    this.#held.close()
  }

  async #step(): Promise<boolean> {
    this.#position ??= this.#stored = await this.#follower.position()
    const page = await this.#follower.read(this.#position, PAGE)
    const upTo = page.at(-1)?.seq ?? this.#position
    const arrivals = this.#arrivalsIn(page)
    const { overdue } = this.#held
    for (const stream of overdue) if (!arrivals.has(stream)) arrivals.set(stream, undefined)
    if (arrivals.size > 0 || upTo - this.#stored > ENTRIES_UNSTORED_MAX)
      await this.#evaluate(arrivals, upTo, overdue)
    this.#position = upTo
    return page.length > 0
  }

  /** Streams with a rule, and the lowest number of each in the page. */
  #arrivalsIn(page: readonly LoggedEntry[]): Map<string, number | undefined> {
    const arrivals = new Map<string, number | undefined>()
    for (const { kind, bytes } of page) {
      if (kind !== 'segment') continue
      const { stream, number } = readSegmentHeader(decodeEntry(bytes).body)
      if (this.#rulesFor(stream).length > 0)
        arrivals.set(stream, Math.min(number, arrivals.get(stream) ?? number))
    }
    return arrivals
  }

  #rulesFor(stream: string): ThresholdRule[] {
    return this.#rules.filter((rule) => matchesStream(rule.streams, stream))
  }

  async #evaluate(
    arrivals: ReadonlyMap<string, number | undefined>,
    upTo: Seq,
    overdue: readonly string[],
  ): Promise<void> {
    const { compressor, open, close } = this.#options
    const held = this.#held.seqs
    this.#stored = await this.#replica.transact(async (transaction) => {
      for (const [stream, newestFrom] of arrivals) {
        const { crossings, heldSeq } = await evaluateStream(this.#replica, transaction, compressor, {
          stream,
          rules: this.#rulesFor(stream),
          newestFrom,
          upTo,
          passesHoles: overdue.includes(stream),
        })
        for (const crossing of crossings)
          await (crossing.kind === 'opened' ? open : close)?.(transaction, this.#recorded(crossing))
        if (heldSeq === undefined) held.delete(stream)
        else held.set(stream, heldSeq)
      }
      const position = Math.min(upTo, ...[...held.values()].map((seq) => seq - 1))
      this.#follower.advance(transaction, position)
      return position
    })
    this.#held.update(held)
  }

  #recorded(crossing: Crossing): RecordedCrossing {
    const hash = this.#replica.session.host.sha256(encodeUtf8(crossing.id))
    return { ...crossing, recordId: toHex(hash.subarray(0, RECORD_ID_BYTES)) }
  }
}
