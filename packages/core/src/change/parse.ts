// Opens a change chunk without the CRDT engine: everything the guard, the log and the sessions need to know
// about it.
//
// The body (https://automerge.org/automerge-binary-format-spec/, "change chunks"), LEB128 throughout, time
// signed:
//
//   count, 32 bytes each      dependencies, ascending
//   length, bytes             actor
//   number                    sequence, from 1
//   number                    first operation, from 1
//   number                    time
//   length, UTF-8             message
//   count, {length, bytes}    other actors, ascending
//   count, {number, length}   columns, then their data
//   the rest                  extra bytes (the author)
//
// Order of work, cheapest first: size, header, bounded inflate, checksum, fields, run lengths. Rules and
// reasons: SPEC.md.

import { BytesError } from '../bytes/bytes-error.ts'
import { toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { actorKind } from './actors.ts'
import { changeHashInput, checksumMatches, hashedPart, readChunkHeader } from './chunk.ts'
import { refusedBytes } from './chunks.ts'
import { type ColumnRanges, readColumnRanges } from './columns.ts'
import { countOperations, OPERATION_COUNTER_MAX } from './count.ts'
import type { ChangeLimits } from './limits.ts'
import type { ChangeHost } from './ports.ts'
import { aboveLimit, ChangeRefused } from './refused.ts'

const HASH_BYTES = 32
/** Bytes of an actor id that are read at all; ours have 17, and `actorKind` insists. */
const ACTOR_BYTES_MAX = 128

export interface ParsedChange {
  /** SHA-256 over the uncompressed change: its identity. */
  readonly hash: Uint8Array
  readonly hashHex: string
  readonly actor: Uint8Array
  readonly actorHex: string
  /** From 1, one more for each change of the actor. */
  readonly seq: number
  /** Number of the first operation, from 1. */
  readonly startOp: number
  /** Number of the last operation; `startOp - 1` when there is none. */
  readonly maxOp: number
  /** As its writer said it: seconds since 1970, unproven. */
  readonly time: number
  readonly message: string
  /** Hashes in hex, ascending. */
  readonly deps: readonly string[]
  /** Actors in hex that operations refer to beside `actorHex`, ascending. */
  readonly otherActors: readonly string[]
  readonly operations: number
  /** Size of `bytes`. */
  readonly rawBytes: number
  /** The chunk as it was given. */
  readonly bytes: Uint8Array
  /** The uncompressed body, into which `columns` point. */
  readonly body: Uint8Array
  readonly columns: ColumnRanges
}

/**
 * Checks and opens exactly one change chunk, compressed or not. Allocates in proportion to the bytes given
 * (inflated ones included), never to what they claim. Throws `ChangeRefused` and nothing else, unless `host`
 * breaks its word.
 */
export function parseChange(bytes: Uint8Array, host: ChangeHost, limits: ChangeLimits): ParsedChange {
  if (bytes.length > limits.rawBytesMax)
    throw aboveLimit('too-large', 'the chunk in bytes', bytes.length, limits.rawBytesMax)
  try {
    const { body, hash } = openChunk(bytes, host, limits)
    return parseBody(bytes, body, hash, limits)
  } catch (error) {
    throw error instanceof BytesError ? refusedBytes(error) : error
  }
}

function openChunk(
  bytes: Uint8Array,
  host: ChangeHost,
  limits: ChangeLimits,
): { body: Uint8Array; hash: Uint8Array } {
  const header = readChunkHeader(bytes)
  if (header.type === 'document')
    throw new ChangeRefused('bad-type', 'a whole document where a change is expected')
  if (header.end !== bytes.length) {
    throw new ChangeRefused(
      'malformed',
      `${bytes.length - header.end} bytes follow the chunk, one chunk is expected`,
    )
  }
  const stored = bytes.subarray(header.bodyStart)
  const compressed = header.type === 'compressed-change'
  const body = compressed ? inflate(stored, host, limits) : stored
  const hash = host.sha256(compressed ? changeHashInput(body) : hashedPart(bytes, header))
  if (!checksumMatches(bytes, 0, hash)) {
    throw new ChangeRefused(
      'bad-checksum',
      `checksum ${toHex(bytes.subarray(4, 8))}, the bytes have ${toHex(hash.subarray(0, 4))}`,
    )
  }
  return { body, hash }
}

function inflate(stored: Uint8Array, host: ChangeHost, limits: ChangeLimits): Uint8Array {
  try {
    return host.inflateRaw(stored, limits.inflatedBytesMax)
  } catch (cause) {
    const message = `${stored.length} bytes are no DEFLATE stream, or inflate to more than ${limits.inflatedBytesMax} bytes`
    throw new ChangeRefused('inflate-bomb', message, cause)
  }
}

function parseBody(
  bytes: Uint8Array,
  body: Uint8Array,
  hash: Uint8Array,
  limits: ChangeLimits,
): ParsedChange {
  const reader = new ByteReader(body)
  const deps = readDependencies(reader, limits)
  const actor = reader.bytes(ACTOR_BYTES_MAX)
  const actorHex = checkedActor(actor)
  const seq = atLeastOne('sequence', reader.varint())
  const startOp = atLeastOne('first operation', reader.varint(OPERATION_COUNTER_MAX))
  const time = reader.signedVarint()
  const message = readMessage(reader, limits)
  const otherActors = readOtherActors(reader, actorHex, limits)
  const columns = readColumnRanges(reader)
  if (reader.remaining > limits.extraBytesMax) {
    throw aboveLimit('too-large', 'the extra part in bytes', reader.remaining, limits.extraBytesMax)
  }
  const actorsNamed = new Uint8Array(otherActors.length + 1)
  const operations = countOperations({ body, ranges: columns, limits, actorsNamed })
  const maxOp = startOp + operations - 1
  if (maxOp > OPERATION_COUNTER_MAX)
    throw aboveLimit('malformed', 'the last operation', maxOp, OPERATION_COUNTER_MAX)
  return {
    hash,
    hashHex: toHex(hash),
    actor,
    actorHex,
    seq,
    startOp,
    maxOp,
    time,
    message,
    deps,
    otherActors,
    operations,
    rawBytes: bytes.length,
    bytes,
    body,
    columns,
  }
}

function readDependencies(reader: ByteReader, limits: ChangeLimits): string[] {
  const count = reader.varint()
  if (count > limits.dependenciesMax) {
    throw aboveLimit('too-many-dependencies', 'the number of dependencies', count, limits.dependenciesMax)
  }
  return readAscending(count, 'dependencies', () => toHex(reader.raw(HASH_BYTES)))
}

function readMessage(reader: ByteReader, limits: ChangeLimits): string {
  try {
    return reader.string(limits.messageBytesMax)
  } catch (error) {
    if (error instanceof BytesError && error.code === 'too-long')
      throw new ChangeRefused('message-too-long', error.message, error)
    throw error
  }
}

function readOtherActors(reader: ByteReader, actorHex: string, limits: ChangeLimits): string[] {
  const count = reader.varint()
  if (count > limits.otherActorsMax)
    throw aboveLimit('too-many-actors', 'the number of other actors', count, limits.otherActorsMax)
  return readAscending(count, 'other actors', () => {
    const other = checkedActor(reader.bytes(ACTOR_BYTES_MAX))
    if (other === actorHex)
      throw new ChangeRefused('not-canonical', `actor ${other} is listed as another of its own change`)
    return other
  })
}

function readAscending(count: number, what: string, read: () => string): string[] {
  const values: string[] = []
  let previous = ''
  for (let i = 0; i < count; i++) {
    const value = read()
    if (value <= previous)
      throw new ChangeRefused('not-canonical', `${what}: ${value} after ${previous}, they must ascend`)
    values.push(value)
    previous = value
  }
  return values
}

function checkedActor(actor: Uint8Array): string {
  const actorHex = toHex(actor)
  if (actorKind(actorHex) === undefined) {
    throw new ChangeRefused(
      'bad-actor',
      `actor ${JSON.stringify(actorHex)}: 17 bytes are needed, the first 00, 01 or 02`,
    )
  }
  return actorHex
}

function atLeastOne(what: string, value: number): number {
  if (value === 0) throw new ChangeRefused('malformed', `${what} 0, it counts from 1`)
  return value
}
