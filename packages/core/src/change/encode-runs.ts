// Writes run-length encoded columns, spelled as Automerge's own encoder spells them: what runs.ts reads.
//
// A row without a value is `undefined`. A column of such rows alone stays empty, and is then left out.

import type { ByteWriter } from '../bytes/writer.ts'

type Rows<Value> = readonly (Value | undefined)[]

export function writeRuns<Value extends number | string>(
  column: ByteWriter,
  rows: Rows<Value>,
  write: (value: Value) => void,
): void {
  if (rows.every((row) => row === undefined)) return
  let at = 0
  while (at < rows.length) {
    const value = rows[at]
    const count = countEqual(rows, at)
    if (value === undefined) column.signedVarint(0).varint(count)
    else if (count > 1) {
      column.signedVarint(count)
      write(value)
    } else {
      const literals = countLiterals(rows, at)
      column.signedVarint(-literals)
      for (const literal of rows.slice(at, at + literals)) write(literal as Value)
      at += literals
      continue
    }
    at += count
  }
}

/** Each value as its distance from the one before; the first from 0. */
export function writeDistances(column: ByteWriter, rows: Rows<number>): void {
  let before = 0
  const distances = rows.map((value) => {
    if (value === undefined) return undefined
    const distance = value - before
    before = value
    return distance
  })
  writeRuns(column, distances, (distance) => column.signedVarint(distance))
}

/** Lengths of runs, alternating, false first. */
export function writeFlags(column: ByteWriter, flags: readonly boolean[]): void {
  let at = 0
  for (let flag = false; at < flags.length; flag = !flag) {
    const start = at
    while (at < flags.length && flags[at] === flag) at++
    column.varint(at - start)
  }
}

function countEqual<Value>(rows: Rows<Value>, at: number): number {
  let end = at + 1
  while (end < rows.length && rows[end] === rows[at]) end++
  return end - at
}

/** Values in a row of which no two neighbours are equal. */
function countLiterals<Value>(rows: Rows<Value>, at: number): number {
  let end = at + 1
  while (end < rows.length && rows[end] !== undefined && countEqual(rows, end) === 1) end++
  return end - at
}
