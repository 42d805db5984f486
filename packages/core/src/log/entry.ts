/**
 * An entry: one item of the log, in the one form it has on disk and on the wire. Whoever only passes it on never looks inside.
 *
 *   version 1 (u8) · kind (u8) · flags (u8; bit 0: signed) · incarnation (varint) · record key (string)
 *   [ signed: actor (17) · last sequence (varint) · credential hash (32) · signature (64) ]
 *   body (bytes) · crc32 of all before (4, little endian)
 *
 * A changes body is: count (varint), then per change its bytes. Changes are one batch of one actor, atomic; the container changes it needs ride
 * before it and need no signature, because anyone can recompute them. The signature covers space, record, kind, actor, last sequence,
 * last hash, credential hash and incarnation; a later sequence has the earlier ones as ancestors, so the newest signature of an actor covers them all. For
 * other kinds actor and sequence are zero and the last hash is the sha256 of the body. A credential hash of zeros means: written before the device
 * was enrolled, to be signed again.
 */
import { BytesError } from '../bytes/bytes-error.ts'
import { crc32 } from '../bytes/crc32.ts'
import { toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { type EntryKind, entryKinds } from '../store/port.ts'

/** One entry's bytes: a change of 1 MiB with room for a batch. */
export const ENTRY_BYTES_MAX = 4 * 1024 * 1024
/** Record key `collection/id` in bytes: a 63 letter collection and a 128 byte id, or a stream's name. */
export const RECORD_KEY_BYTES_MAX = 320
/** Changes in one entry: one batch and its containers. */
export const CHANGES_PER_ENTRY_MAX = 10_000
/** Times that a record may be deleted for good and made again. */
const INCARNATION_MAX = 0xffff

export const ACTOR_BYTES = 17
export const HASH_BYTES = 32
export const SIGNATURE_BYTES = 64
const VERSION = 1

export interface EntrySignature {
  /** Actor id, 17 bytes; zeros unless the kind is changes. */
  actor: Uint8Array
  lastSeq: number
  /** sha256 of the author's credential token; zeros before enrolment. */
  credentialHash: Uint8Array
  signature: Uint8Array
}

export interface Entry {
  kind: EntryKind
  record: string
  incarnation: number
  signature: EntrySignature | undefined
  body: Uint8Array
}

export type EntryRefusalCode =
  | 'malformed-entry'
  | 'entry-checksum'
  | 'entry-too-large'
  | 'unknown-kind'
  | 'unknown-version'

export class EntryError extends Error {
  override readonly name = 'EntryError'
  readonly code: EntryRefusalCode
  constructor(code: EntryRefusalCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

const kindByCode = new Map<number, EntryKind>(
  Object.entries(entryKinds).map(([kind, code]) => [code, kind as EntryKind]),
)

/** @throws EntryError for what nobody could read back: entry-too-large, malformed-entry */
export function encodeEntry(entry: Entry): Uint8Array {
  checkHeader(entry)
  const writer = new ByteWriter(entry.body.length + entry.record.length + 160)
  writer
    .u8(VERSION)
    .u8(entryKinds[entry.kind])
    .u8(entry.signature ? 1 : 0)
    .varint(entry.incarnation)
    .string(entry.record)
  if (entry.signature) {
    const { actor, lastSeq, credentialHash, signature } = entry.signature
    writer.raw(actor).varint(lastSeq).raw(credentialHash).raw(signature)
  }
  writer.bytes(entry.body)
  const content = writer.finish()
  if (content.length + 4 > ENTRY_BYTES_MAX)
    throw new EntryError(
      'entry-too-large',
      `an entry of ${content.length + 4} bytes for ${entry.record}: limit ${ENTRY_BYTES_MAX}; split the edit`,
    )
  return writer.raw(littleEndian(crc32(content))).finish()
}

function checkHeader({ record, incarnation }: Entry): void {
  if (!Number.isInteger(incarnation) || incarnation < 0 || incarnation > INCARNATION_MAX)
    throw new EntryError(
      'malformed-entry',
      `an entry of incarnation ${incarnation} for ${record}: limit ${INCARNATION_MAX}`,
    )
  const bytes = encodeUtf8(record).length
  if (bytes > RECORD_KEY_BYTES_MAX)
    throw new EntryError(
      'malformed-entry',
      `an entry for a key of ${bytes} bytes, ${record.slice(0, 40)}…: limit ${RECORD_KEY_BYTES_MAX}; name it shorter`,
    )
}

/** @throws EntryError */
export function decodeEntry(bytes: Uint8Array): Entry {
  if (bytes.length > ENTRY_BYTES_MAX)
    throw new EntryError('entry-too-large', `an entry of ${bytes.length} bytes: limit ${ENTRY_BYTES_MAX}`)
  if (bytes.length < 8)
    throw new EntryError('malformed-entry', `an entry of ${bytes.length} bytes is too short to be one`)
  const end = bytes.length - 4
  const told = bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16) | (bytes[end + 3]! << 24)
  if (told >>> 0 !== crc32(bytes.subarray(0, end)))
    throw new EntryError(
      'entry-checksum',
      `an entry of ${bytes.length} bytes was damaged on disk or on the way: its checksum does not match; look at the device that told it`,
    )
  try {
    return readEntry(new ByteReader(bytes, 0, end))
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new EntryError('malformed-entry', `malformed entry: ${cause.message}`, { cause })
    throw cause
  }
}

function readEntry(reader: ByteReader): Entry {
  const version = reader.u8()
  if (version !== VERSION)
    throw new EntryError(
      'unknown-version',
      `an entry of format ${version}: this version reads format ${VERSION}; upgrade this node`,
    )
  const code = reader.u8()
  const kind = kindByCode.get(code)
  if (!kind)
    throw new EntryError('unknown-kind', `an entry of kind ${code} is unknown here; upgrade this node`)
  const flags = reader.u8()
  if (flags > 1) throw new EntryError('malformed-entry', `an entry with the unknown flags ${flags}`)
  const incarnation = reader.varint(INCARNATION_MAX)
  const record = reader.string(RECORD_KEY_BYTES_MAX)
  const signature = flags & 1 ? readSignature(reader) : undefined
  const body = reader.bytes(ENTRY_BYTES_MAX)
  if (reader.remaining > 0)
    throw new EntryError('malformed-entry', `${reader.remaining} bytes are left behind the entry's body`)
  return { kind, record, incarnation, signature, body }
}

function readSignature(reader: ByteReader): EntrySignature {
  return {
    actor: reader.raw(ACTOR_BYTES),
    lastSeq: reader.varint(),
    credentialHash: reader.raw(HASH_BYTES),
    signature: reader.raw(SIGNATURE_BYTES),
  }
}

/** @throws EntryError entry-too-large */
export function encodeChanges(changes: readonly Uint8Array[]): Uint8Array {
  if (changes.length > CHANGES_PER_ENTRY_MAX)
    throw new EntryError(
      'entry-too-large',
      `an entry of ${changes.length} changes: limit ${CHANGES_PER_ENTRY_MAX}; split the edit`,
    )
  const writer = new ByteWriter(changes.reduce((sum, change) => sum + change.length + 3, 4))
  writer.varint(changes.length)
  for (const change of changes) writer.bytes(change)
  return writer.finish()
}

/** The changes of a changes entry's body. @throws EntryError */
export function decodeChanges(body: Uint8Array): Uint8Array[] {
  try {
    const reader = new ByteReader(body)
    const count = reader.varint(CHANGES_PER_ENTRY_MAX)
    const changes: Uint8Array[] = []
    for (let i = 0; i < count; i++) changes.push(reader.bytes(ENTRY_BYTES_MAX))
    if (reader.remaining > 0 || count === 0)
      throw new EntryError('malformed-entry', 'a changes entry with nothing or too much in it')
    return changes
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new EntryError('malformed-entry', `malformed changes: ${cause.message}`, { cause })
    throw cause
  }
}

/** Hex of the credential an entry's signature cites; undefined when unsigned, unreadable or written before enrolment. */
export function credentialCited(bytes: Uint8Array): string | undefined {
  const reader = new ByteReader(bytes)
  try {
    reader.skip(2)
    const signed = reader.u8() & 1
    if (!signed) return undefined
    reader.varint()
    reader.string(RECORD_KEY_BYTES_MAX)
    reader.skip(ACTOR_BYTES)
    reader.varint()
    const hash = toHex(reader.raw(HASH_BYTES))
    return /^0+$/.test(hash) ? undefined : hash
  } catch (error) {
    if (error instanceof BytesError) return undefined
    throw error
  }
}

export interface SignedStatement {
  space: string
  record: string
  kind: EntryKind
  actor: Uint8Array
  lastSeq: number
  lastHash: Uint8Array
  credentialHash: Uint8Array
  /** Absent: 0. */
  incarnation?: number
}

/** The bytes an author signs. Incarnation 0 is left out; every later one is said, or an entry of an earlier one could be told as if it were of it. */
export function statementBytes(statement: SignedStatement): Uint8Array {
  const writer = new ByteWriter(256)
    .string('skerry/entry/1')
    .string(statement.space)
    .string(statement.record)
    .u8(entryKinds[statement.kind])
    .raw(statement.actor)
    .varint(statement.lastSeq)
    .raw(statement.lastHash)
    .raw(statement.credentialHash)
  if (statement.incarnation) writer.varint(statement.incarnation)
  return writer.finish()
}

function littleEndian(value: number): Uint8Array {
  return new Uint8Array([value, value >>> 8, value >>> 16, value >>> 24])
}
