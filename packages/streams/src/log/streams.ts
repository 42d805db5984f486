/**
 * Writing streams on a gateway. Readings wait in memory until their segment is sealed; a sealed one goes into the log,
 * which is the spool: there it survives crashes and waits for the hub like every other entry.
 *
 *     append ──▶ open readings ──▶ sealed ──▶ one transaction: number · entry · index row · totals ──▶ durable
 *                     │   readingsMax reached, spanMsMax after the first, or flush
 *                     ▼
 *       what a crash loses: readings that no resolved flush() came after. They were never acknowledged to anyone.
 *
 * Numbers are given in the transaction, from what is stored: a failed commit uses none up, and its segments are written
 * by the next attempt (the next seal or flush). So numbers have no holes, over crashes and restarts.
 */

import type { ReplicaBase, Transaction } from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { Sealer, type SealPolicy } from '../sealer.ts'
import { encodeSegment, type UnencodedSegment } from '../segment.ts'
import { keepSegment } from './segment-index.ts'
import { recordOfStream, type StreamChannels } from './stream-record.ts'
import { readTotals, type StreamTotals } from './stream-totals.ts'
import { StreamsError } from './streams-error.ts'

/** Readings that may wait for a commit: 64 MiB of columns, minutes of a failing disk at 10,000 readings a second. */
export const READINGS_WAITING_MAX = 4_194_304

/** Streams written by one gateway: each holds a few KiB of open readings. */
export const STREAMS_WRITTEN_MAX = 10_000

/** Segments of one commit: bounds its bytes (64 × 128 KiB with the default policy, mostly a tenth) and its time. */
const SEGMENTS_PER_COMMIT_MAX = 64

/** Hosts count timers in 31 bits of milliseconds (24 days); sealing sooner harms nothing. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** Milliseconds before a failed commit is tried again: a full disk does not empty sooner. */
const RETRY_MS_MIN = 1_000

export interface StreamsParts {
  compressor: Compressor
  channels: StreamChannels
  policy: SealPolicy
  /** Where each stream stands. */
  positions: ReadonlyMap<string, StreamTotals>
}

/** The streams that this replica writes, made by `openStreams`. One at a time for each replica. */
export class Streams {
  readonly #replica: ReplicaBase
  readonly #parts: StreamsParts
  readonly #sealers = new Map<string, Sealer>()
  /** Oldest first; taken out once they are durable. */
  readonly #sealed: UnencodedSegment[] = []
  #segmentsSealed = 0
  #segmentsStored = 0
  #readingsWaiting = 0
  #storing: Promise<void> | undefined
  #failure: unknown
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(replica: ReplicaBase, parts: StreamsParts) {
    this.#replica = replica
    this.#parts = parts
  }

  /** Readings taken that are not durable yet. */
  get readingsWaiting(): number {
    return this.#readingsWaiting
  }

  /**
   * Takes one reading: whole milliseconds since 1970, and a number (NaN for a gap). A refused one changes nothing.
   *
   * @throws SegmentError `bad-input`, `unordered`; StreamsError
   */
  append(stream: string, timeMs: number, value: number): void {
    this.#append(this.#sealerOf(stream), timeMs, value)
  }

  /**
   * Takes readings of one stream, in order. Throws as `append` does, at the first that is refused; those before it are
   * taken.
   *
   * @throws RangeError when there are not as many values as times
   */
  appendMany(stream: string, times: ArrayLike<number>, values: ArrayLike<number>): void {
    if (times.length !== values.length)
      throw new RangeError(`stream ${stream} got ${times.length} times and ${values.length} values`)
    const sealer = this.#sealerOf(stream)
    for (let i = 0; i < times.length; i += 1) this.#append(sealer, times[i]!, values[i]!)
  }

  /**
   * Resolves when everything appended before is sealed and durable here.
   *
   * @throws StoreError when it could not be stored; the readings are kept for the next attempt
   */
  async flush(): Promise<void> {
    this.#sealAll()
    const last = this.#segmentsSealed
    while (this.#segmentsStored < last) await this.#storeAll()
  }

  /** Flushes, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  #append(sealer: Sealer, timeMs: number, value: number): void {
    if (this.#readingsWaiting >= READINGS_WAITING_MAX) throw this.#backlogFull(sealer.stream)
    sealer.append(timeMs, value)
    this.#readingsWaiting += 1
    if (sealer.openReadings < this.#parts.policy.readingsMax) {
      this.#startTimer()
    } else {
      this.#seal(sealer)
      this.#storeInBackground()
    }
  }

  #sealerOf(stream: string): Sealer {
    if (this.#closed) throw new StreamsError('closed', `stream ${stream} got a reading after its close()`)
    const known = this.#sealers.get(stream)
    if (known !== undefined) return known
    if (this.#sealers.size >= STREAMS_WRITTEN_MAX)
      throw new StreamsError(
        'too-many-streams',
        `stream ${stream} would be one more than the ${STREAMS_WRITTEN_MAX} that a gateway may write: use several`,
      )
    const { policy, positions } = this.#parts
    const totals = positions.get(stream)
    const position = { number: totals?.newestNumber ?? 0, newestMs: totals?.newestMs ?? null }
    const sealer = new Sealer(stream, policy, position)
    this.#sealers.set(stream, sealer)
    return sealer
  }

  /** Readings are as old as they have been here, whatever their times say: a year's backlog makes full segments. */
  #startTimer(delayMs = this.#parts.policy.spanMsMax): void {
    if (this.#cancelTimer !== undefined) return
    this.#cancelTimer = this.#replica.session.host.timer(Math.min(delayMs, TIMER_MS_MAX), () => {
      this.#sealAll()
      this.#storeInBackground()
    })
  }

  #sealAll(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    for (const sealer of this.#sealers.values()) this.#seal(sealer)
  }

  #seal(sealer: Sealer): void {
    const segment = sealer.seal()
    if (segment === null) return
    this.#sealed.push(segment)
    this.#segmentsSealed += 1
  }

  /** A failure is told by the next flush, or by append when too much waits. */
  #storeInBackground(): void {
    this.#storeAll().catch(() => undefined)
  }

  /** Writes what is sealed, in order, by one run at a time. */
  #storeAll(): Promise<void> {
    if (this.#storing === undefined && this.#sealed.length > 0) this.#storing = this.#store()
    return this.#storing ?? Promise.resolve()
  }

  /** What fails is tried again, whoever asked for it: an app that hears of it from `flush` need not ask twice. */
  async #store(): Promise<void> {
    try {
      while (this.#sealed.length > 0) await this.#storeSome(this.#sealed.slice(0, SEGMENTS_PER_COMMIT_MAX))
      this.#failure = undefined
    } catch (error) {
      this.#failure = error
      if (!this.#closed) this.#startTimer(Math.max(this.#parts.policy.spanMsMax, RETRY_MS_MIN))
      throw error
    } finally {
      this.#storing = undefined
    }
  }

  async #storeSome(segments: readonly UnencodedSegment[]): Promise<void> {
    await this.#replica.transact(async (transaction) => {
      for (const segment of segments) await this.#write(transaction, segment)
    })
    this.#sealed.splice(0, segments.length)
    this.#segmentsStored += segments.length
    for (const { times } of segments) this.#readingsWaiting -= times.length
  }

  async #write(transaction: Transaction, segment: UnencodedSegment): Promise<void> {
    const { compressor, channels } = this.#parts
    const { stream } = segment
    const totals = await readTotals(transaction.tables, stream)
    const body = encodeSegment({ ...segment, number: (totals?.newestNumber ?? 0) + 1 }, compressor)
    const seq = await transaction.append('segment', recordOfStream(stream), body, channels(stream))
    const hash = this.#replica.session.host.sha256(body)
    await keepSegment(transaction.tables, { seq, hash, body })
  }

  #backlogFull(stream: string): StreamsError {
    return new StreamsError(
      'backlog-full',
      `stream ${stream} got a reading while ${this.#readingsWaiting} wait to be stored, the most allowed: ` +
        'await flush() before appending more, and see the cause if the store fails',
      { cause: this.#failure },
    )
  }
}
