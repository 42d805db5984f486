// The operations of a change, written out one by one. Only for a change that `parseChange` let through: that
// is what bounds the work.

import { ByteReader } from '../bytes/reader.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import type { ColumnName } from './columns.ts'
import type { ParsedChange } from './parse.ts'
import { ChangeRefused } from './refused.ts'
import { RunCursor, type RunValue } from './runs.ts'
import { valueType } from './value-meta.ts'

/** Automerge's numbers for what an operation does. */
export const ACTION = { makeMap: 0, set: 1, makeList: 2, del: 3, makeText: 4, inc: 5 } as const

/**
 * An operation's id: its counter, and who made it. Actor 0 is the change's own, n is `otherActors[n - 1]`.
 */
export interface OperationId {
  readonly actor: number
  readonly counter: number
}

export interface Operation {
  /** Counter of this operation's own id. */
  readonly counter: number
  /** One of `ACTION`. */
  readonly action: number
  /** The object it acts in; undefined is the root. */
  readonly object: OperationId | undefined
  /** The map key; undefined in a list or text. */
  readonly key: string | undefined
  /**
   * In a list or text the element it acts on or inserts after; undefined is the beginning, and always so when
   * there is a key.
   */
  readonly element: OperationId | undefined
  readonly insert: boolean
  /** One of `VALUE`. */
  readonly valueType: number
  /** Where the value stands in `ParsedChange.body`, and its size in bytes. */
  readonly valueStart: number
  readonly valueBytes: number
  /** The operations it replaces. */
  readonly predecessors: readonly OperationId[]
}

const NO_PREDECESSORS: readonly OperationId[] = []

/**
 * All operations, in order. Throws `ChangeRefused`: 'malformed' for half an id, a key and an element at once,
 * or a key that is not UTF-8.
 */
export function readOperations(parsed: ParsedChange): Operation[] {
  const rows = new Rows(parsed)
  const operations: Operation[] = []
  for (let i = 0; i < parsed.operations; i++) operations.push(rows.next(parsed.startOp + i))
  return operations
}

/** `counter@actor` in hex, as Automerge writes ids, or `_root`. */
export function objectIdText(parsed: ParsedChange, object: OperationId | undefined): string {
  if (object === undefined) return '_root'
  return `${object.counter}@${object.actor === 0 ? parsed.actorHex : parsed.otherActors[object.actor - 1]}`
}

/** All columns side by side, one row at a time. */
class Rows {
  readonly #objectActor: RowCursor
  readonly #objectCounter: RowCursor
  readonly #keyActor: RowCursor
  readonly #keyCounter: RowCursor
  readonly #keyText: RowCursor
  readonly #insert: InsertCursor
  readonly #action: RowCursor
  readonly #valueMeta: RowCursor
  readonly #predecessorCount: RowCursor
  readonly #predecessorActor: RowCursor
  readonly #predecessorCounter: RowCursor
  readonly #body: Uint8Array
  #key = ''
  #keyOffset = -1
  #elementCounter = 0
  #predecessor = 0
  #valueAt: number

  constructor(parsed: ParsedChange) {
    this.#body = parsed.body
    this.#valueAt = parsed.columns.valueRaw?.start ?? 0
    this.#objectActor = cursorOf(parsed, 'objectActor', 'unsigned')
    this.#objectCounter = cursorOf(parsed, 'objectCounter', 'unsigned')
    this.#keyActor = cursorOf(parsed, 'keyActor', 'unsigned')
    this.#keyCounter = cursorOf(parsed, 'keyCounter', 'signed')
    this.#keyText = cursorOf(parsed, 'keyText', 'text')
    this.#insert = new InsertCursor(parsed)
    this.#action = cursorOf(parsed, 'action', 'unsigned')
    this.#valueMeta = cursorOf(parsed, 'valueMeta', 'unsigned')
    this.#predecessorCount = cursorOf(parsed, 'predecessorCount', 'unsigned')
    this.#predecessorActor = cursorOf(parsed, 'predecessorActor', 'unsigned')
    this.#predecessorCounter = cursorOf(parsed, 'predecessorCounter', 'signed')
  }

  next(counter: number): Operation {
    const object = pair(this.#objectActor.next(), this.#objectCounter.next(), counter)
    const key = this.#nextKey()
    const meta = this.#valueMeta.next() ?? 0
    const valueStart = this.#valueAt
    const valueBytes = Math.floor(meta / 16)
    this.#valueAt += valueBytes
    return {
      counter,
      action: this.#action.next() ?? 0,
      object,
      key,
      element: this.#nextElement(counter, key !== undefined),
      insert: this.#insert.next(),
      valueType: valueType(meta),
      valueStart,
      valueBytes,
      predecessors: this.#nextPredecessors(counter),
    }
  }

  /** A run repeats one key: it is decoded once. */
  #nextKey(): string | undefined {
    const offset = this.#keyText.next()
    if (offset === undefined) return undefined
    if (offset === this.#keyOffset) return this.#key
    const key = decodeUtf8(this.#body, offset, offset + this.#keyText.byteLength)
    if (key === undefined) throw new ChangeRefused('malformed', `the key at offset ${offset} is not UTF-8`)
    this.#key = key
    this.#keyOffset = offset
    return key
  }

  #nextElement(counter: number, hasKey: boolean): OperationId | undefined {
    const actor = this.#keyActor.next()
    const delta = this.#keyCounter.next()
    if (hasKey !== (delta === undefined) || (hasKey && actor !== undefined)) {
      throw new ChangeRefused(
        'malformed',
        `operation ${counter} needs a map key or a list element, and not both`,
      )
    }
    if (delta === undefined) return undefined
    this.#elementCounter += delta
    if (this.#elementCounter === 0 && actor === undefined) return undefined
    return pair(actor, this.#elementCounter === 0 ? undefined : this.#elementCounter, counter)
  }

  #nextPredecessors(counter: number): readonly OperationId[] {
    const count = this.#predecessorCount.next() ?? 0
    if (count === 0) return NO_PREDECESSORS
    const predecessors: OperationId[] = []
    for (let i = 0; i < count; i++) {
      const actor = this.#predecessorActor.next()
      this.#predecessor += this.#predecessorCounter.next() ?? 0
      predecessors.push(existing(pair(actor, this.#predecessor, counter), counter))
    }
    return predecessors
  }
}

/** One value a row, `undefined` for null and for a column that is not there. */
class RowCursor {
  readonly #run: RunCursor | undefined
  #left = 0

  constructor(run: RunCursor | undefined) {
    this.#run = run
  }

  /** Of the value last returned by a text column. */
  get byteLength(): number {
    return this.#run?.byteLength ?? 0
  }

  next(): number | undefined {
    const run = this.#run
    if (run === undefined) return undefined
    if (this.#left === 0) {
      run.next()
      this.#left = run.count
    }
    this.#left--
    return run.isNull ? undefined : run.value
  }
}

/** Keeps nothing, and most columns of a small change are not there. */
const absent = new RowCursor(undefined)

function cursorOf({ columns, body }: ParsedChange, name: ColumnName, kind: RunValue): RowCursor {
  const range = columns[name]
  return range === undefined ? absent : new RowCursor(new RunCursor(kind, body, range.start, range.end))
}

class InsertCursor {
  readonly #reader: ByteReader | undefined
  #value = true
  #left = 0

  constructor(parsed: ParsedChange) {
    const range = parsed.columns.insert
    this.#reader = range === undefined ? undefined : new ByteReader(parsed.body, range.start, range.end)
  }

  next(): boolean {
    while (this.#left === 0 && this.#reader !== undefined) {
      this.#left = this.#reader.varint()
      this.#value = !this.#value
    }
    this.#left--
    return this.#value
  }
}

function pair(actor: number | undefined, counter: number | undefined, at: number): OperationId | undefined {
  if (actor === undefined && counter === undefined) return undefined
  if (actor === undefined || counter === undefined)
    throw new ChangeRefused('malformed', `operation ${at} names half an id`)
  return { actor, counter }
}

function existing(id: OperationId | undefined, at: number): OperationId {
  if (id === undefined)
    throw new ChangeRefused('malformed', `operation ${at} has a predecessor without an id`)
  return id
}
