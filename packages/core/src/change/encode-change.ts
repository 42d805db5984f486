// Writes a change without the engine: what a record that is told whole begins with, where making an engine's
// document for each would be most of the work. Byte for byte what Automerge's own encoder writes (a property
// test compares them), so it makes no difference which of two nodes wrote it so.

import { fromHex, toHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { changeHashInput, sealChunk } from './chunk.ts'
import { COLUMN } from './columns.ts'
import { writeDistances, writeFlags, writeRuns } from './encode-runs.ts'
import type { ChangeHost } from './ports.ts'
import { VALUE } from './value-meta.ts'

/** An operation by its number and its author. */
export interface OperationName {
  readonly counter: number
  readonly actorHex: string
}

export interface NewOperation {
  /** One of `ACTION`. */
  readonly action: number
  /** Undefined in the root. */
  readonly object: OperationName | undefined
  /** Where it acts: at a key of a map, or behind an element of a list or text, undefined being its beginning. */
  readonly at: { readonly key: string } | { readonly behind: OperationName | undefined }
  readonly value: string | number | boolean | null
  /** The operation it replaces, or adds to. */
  readonly predecessor?: OperationName
}

export interface NewChange {
  readonly actorHex: string
  readonly startOp: number
  /** Seconds since 1970. */
  readonly time: number
  readonly message: string | undefined
  /** Hex. */
  readonly deps: readonly string[]
  readonly operations: readonly NewOperation[]
}

/** The first change of its actor. */
export function encodeChange(
  change: NewChange,
  host: Pick<ChangeHost, 'sha256'>,
): { bytes: Uint8Array; hashHex: string } {
  const others = otherActors(change)
  const columns = new Columns()
  writeColumns(columns, change, others)
  const body = new ByteWriter()
  body.varint(change.deps.length)
  for (const dep of change.deps.toSorted()) body.raw(fromHex(dep))
  body.bytes(fromHex(change.actorHex)).varint(1).varint(change.startOp).signedVarint(change.time)
  body.string(change.message ?? '').varint(others.length)
  for (const other of others) body.bytes(fromHex(other))
  columns.writeTo(body)
  const hashInput = changeHashInput(body.finish())
  const hash = host.sha256(hashInput)
  return { bytes: sealChunk(hashInput, hash), hashHex: toHex(hash) }
}

/** Columns, one behind the other; an empty one is left out. */
class Columns {
  readonly #data = new ByteWriter()
  readonly #lengths: [number: number, length: number][] = []

  add(number: number, write: (data: ByteWriter) => void): void {
    const start = this.#data.length
    write(this.#data)
    if (this.#data.length > start) this.#lengths.push([number, this.#data.length - start])
  }

  numbers(number: number, rows: readonly (number | undefined)[]): void {
    this.add(number, (data) => writeRuns(data, rows, (value) => data.varint(value)))
  }

  distances(number: number, rows: readonly (number | undefined)[]): void {
    this.add(number, (data) => writeDistances(data, rows))
  }

  writeTo(body: ByteWriter): void {
    body.varint(this.#lengths.length)
    for (const [number, length] of this.#lengths) body.varint(number).varint(length)
    body.raw(this.#data.finish())
  }
}

/** Actors that operations name beside the change's own, hex, ascending. */
function otherActors({ actorHex, operations }: NewChange): string[] {
  const named = new Set<string>()
  for (const { object, at, predecessor } of operations) {
    if (object) named.add(object.actorHex)
    if ('behind' in at && at.behind) named.add(at.behind.actorHex)
    if (predecessor) named.add(predecessor.actorHex)
  }
  named.delete(actorHex)
  return [...named].sort()
}

function writeColumns(
  columns: Columns,
  { actorHex, operations }: NewChange,
  others: readonly string[],
): void {
  const numbers = new Map([[actorHex, 0], ...others.map((other, i) => [other, i + 1] as const)])
  const actorOf = (name: OperationName | undefined) => name && numbers.get(name.actorHex)
  const behind = ({ at }: NewOperation) => ('behind' in at ? at.behind : undefined)
  const predecessors = operations.flatMap(({ predecessor }) => predecessor ?? [])
  const values = new ByteWriter()
  const metas = operations.map(({ value }) => writeValue(values, value))
  columns.numbers(
    COLUMN.objectActor,
    operations.map(({ object }) => actorOf(object)),
  )
  columns.numbers(
    COLUMN.objectCounter,
    operations.map(({ object }) => object?.counter),
  )
  columns.numbers(
    COLUMN.keyActor,
    operations.map((operation) => actorOf(behind(operation))),
  )
  columns.distances(
    COLUMN.keyCounter,
    operations.map(({ at }) => ('behind' in at ? (at.behind?.counter ?? 0) : undefined)),
  )
  const keys = operations.map(({ at }) => ('key' in at ? at.key : undefined))
  columns.add(COLUMN.keyText, (data) => writeRuns(data, keys, (key) => data.string(key)))
  columns.add(COLUMN.insert, (data) =>
    writeFlags(
      data,
      operations.map(({ at }) => 'behind' in at),
    ),
  )
  columns.numbers(
    COLUMN.action,
    operations.map(({ action }) => action),
  )
  columns.numbers(COLUMN.valueMeta, metas)
  columns.add(COLUMN.valueRaw, (data) => data.raw(values.finish()))
  columns.numbers(
    COLUMN.predecessorCount,
    operations.map(({ predecessor }) => (predecessor ? 1 : 0)),
  )
  columns.numbers(COLUMN.predecessorActor, predecessors.map(actorOf))
  columns.distances(
    COLUMN.predecessorCounter,
    predecessors.map(({ counter }) => counter),
  )
}

/** Appends the value's bytes. @returns its header: type, and size in bytes above it */
function writeValue(values: ByteWriter, value: NewOperation['value']): number {
  if (value === null) return VALUE.null
  if (typeof value === 'boolean') return value ? VALUE.true : VALUE.false
  const start = values.length
  if (typeof value === 'string') values.text(value)
  else if (isInteger(value)) values.signedVarint(value)
  else values.raw(floatBytes(value))
  const type = typeof value === 'string' ? VALUE.text : isInteger(value) ? VALUE.signed : VALUE.float
  return (values.length - start) * 16 + type
}

/** As the engine is told them (engine/document.ts): whole numbers are integers, but for the other zero. */
function isInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

function floatBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
}
