// Adds up what the columns of a change claim: operations, predecessors, bytes. Time and memory follow the
// bytes received, never the claim.
//
// The action column says how many operations there are; all others must have as many rows, because
// Automerge's encoder gives them as many.

import { ByteReader } from '../bytes/reader.ts'
import { COLUMN, type ColumnName, type RowCount } from './columns.ts'
import { aboveLimit, type ChangeRefusalCode, ChangeRefused } from './refused.ts'
import { RunCursor, type RunValue } from './runs.ts'
import { checkValueMeta } from './value-meta.ts'

/** Largest operation counter: the engine keeps it in 32 bits. */
export const OPERATION_COUNTER_MAX = 2 ** 32 - 1
/** makeMap, set, makeList, del, makeText, inc; above are links and marks. */
const ACTION_MAX = 5

/** The number of operations. Throws `ChangeRefused`, `BytesError` where a column ends early. */
export function countOperations(count: RowCount): number {
  const operations = countActions(count)
  countObjects(count, operations)
  countKeys(count, operations)
  countInserts(count, operations)
  countValues(count, operations)
  countPredecessors(count, operations)
  for (let actor = 1; actor < count.actorsNamed.length; actor++) {
    if (count.actorsNamed[actor] === 0)
      throw new ChangeRefused('not-canonical', `other actor ${actor} is listed and not used`)
  }
  return operations
}

function countActions(count: RowCount): number {
  const { operationsMax } = count.limits
  return walk(count, 'action', 'unsigned', operationsMax, 'too-many-operations', (run) => {
    if (run.isNull) throw new ChangeRefused('malformed', 'an operation without an action')
    if (run.value > ACTION_MAX)
      throw new ChangeRefused('unsupported-operation', `action ${run.value}, known are 0 to ${ACTION_MAX}`)
  })
}

function countObjects(count: RowCount, operations: number): void {
  const actors = walkRows(count, 'objectActor', 'unsigned', operations, false, (run) => nameActor(count, run))
  const counters = walkRows(count, 'objectCounter', 'unsigned', operations, false, (run) =>
    checkCounter(run.value, run.isNull, 1),
  )
  if (actors !== counters)
    throw new ChangeRefused('malformed', 'object ids need both an actor and a counter column')
}

function countKeys(count: RowCount, operations: number): void {
  const { keyBytesMax, keyBytesTotalMax } = count.limits
  walkRows(count, 'keyActor', 'unsigned', operations, false, (run) => nameActor(count, run))
  walkRows(count, 'keyCounter', 'signed', operations, false, deltas())
  let total = 0
  walkRows(count, 'keyText', 'text', operations, false, (run) => {
    if (run.isNull) return
    if (run.byteLength > keyBytesMax)
      throw aboveLimit('key-too-long', 'a key in bytes', run.byteLength, keyBytesMax)
    total += run.byteLength * run.count
    if (total > keyBytesTotalMax)
      throw aboveLimit('key-too-long', 'all keys together, in bytes', total, keyBytesTotalMax)
  })
}

/**
 * The one boolean column: counts of false and true in turn, beginning with false, none of them zero but the
 * first.
 */
function countInserts(count: RowCount, operations: number): void {
  const range = count.ranges.insert
  let rows = 0
  if (range !== undefined) {
    const reader = new ByteReader(count.body, range.start, range.end)
    while (reader.remaining > 0) {
      const first = reader.offset === range.start
      const run = reader.varint()
      if (run === 0 && !(first && reader.remaining > 0))
        throw new ChangeRefused('not-canonical', 'insert column with an empty run')
      rows += run
    }
  }
  if (rows !== operations) throw wrongRows('insert', rows, operations)
}

function countValues(count: RowCount, operations: number): void {
  const range = count.ranges.valueRaw
  const held = range === undefined ? 0 : range.end - range.start
  let claimed = 0
  walkRows(count, 'valueMeta', 'unsigned', operations, true, (run) => {
    claimed += checkValueMeta(run.value) * run.count
    if (claimed > held)
      throw new ChangeRefused(
        'malformed',
        `values claim ${claimed} bytes or more, the value column has ${held}`,
      )
  })
  if (claimed !== held)
    throw new ChangeRefused('not-canonical', `values claim ${claimed} bytes, the value column has ${held}`)
}

function countPredecessors(count: RowCount, operations: number): void {
  const { predecessorsMax } = count.limits
  let predecessors = 0
  walkRows(count, 'predecessorCount', 'unsigned', operations, true, (run) => {
    predecessors += run.value * run.count
    if (predecessors > predecessorsMax) {
      throw aboveLimit('too-many-predecessors', 'the number of predecessors', predecessors, predecessorsMax)
    }
  })
  walkRows(count, 'predecessorActor', 'unsigned', predecessors, true, (run) => nameActor(count, run))
  walkRows(count, 'predecessorCounter', 'signed', predecessors, true, deltas())
}

/**
 * Walks a column that has exactly `rows` rows, or, unless `required`, is absent. Returns whether it is there.
 */
function walkRows(
  count: RowCount,
  name: ColumnName,
  kind: RunValue,
  rows: number,
  required: boolean,
  visit: (run: RunCursor) => void,
): boolean {
  const found = walk(count, name, kind, rows, 'malformed', (run) => {
    if (required && run.isNull) throw new ChangeRefused('malformed', `${name} column with a null`)
    visit(run)
  })
  if (found !== rows && (required || found > 0)) throw wrongRows(name, found, rows)
  return found > 0
}

function walk(
  count: RowCount,
  name: ColumnName,
  kind: RunValue,
  rowsMax: number,
  above: ChangeRefusalCode,
  visit: (run: RunCursor) => void,
): number {
  const range = count.ranges[name]
  if (range === undefined) return 0
  const run = new RunCursor(kind, count.body, range.start, range.end)
  let rows = 0
  while (run.next()) {
    rows += run.count
    if (rows > rowsMax) throw aboveLimit(above, `the number of rows in the ${name} column`, rows, rowsMax)
    visit(run)
  }
  if (!run.hasValue)
    throw new ChangeRefused('not-canonical', `${name} column (${COLUMN[name]}) of nulls only`)
  return rows
}

function nameActor(count: RowCount, run: RunCursor): void {
  if (run.isNull) return
  if (run.value >= count.actorsNamed.length) {
    throw new ChangeRefused(
      'malformed',
      `actor number ${run.value}, the change lists ${count.actorsNamed.length}`,
    )
  }
  count.actorsNamed[run.value] = 1
}

/** A visitor that adds up differences; within a run they go one way, so its end is its extreme. */
function deltas(): (run: RunCursor) => void {
  let counter = 0
  return (run) => {
    if (run.isNull) return
    counter += run.value * run.count
    checkCounter(counter, false, 0)
  }
}

function checkCounter(counter: number, isNull: boolean, min: number): void {
  if (!isNull && (counter < min || counter > OPERATION_COUNTER_MAX)) {
    throw new ChangeRefused(
      'malformed',
      `operation counter ${counter}, allowed are ${min} to ${OPERATION_COUNTER_MAX}`,
    )
  }
}

function wrongRows(name: ColumnName, rows: number, operations: number): ChangeRefused {
  return new ChangeRefused('malformed', `${name} column has ${rows} rows, ${operations} are needed`)
}
