// For tests only: builds change chunks that no honest encoder would write, with a right checksum, so that
// only the rule under test can refuse them.

import { deflateRawSync } from 'node:zlib'
import { fromHex, toHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { changeHashInput, sealChunk } from './chunk.ts'
import { host, runActor } from './engine.test-support.ts'

/**
 * Columns are [number, data in hex], spaces allowed. Everything left out is that of a first change by
 * `runActor(1)`.
 */
export interface Craft {
  deps?: string[]
  actor?: string
  seq?: number
  startOp?: number
  /** Hex of the signed LEB128. */
  time?: string
  message?: string
  others?: string[]
  columns?: [number, string][]
  extra?: string
}

/** Sets keys a, b and c of the root to null, as Automerge writes it. */
export const threeNulls: [number, string][] = [
  [0x15, '7d 0161 0162 0163'],
  [0x34, '03'],
  [0x42, '03 01'],
  [0x56, '03 00'],
  [0x70, '03 00'],
]

/** Sets one key of the root to null as often as is said, which may be more than once, in some 30 bytes. */
export function manyNulls(operations: number): [number, string][] {
  const run = (value: string) => `${signedHex(operations)} ${value}`
  return [
    [0x15, run('01 61')],
    [0x34, toHex(new ByteWriter().varint(operations).finish())],
    [0x42, run('01')],
    [0x56, run('00')],
    [0x70, run('00')],
  ]
}

/** Signed LEB128 of a positive number. */
function signedHex(value: number): string {
  const bytes = []
  let left = value
  for (; left > 0x3f; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
  return toHex(Uint8Array.from([...bytes, left]))
}

/** `threeNulls` with some columns replaced, added, or (undefined) left out. */
export function threeNullsBut(changes: Record<number, string | undefined>): [number, string][] {
  const columns = new Map<number, string | undefined>(threeNulls)
  for (const [number, data] of Object.entries(changes)) columns.set(Number(number), data)
  return [...columns]
    .filter((column): column is [number, string] => column[1] !== undefined)
    .sort((a, b) => a[0] - b[0])
}

export function hexBytes(text: string): Uint8Array {
  return fromHex(text.replaceAll(' ', ''))
}

export function craftBody(craft: Craft): Uint8Array {
  const body = new ByteWriter()
  const { deps = [], others = [], columns = threeNulls } = craft
  body.varint(deps.length)
  for (const dep of deps) body.raw(fromHex(dep))
  body.bytes(fromHex(craft.actor ?? runActor(1)))
  body.varint(craft.seq ?? 1).varint(craft.startOp ?? 1)
  body.raw(hexBytes(craft.time ?? '00')).string(craft.message ?? '')
  body.varint(others.length)
  for (const other of others) body.bytes(fromHex(other))
  body.varint(columns.length)
  for (const [number, data] of columns) body.varint(number).varint(hexBytes(data).length)
  for (const [, data] of columns) body.raw(hexBytes(data))
  return body.raw(hexBytes(craft.extra ?? '')).finish()
}

/** A change chunk around any body, right checksum included. */
export function seal(body: Uint8Array): Uint8Array {
  const hashInput = changeHashInput(body)
  return sealChunk(hashInput, host.sha256(hashInput))
}

export function craftChange(craft: Craft): Uint8Array {
  return seal(craftBody(craft))
}

/** The same change as a compressed chunk. */
export function compressChange(body: Uint8Array): Uint8Array {
  const stored = deflateRawSync(body)
  const checksum = host.sha256(changeHashInput(body)).subarray(0, 4)
  return new ByteWriter()
    .raw(hexBytes('856f4a83'))
    .raw(checksum)
    .u8(2)
    .varint(stored.length)
    .raw(stored)
    .finish()
}
