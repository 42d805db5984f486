/**
 * What a replica knows of a record without loading it: its heads, the highest sequence per actor, the highest operation, the channels it is in, and
 * how far its own edits stand in the log. Encoded into the record's row.
 */
import { fromHex, toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Seq } from '../store/port.ts'
import { ACTOR_BYTES } from './entry.ts'

export interface Frontier {
  incarnation: number
  /** Change hashes, hex, ascending. */
  heads: string[]
  /** Highest sequence per actor (hex). */
  seqs: Map<string, number>
  maxOp: number
  /** Channels computed here from the value, ascending. */
  channels: string[]
  /** Channels for which the hub said that the record is in them; what decides when an edge gives it up. */
  held: string[]
  /** Sequence of the newest entry of this record written here; 0 if none. */
  ownSeq: Seq
  deleted: boolean
}

const FORMAT = 1
/** Concurrent heads that a row can hold; the guard refuses a record with more than its own, lower limit. */
const HEADS_MAX = 65_535

export function emptyFrontier(): Frontier {
  return {
    incarnation: 0,
    heads: [],
    seqs: new Map(),
    maxOp: 0,
    channels: [],
    held: [],
    ownSeq: 0,
    deleted: false,
  }
}

export function cloneFrontier(f: Frontier): Frontier {
  return { ...f, heads: [...f.heads], seqs: new Map(f.seqs), channels: [...f.channels], held: [...f.held] }
}

export function encodeFrontier(f: Frontier): Uint8Array {
  const writer = new ByteWriter(96 + f.heads.length * 32 + f.seqs.size * 19)
  writer
    .u8(FORMAT)
    .u8(f.deleted ? 1 : 0)
    .varint(f.incarnation)
    .varint(f.maxOp)
    .varint(f.ownSeq)
    .varint(f.heads.length)
  for (const head of f.heads) writer.raw(fromHex(head))
  writer.varint(f.seqs.size)
  for (const [actor, seq] of f.seqs) writer.raw(fromHex(actor)).varint(seq)
  writer.varint(f.channels.length)
  for (const channel of f.channels) writer.string(channel)
  writer.varint(f.held.length)
  for (const channel of f.held) writer.string(channel)
  return writer.finish()
}

/** @throws BytesError when the row is damaged */
export function decodeFrontier(bytes: Uint8Array): Frontier {
  const reader = new ByteReader(bytes)
  reader.u8()
  const deleted = reader.u8() === 1
  const incarnation = reader.varint()
  const maxOp = reader.varint()
  const ownSeq = reader.varint()
  const heads = list(reader, () => toHex(reader.raw(32)))
  const seqs = new Map(list(reader, () => [toHex(reader.raw(ACTOR_BYTES)), reader.varint()] as const))
  const channels = list(reader, () => reader.string(1024))
  const held = list(reader, () => reader.string(1024))
  return { incarnation, heads, seqs, maxOp, channels, held, ownSeq, deleted }
}

function list<T>(reader: ByteReader, read: () => T): T[] {
  const count = reader.varint(HEADS_MAX)
  const items: T[] = []
  for (let i = 0; i < count; i++) items.push(read())
  return items
}
