// Writes the one kind of change we write without the engine: a single operation that puts an empty object or
// a zero counter at a map key. Byte for byte what Automerge's own encoder writes (a test compares them), and
// in no more time, but where no engine is loaded.

import { encodeUtf8 } from '../bytes/utf8.ts'
import type { ByteWriter } from '../bytes/writer.ts'
import { COLUMN } from './columns.ts'
import type { ContainerKind } from './container-address.ts'
import { ACTION } from './operations.ts'
import { VALUE } from './value-meta.ts'

/** A literal run of one value, as LEB128: -1. */
const ONE_LITERAL = 0x7f
const NO_VALUE = VALUE.null
const ONE_BYTE_COUNTER = (1 << 4) | VALUE.counter

const actions: Readonly<Record<ContainerKind, number>> = {
  map: ACTION.makeMap,
  list: ACTION.makeList,
  text: ACTION.makeText,
  counter: ACTION.set,
}

export interface MakeChange {
  readonly actor: Uint8Array
  readonly message: string
  readonly key: string
  readonly kind: ContainerKind
  /** Absent in the root. */
  readonly parent?: MakeParent
}

/**
 * The map something is made in: actor and number of the operation that made it, and the hash of that change.
 */
export interface MakeParent {
  readonly actor: Uint8Array
  readonly counter: number
  readonly hash: Uint8Array
}

/**
 * The body of the change: sequence 1, time 0, first operation one above the parent's, depending on the parent
 * alone. `body` is emptied first, so that one writer serves a whole path.
 */
export function encodeMakeBody(make: MakeChange, body: ByteWriter): Uint8Array {
  const { parent } = make
  body.reset()
  if (parent === undefined) body.varint(0)
  else body.varint(1).raw(parent.hash)
  body.bytes(make.actor)
  body.varint(1) // sequence
  body.varint((parent?.counter ?? 0) + 1) // first operation
  body.u8(0) // time
  body.string(make.message)
  if (parent === undefined) body.varint(0)
  else body.varint(1).bytes(parent.actor)
  writeRow(make, body)
  return body.finish()
}

/**
 * The list of columns, then their data. All columns but the key's hold one or two bytes: a depth is below
 * 128.
 */
function writeRow({ key, kind, parent }: MakeChange, body: ByteWriter): void {
  const keyBytes = encodeUtf8(key)
  const nested = parent !== undefined
  const counter = kind === 'counter'
  body.varint(5 + (nested ? 2 : 0) + (counter ? 1 : 0))
  if (nested) body.u8(COLUMN.objectActor).u8(2).u8(COLUMN.objectCounter).u8(2)
  body.u8(COLUMN.keyText).varint(1 + varintBytes(keyBytes.length) + keyBytes.length)
  body.u8(COLUMN.insert).u8(1).u8(COLUMN.action).u8(2).u8(COLUMN.valueMeta).u8(2)
  if (counter) body.u8(COLUMN.valueRaw).u8(1)
  body.u8(COLUMN.predecessorCount).u8(2)
  if (nested) body.u8(ONE_LITERAL).u8(1).u8(ONE_LITERAL).u8(parent.counter)
  body.u8(ONE_LITERAL).bytes(keyBytes)
  body.u8(1) // no insert
  body.u8(ONE_LITERAL).u8(actions[kind])
  body.u8(ONE_LITERAL).u8(counter ? ONE_BYTE_COUNTER : NO_VALUE)
  if (counter) body.u8(0)
  body.u8(ONE_LITERAL).u8(0) // no predecessors
}

/** Bytes a length takes: a key has at most 1,024. */
function varintBytes(length: number): number {
  return length < 0x80 ? 1 : 2
}
