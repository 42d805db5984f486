/**
 * Changes that no honest engine writes, with a right checksum, so that only the rule under test can refuse them. The format is Automerge's
 * (https://automerge.org/automerge-binary-format-spec/); columns are given by number, with their data in hex.
 */
import { createHash } from 'node:crypto'
import { ByteWriter, fromHex } from '@skerry/core'

const MAGIC = '856f4a83'
const CHANGE_CHUNK = 1

export interface CraftedChange {
  bytes: Uint8Array
  hash: Uint8Array
}

export interface Craft {
  /** Hex. */
  actor: string
  message?: string
  /** Ascending by number. */
  columns: readonly (readonly [number: number, data: string])[]
}

/** The first change of its actor, on nothing. */
export function craftChange({ actor, message = '', columns }: Craft): CraftedChange {
  const body = new ByteWriter()
    .varint(0)
    .bytes(fromHex(actor))
    .varint(1)
    .varint(1)
    .u8(0)
    .string(message)
    .varint(0)
  body.varint(columns.length)
  for (const [number, data] of columns) body.varint(number).varint(data.length / 2)
  for (const [, data] of columns) body.raw(fromHex(data))
  return seal(body.finish())
}

function seal(body: Uint8Array): CraftedChange {
  const hashed = new ByteWriter().u8(CHANGE_CHUNK).varint(body.length).raw(body).finish()
  const hash = new Uint8Array(createHash('sha256').update(hashed).digest())
  return { bytes: new ByteWriter().raw(fromHex(MAGIC)).raw(hash.subarray(0, 4)).raw(hashed).finish(), hash }
}

/**
 * A list of `length` nulls at the key `l`: a valid change whose size hardly depends on the length, because columns are run-length encoded. With eight million of them
 * the engine needs 80 seconds and 3.9 GB.
 */
export function listBomb(actor: string, length: number): CraftedChange {
  const run = (count: number, value: string) => signed(count) + value
  return craftChange({
    actor,
    columns: [
      [0x01, `0001${run(length, '00')}`], // the list's actor
      [0x02, `0001${run(length, '01')}`], // the list is operation 1
      [0x11, `0002${run(length - 1, '00')}`], // after which element: none for the first
      [0x13, `00017e0002${run(length - 2, '01')}`],
      [0x15, `7f016c00${unsigned(length)}`], // key l, then none
      [0x34, `01${unsigned(length)}`], // inserted: no, then yes
      [0x42, `7f02${run(length, '01')}`], // make a list, then set
      [0x56, run(length + 1, '00')], // null
      [0x70, run(length + 1, '00')], // no predecessors
    ],
  })
}

function unsigned(value: number): string {
  return hexOf(new ByteWriter().varint(value).finish())
}

/** LEB128 with a sign: a run that is repeated is counted by a positive number. */
function signed(value: number): string {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const byte = rest & 0x7f
    rest >>= 7
    const done = rest === 0 && (byte & 0x40) === 0
    bytes.push(done ? byte : byte | 0x80)
    if (done) return hexOf(Uint8Array.from(bytes))
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
