/**
 * The time column. Sensors report at a steady beat, so what is stored is how much the beat changed:
 *
 *     times      0     3600  7200  10800  10807          (the first time stands in the header)
 *     spacing          3600  3600   3600      7
 *     change           3600     0      0  -3593
 *     column           zigzag(3600)  0 2  zigzag(-3593)  (0 n: the spacing stays for n readings)
 *
 * A year of hourly readings is seven bytes. Every part is a varint; a change of zero is only ever written as a run.
 */

import { SegmentError } from './segment-error.ts'
import { TIME_MS_ABS_MAX, VARINT_BYTES_MAX } from './segment-limits.ts'
import { ColumnReader, unzigzag, writeVarint, zigzag } from './varint.ts'

/**
 * Encodes all times but the first.
 *
 * @param times integer milliseconds, non-decreasing, at least one
 * @throws SegmentError `bad-input` for a time that is no integer or beyond ±`TIME_MS_ABS_MAX`; `unordered`
 */
export function encodeTimes(times: Float64Array): Uint8Array {
  const bytes = new Uint8Array(times.length * VARINT_BYTES_MAX)
  let position = 0
  let previous = checkedTime(times[0]!)
  let spacing = 0
  let run = 0
  for (let i = 1; i < times.length; i += 1) {
    const time = checkedTime(times[i]!)
    if (time < previous) throw unordered(i, previous, time)
    const change = time - previous - spacing
    if (change === 0) {
      run += 1
    } else {
      if (run > 0) position = writeRun(bytes, position, run)
      run = 0
      position = writeVarint(bytes, position, zigzag(change))
    }
    spacing = time - previous
    previous = time
  }
  if (run > 0) position = writeRun(bytes, position, run)
  return bytes.subarray(0, position)
}

/**
 * Decodes `count` times, the first of which is `firstMs`.
 *
 * @throws SegmentError `unordered`; `malformed` for anything else that no encoder writes
 */
export function decodeTimes(bytes: Uint8Array, count: number, firstMs: number): Float64Array {
  const times = new Float64Array(count)
  const reader = new ColumnReader(bytes)
  let time = firstMs
  let spacing = 0
  times[0] = time
  for (let i = 1; i < count; ) {
    const code = reader.readVarint()
    const run = code === 0 ? reader.readVarint() : 1
    if (run < 1 || run > count - i) throw wrongRun(run, count - i)
    spacing += unzigzag(code)
    if (spacing < 0) throw unordered(i, time, time + spacing)
    if (time + spacing * run > TIME_MS_ABS_MAX) throw beyondRange(time + spacing * run)
    for (const end = i + run; i < end; i += 1) {
      time += spacing
      times[i] = time
    }
  }
  reader.expectEnd()
  return times
}

function writeRun(bytes: Uint8Array, position: number, run: number): number {
  bytes[position] = 0
  return writeVarint(bytes, position + 1, run)
}

function checkedTime(time: number): number {
  if (Number.isInteger(time) && Math.abs(time) <= TIME_MS_ABS_MAX) return time
  throw new SegmentError(
    'bad-input',
    `Encoding a segment met the time ${time}: give whole milliseconds within ±${TIME_MS_ABS_MAX}.`,
  )
}

function unordered(index: number, previous: number, time: number): SegmentError {
  return new SegmentError(
    'unordered',
    `Reading ${index} of a segment has the time ${time}, before ${previous}: times must not go back.`,
  )
}

function wrongRun(run: number, left: number): SegmentError {
  return new SegmentError(
    'malformed',
    `Decoding times met a run of ${run} with ${left} readings left: discard it.`,
  )
}

function beyondRange(time: number): SegmentError {
  return new SegmentError(
    'malformed',
    `Decoding times reached ${time}, beyond ±${TIME_MS_ABS_MAX}: discard it.`,
  )
}
