/**
 * The sealer of one stream: collects readings as they come and says when they should become a segment. Small segments
 * waste bytes on headers, large ones keep readings unsent and unsafe for longer; the policy is where a gateway chooses.
 *
 *     append ──▶ open readings ──▶ sealReason() ──▶ seal() ──▶ UnencodedSegment, number + 1
 *
 * It has no clock and stores nothing: open readings are lost with the process, so what must not be lost is sealed.
 */

import type { Readings, UnencodedSegment } from './segment.ts'
import { SegmentError } from './segment-error.ts'
import { READINGS_PER_SEGMENT_MAX, SEGMENT_NUMBER_MAX, TIME_MS_ABS_MAX } from './segment-limits.ts'
import { encodeStreamName } from './stream-name.ts'

/** When to seal, and how disordered a sensor may be. */
export interface SealPolicy {
  /** Seal at this many readings: 1 to `READINGS_PER_SEGMENT_MAX`. */
  readingsMax: number
  /** Seal once the oldest open reading is this many milliseconds old, so that a quiet stream is sealed too. */
  spanMsMax: number
  /** How many milliseconds before the newest reading another may lie; it is put in its place. 0 refuses any. */
  lateMsMax: number
}

/** Where a stream stands after a restart: taken from the header of its last stored segment. */
export interface StreamPosition {
  /** The number of the last sealed segment, 0 when there is none. */
  number: number
  /** Its `lastMs`, or null when there is none. */
  newestMs: number | null
}

export type SealReason = 'readings' | 'span'

/** 8,192 readings are some 10 KiB as a segment; a minute is what a gateway may lose to a power cut. */
export const SEAL_POLICY_DEFAULT: SealPolicy = { readingsMax: 8_192, spanMsMax: 60_000, lateMsMax: 0 }

const CAPACITY_AT_FIRST = 64

/** Collects the readings of one stream. */
export class Sealer {
  readonly stream: string
  private readonly policy: SealPolicy
  private number: number
  private newestMs: number
  private times = new Float64Array(CAPACITY_AT_FIRST)
  private values = new Float64Array(CAPACITY_AT_FIRST)
  private count = 0

  /** @throws SegmentError `bad-input` for an impossible stream name, policy or position */
  constructor(
    stream: string,
    policy: SealPolicy = SEAL_POLICY_DEFAULT,
    position: StreamPosition = { number: 0, newestMs: null },
  ) {
    encodeStreamName(stream)
    checkSealPolicy(policy, stream)
    checkPosition(stream, position)
    this.stream = stream
    this.policy = policy
    this.number = position.number
    this.newestMs = position.newestMs ?? Number.NEGATIVE_INFINITY
  }

  /** Readings collected since the last seal. */
  get openReadings(): number {
    return this.count
  }

  /**
   * Takes one reading. A refused one changes nothing.
   *
   * @throws SegmentError `bad-input` for a time that is no whole millisecond in range; `unordered` when it lies further
   *   back than the policy allows; `too-many-readings` when the segment is full and was not sealed
   */
  append(timeMs: number, value: number): void {
    this.checkReading(timeMs)
    if (this.count === this.times.length) this.grow()
    const index = this.indexFor(timeMs)
    this.times.copyWithin(index + 1, index, this.count)
    this.values.copyWithin(index + 1, index, this.count)
    this.times[index] = timeMs
    this.values[index] = value
    this.count += 1
    this.newestMs = Math.max(this.newestMs, timeMs)
  }

  /** Why the open readings should be sealed now, or null. `nowMs` is the time of the same clock as the readings'. */
  sealReason(nowMs: number): SealReason | null {
    if (this.count === 0) return null
    if (this.count >= this.policy.readingsMax) return 'readings'
    const newestMs = Math.max(nowMs, this.times[this.count - 1]!)
    return newestMs - this.times[0]! >= this.policy.spanMsMax ? 'span' : null
  }

  /**
   * Takes the open readings out as the next segment, whatever the policy says; null when there are none.
   *
   * @throws SegmentError `bad-input` when the stream has used up its segment numbers
   */
  seal(): UnencodedSegment | null {
    if (this.count === 0) return null
    if (this.number >= SEGMENT_NUMBER_MAX) {
      throw badInput(
        this.stream,
        `has used all ${SEGMENT_NUMBER_MAX} segment numbers; go on under another name`,
      )
    }
    const readings: Readings = {
      times: this.times.slice(0, this.count),
      values: this.values.slice(0, this.count),
    }
    this.number += 1
    this.count = 0
    return { stream: this.stream, number: this.number, ...readings }
  }

  private checkReading(timeMs: number): void {
    if (!isTime(timeMs)) {
      throw badInput(
        this.stream,
        `got the time ${timeMs}; give whole milliseconds within ±${TIME_MS_ABS_MAX}`,
      )
    }
    if (timeMs < this.newestMs - this.policy.lateMsMax) {
      throw new SegmentError(
        'unordered',
        `Stream ${this.stream} got the time ${timeMs}, ${this.newestMs - timeMs} ms before its newest reading; ` +
          `at most ${this.policy.lateMsMax} ms are allowed: drop the reading or raise lateMsMax.`,
      )
    }
    if (this.count >= READINGS_PER_SEGMENT_MAX) {
      throw new SegmentError(
        'too-many-readings',
        `Stream ${this.stream} holds ${this.count} open readings, the most for one segment: seal it first.`,
      )
    }
  }

  /** After all readings that are not later, so that equal times keep the order in which they came. */
  private indexFor(timeMs: number): number {
    let index = this.count
    while (index > 0 && this.times[index - 1]! > timeMs) index -= 1
    return index
  }

  private grow(): void {
    const capacity = Math.min(this.times.length * 2, READINGS_PER_SEGMENT_MAX)
    const times = new Float64Array(capacity)
    const values = new Float64Array(capacity)
    times.set(this.times)
    values.set(this.values)
    this.times = times
    this.values = values
  }
}

/** @throws SegmentError `bad-input`, in the name of `stream` */
export function checkSealPolicy({ readingsMax, spanMsMax, lateMsMax }: SealPolicy, stream: string): void {
  if (!Number.isInteger(readingsMax) || readingsMax < 1 || readingsMax > READINGS_PER_SEGMENT_MAX) {
    throw badInput(stream, `has readingsMax ${readingsMax}; give 1 to ${READINGS_PER_SEGMENT_MAX}`)
  }
  if (!(spanMsMax >= 0)) throw badInput(stream, `has spanMsMax ${spanMsMax}; give 0 or more milliseconds`)
  if (!(lateMsMax >= 0)) throw badInput(stream, `has lateMsMax ${lateMsMax}; give 0 or more milliseconds`)
}

function checkPosition(stream: string, { number, newestMs }: StreamPosition): void {
  if (!Number.isInteger(number) || number < 0 || number > SEGMENT_NUMBER_MAX) {
    throw badInput(stream, `starts after segment ${number}; give 0 to ${SEGMENT_NUMBER_MAX}`)
  }
  if (newestMs !== null && !isTime(newestMs)) throw badInput(stream, `starts after the time ${newestMs}`)
}

function isTime(timeMs: number): boolean {
  return Number.isInteger(timeMs) && Math.abs(timeMs) <= TIME_MS_ABS_MAX
}

function badInput(stream: string, what: string): SegmentError {
  return new SegmentError('bad-input', `Stream ${JSON.stringify(stream.slice(0, 80))} ${what}.`)
}
