/**
 * What a replica knows of a record without loading it: its heads, the highest sequence per actor, the highest operation, the channels it is in, and
 * how far its own edits stand in the log. Encoded into the record's row.
 */
import { BytesError } from '../bytes/bytes-error.ts'
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
/** Heads, actors or channels that a row can hold; a record has its own, lower limits (replica/limits.ts). */
const LISTED_MAX = 65_535
/** A channel's name in a row, bytes: records and sessions have their own, lower limits. */
const CHANNEL_BYTES_MAX = 1024

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

/** Whether there is or was a record: what has no history is new, or has gone and left its incarnation. */
export function isKnown({ heads, incarnation }: Pick<Frontier, 'heads' | 'incarnation'>): boolean {
  return heads.length > 0 || incarnation > 0
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

/** A record's row that cannot be read: damaged, or of a newer format. */
export class FrontierError extends Error {
  override readonly name = 'FrontierError'
  readonly code = 'unreadable-row'
}

/** @throws FrontierError */
export function decodeFrontier(bytes: Uint8Array): Frontier {
  try {
    return readFrontier(new ByteReader(bytes))
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new FrontierError(`a record's row is damaged: ${cause.message}`, { cause })
    throw cause
  }
}

function readFrontier(reader: ByteReader): Frontier {
  const format = reader.u8()
  if (format !== FORMAT)
    throw new FrontierError(
      `a record's row has format ${format}: this version reads ${FORMAT}; upgrade this node`,
    )
  const deleted = reader.u8() === 1
  const incarnation = reader.varint()
  const maxOp = reader.varint()
  const ownSeq = reader.varint()
  const heads = list(reader, () => toHex(reader.raw(32)))
  const seqs = new Map(list(reader, () => [toHex(reader.raw(ACTOR_BYTES)), reader.varint()] as const))
  const channels = list(reader, () => reader.string(CHANNEL_BYTES_MAX))
  const held = list(reader, () => reader.string(CHANNEL_BYTES_MAX))
  if (reader.remaining > 0)
    throw new FrontierError(`a record's row is damaged: ${reader.remaining} bytes are left behind its end`)
  return { incarnation, heads, seqs, maxOp, channels, held, ownSeq, deleted }
}

function list<T>(reader: ByteReader, read: () => T): T[] {
  const count = reader.varint(LISTED_MAX)
  const items: T[] = []
  for (let i = 0; i < count; i++) items.push(read())
  return items
}
