/** The body of a change, as packages/core/src/change/SPEC.md has it (C-70 to C-73): read, and written for a record's first edit. */
import { Fields, written } from './fields.ts'

export type Value = string | number | boolean | null

export interface ChangeBody {
  dependencies: string[]
  actor: string
  sequence: number
  firstOperation: number
  time: number
  message: string
  otherActors: string[]
  columns: Record<number, Uint8Array>
}

export function readChangeBody(body: Uint8Array): ChangeBody {
  const fields = new Fields(body)
  const read = {
    dependencies: fields.list(() => fields.hex(32)),
    actor: Buffer.from(fields.bytes()).toString('hex'),
    sequence: fields.varint(),
    firstOperation: fields.varint(),
    time: signed(fields),
    message: fields.string(),
    otherActors: fields.list(() => Buffer.from(fields.bytes()).toString('hex')),
  }
  const lengths = fields.list(() => [fields.varint(), fields.varint()] as const)
  const columns = Object.fromEntries(lengths.map(([column, length]) => [column, fields.raw(length)]))
  return fields.done({ ...read, columns })
}

function signed(fields: Fields): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = fields.u8()
    if (byte < 128) return value + (byte < 64 ? byte : byte - 128) * scale
    value += (byte & 127) * scale
  }
}

/** A run-length encoded column; null where a row has no value. */
function rows<T>(column: Uint8Array, one: (fields: Fields) => T): (T | null)[] {
  const fields = new Fields(column)
  const found: (T | null)[] = []
  while (fields.left > 0) {
    const count = signed(fields)
    if (count > 0) found.push(...new Array<T>(count).fill(one(fields)))
    else if (count < 0) for (let i = 0; i < -count; i++) found.push(one(fields))
    else found.push(...new Array<null>(fields.varint()).fill(null))
  }
  return found
}

/** The fields that a change sets at the root of its record, and what to. */
export function fieldsSet({ columns }: ChangeBody): Record<string, Value> {
  const none = new Uint8Array()
  const keys = rows(columns[0x15] ?? none, (fields) => fields.string())
  const actions = rows(columns[0x42] ?? none, (fields) => fields.varint())
  const metas = rows(columns[0x56] ?? none, (fields) => fields.varint())
  const objects = rows(columns[0x02] ?? none, (fields) => fields.varint())
  const values = new Fields(columns[0x57] ?? none)
  const found: Record<string, Value> = {}
  for (const [i, meta] of metas.entries()) {
    const value = readValue(values, meta ?? 0)
    const key = keys[i]
    if (actions[i] === 1 && key && objects[i] == null) found[key] = value
  }
  return found
}

function readValue(fields: Fields, meta: number): Value {
  const [type, bytes] = [meta & 15, fields.raw(meta >> 4)]
  if (type === 0) return null
  if (type <= 2) return type === 2
  if (type === 6) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  if (type === 4) return signed(new Fields(bytes))
  if (type === 5) return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true)
  throw new Error(`a value of type ${type}`)
}

/** A number as a signed varint. */
function signedVarint(value: number): number[] {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    const low = ((left % 128) + 128) % 128
    if ((left === low && low < 64) || (left === low - 128 && low >= 64)) return [...bytes, low]
    bytes.push(low + 128)
  }
}

/** Runs of two and more alike are one count and the value once; what is between them is one negative count and each. */
function runs<T>(values: readonly T[], one: (value: T) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  const alike = (at: number) => {
    let end = at + 1
    while (end < values.length && values[end] === values[at]) end++
    return end - at
  }
  for (let at = 0; at < values.length; ) {
    const count = alike(at)
    if (count > 1) {
      parts.push(Uint8Array.from(signedVarint(count)), one(values[at]!))
      at += count
      continue
    }
    let end = at + 1
    while (end < values.length && alike(end) === 1) end++
    parts.push(Uint8Array.from(signedVarint(at - end)), ...values.slice(at, end).map(one))
    at = end
  }
  return Buffer.concat(parts)
}

export interface BodyParts {
  actor: Uint8Array
  sequence?: number
  firstOperation?: number
  dependencies?: readonly string[]
  message?: string
  otherActors?: readonly Uint8Array[]
  columns: readonly (readonly [column: number, data: Uint8Array])[]
}

export function bodyOf(parts: BodyParts): Uint8Array {
  const { actor, sequence = 1, firstOperation = 1, dependencies = [], message = '' } = parts
  const { otherActors = [], columns } = parts
  return Buffer.concat([
    written.varint(dependencies.length),
    ...dependencies.map((hash) => Buffer.from(hash, 'hex')),
    written.bytes(actor),
    written.varint(sequence),
    written.varint(firstOperation),
    Uint8Array.of(0),
    written.string(message),
    written.varint(otherActors.length),
    ...otherActors.map(written.bytes),
    written.varint(columns.length),
    ...columns.flatMap(([column, data]) => [written.varint(column), written.varint(data.length)]),
    ...columns.map(([, data]) => data),
  ])
}

/** The columns of operations that set text fields at the root, which has none of them yet. */
export function columnsOf(set: Readonly<Record<string, string>>): [column: number, data: Uint8Array][] {
  const [keys, values] = [Object.keys(set), Object.values(set).map((value) => Buffer.from(value))]
  const each = (number: number) =>
    runs(
      keys.map(() => number),
      written.varint,
    )
  return [
    [0x15, runs(keys, written.string)],
    [0x34, written.varint(keys.length)],
    [0x42, each(1)],
    [
      0x56,
      runs(
        values.map(({ length }) => length * 16 + 6),
        written.varint,
      ),
    ],
    [0x57, Buffer.concat(values)],
    [0x70, each(0)],
  ]
}

/** The body of a change that sets text fields at the root of a record which has none of them yet. */
export function writeChangeBody({
  set,
  ...parts
}: Omit<BodyParts, 'columns'> & { set: Readonly<Record<string, string>> }): Uint8Array {
  return bodyOf({ ...parts, columns: columnsOf(set) })
}
