// What a change may cost the engine, from its bytes alone: a few microseconds, without a hash, and without writing out one row.
//
// The engine's time and memory follow operations, predecessors, changes and bytes, and run lengths multiply the first two: a hundred bytes may hold fifty thousand of each.

import { ByteReader } from '../bytes/reader.ts'
import { readChunkHeader } from './chunk.ts'
import { type ColumnRange, type ColumnRanges, readColumnRanges } from './columns.ts'
import type { ChangeLimits } from './limits.ts'
import type { ParsedChange } from './parse.ts'
import type { ChangeHost } from './ports.ts'
import { RunCursor } from './runs.ts'

const HASH_BYTES = 32

export interface Weight {
  readonly changes: number
  readonly operations: number
  /** Operations that other operations name as replaced. */
  readonly predecessors: number
  /** Of the bodies, inflated. */
  readonly bytes: number
}

export const WEIGHTLESS: Weight = { changes: 0, operations: 0, predecessors: 0, bytes: 0 }

export function addWeights(a: Weight, b: Weight): Weight {
  return {
    changes: a.changes + b.changes,
    operations: a.operations + b.operations,
    predecessors: a.predecessors + b.predecessors,
    bytes: a.bytes + b.bytes,
  }
}

/** Whether every part of it is within the ceiling; operations and predecessors count together, as they cost about the same. */
export function isWithin(weight: Weight, ceiling: Weight): boolean {
  return (
    weight.changes <= ceiling.changes &&
    weight.operations + weight.predecessors <= ceiling.operations + ceiling.predecessors &&
    weight.bytes <= ceiling.bytes
  )
}

export function weightOf(change: ParsedChange): Weight {
  const { body, columns, operations } = change
  return { changes: 1, operations, predecessors: predecessorsIn(body, columns), bytes: body.length }
}

export function weightOfAll(changes: readonly ParsedChange[]): Weight {
  return changes.reduce((sum, change) => addWeights(sum, weightOf(change)), WEIGHTLESS)
}

/** Of a change that was let in before, read back from the store. @throws ChangeRefused, BytesError where it is none */
export function weighChunk(
  bytes: Uint8Array,
  host: Pick<ChangeHost, 'inflateRaw'>,
  limits: ChangeLimits,
): Weight {
  const header = readChunkHeader(bytes)
  const stored = bytes.subarray(header.bodyStart, header.end)
  const body = header.type === 'compressed-change' ? host.inflateRaw(stored, limits.inflatedBytesMax) : stored
  const reader = new ByteReader(body)
  reader.skip(HASH_BYTES * reader.varint())
  reader.skip(reader.varint()) // actor
  reader.varint() // sequence
  reader.varint() // first operation
  reader.signedVarint() // time
  reader.skip(reader.varint()) // message
  for (let others = reader.varint(); others > 0; others--) reader.skip(reader.varint())
  const columns = readColumnRanges(reader)
  return {
    changes: 1,
    operations: sumOfRuns(body, columns.action, (run) => run.count),
    predecessors: predecessorsIn(body, columns),
    bytes: body.length,
  }
}

function predecessorsIn(body: Uint8Array, columns: ColumnRanges): number {
  return sumOfRuns(body, columns.predecessorCount, (run) => run.value * run.count)
}

function sumOfRuns(body: Uint8Array, range: ColumnRange | undefined, of: (run: RunCursor) => number): number {
  if (!range) return 0
  const run = new RunCursor('unsigned', body, range.start, range.end)
  let sum = 0
  while (run.next()) if (!run.isNull) sum += of(run)
  return sum
}
