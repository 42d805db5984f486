/** The state at which a record and its row last agreed, and its durable form (SPEC "Shadow", TABLES.md). */
import {
  ByteReader,
  ByteWriter,
  crc32,
  decodeUtf8,
  encodeUtf8,
  fromHex,
  type JsonObject,
  toHex,
} from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import { FIELDS_MAX } from './limits.ts'

export interface Shadow {
  type: string
  rowId: string
  externalId: string
  version: string
  /** The row is deleted. */
  gone: boolean
  incarnation: number
  /** By external name; every mapped field stands in it. */
  value: JsonObject
  /** The record's view at `heads`. */
  view: JsonObject
  /** Hex, ascending. */
  heads: readonly string[]
  /** Highest sequence per run actor (hex) that the system has been told of. */
  seqs: Readonly<Record<string, number>>
  /** External names of fields that are ours to write although nobody changed them since: the row lacked them, or lost, at the first meeting. */
  owed: readonly string[]
  /** The record as it was at `heads`. */
  document: Uint8Array
}

const FORMAT = 1
const NAME_BYTES_MAX = 4_096
const HEADS_MAX = 65_535
/** Bytes of a document or a value in a shadow: what core allows a record, with room. */
const PART_BYTES_MAX = 64 * 1024 * 1024
const ACTOR_BYTES = 17
const HASH_BYTES = 32
const CRC_BYTES = 4

export function encodeShadow(shadow: Shadow): Uint8Array {
  const writer = new ByteWriter(shadow.document.length + 512, 2 * PART_BYTES_MAX)
  writer.u8(FORMAT).u8(shadow.gone ? 1 : 0)
  writer
    .string(shadow.type)
    .string(shadow.rowId)
    .string(shadow.externalId)
    .string(shadow.version)
    .varint(shadow.incarnation)
  writer.bytes(encodeUtf8(JSON.stringify(shadow.value))).bytes(encodeUtf8(JSON.stringify(shadow.view)))
  writer.varint(shadow.heads.length)
  for (const head of shadow.heads) writer.raw(fromHex(head))
  const seqs = Object.entries(shadow.seqs)
  writer.varint(seqs.length)
  for (const [actor, seq] of seqs) writer.raw(fromHex(actor)).varint(seq)
  writer.varint(shadow.owed.length)
  for (const field of shadow.owed) writer.string(field)
  const bytes = writer.bytes(shadow.document).raw(new Uint8Array(CRC_BYTES)).finish()
  const end = bytes.length - CRC_BYTES
  new DataView(bytes.buffer).setUint32(end, crc32(bytes.subarray(0, end)), true)
  return bytes
}

/** What tells whether there is anything to do, for which the rest need not be read. */
export interface ShadowHead
  extends Pick<Shadow, 'type' | 'rowId' | 'externalId' | 'version' | 'gone' | 'heads'> {
  /** Fields are owed. */
  owes: boolean
}

/** The checksum is left to `decodeShadow`: whatever differs here is read in full. @throws BridgeError damaged-table */
export function decodeShadowHead(record: string, bytes: Uint8Array): ShadowHead {
  checkFormat(record, bytes)
  const reader = new ByteReader(bytes, 1, bytes.length - CRC_BYTES)
  const { gone, type, rowId, externalId, version } = readNames(reader)
  reader.varint()
  reader.skip(reader.varint(PART_BYTES_MAX)) // value
  reader.skip(reader.varint(PART_BYTES_MAX)) // view
  const heads = readHeads(reader)
  readSeqs(reader)
  return { type, rowId, externalId, version, gone, heads, owes: reader.varint(FIELDS_MAX) > 0 }
}

/** @throws BridgeError damaged-table */
export function decodeShadow(record: string, bytes: Uint8Array): Shadow {
  const end = bytes.length - CRC_BYTES
  const told = new DataView(bytes.buffer, bytes.byteOffset).getUint32(Math.max(0, end), true)
  if (end < 2 || told !== crc32(bytes.subarray(0, end)))
    throw new BridgeError(
      'damaged-table',
      `the shadow of ${record} was damaged on disk: its checksum does not match; restore this node`,
    )
  checkFormat(record, bytes)
  return readShadow(new ByteReader(bytes, 1, end))
}

function checkFormat(record: string, bytes: Uint8Array): void {
  if (bytes[0] === FORMAT) return
  throw new BridgeError(
    'damaged-table',
    `the shadow of ${record} has format ${bytes[0]}; this version reads ${FORMAT}; upgrade this node`,
  )
}

function readShadow(reader: ByteReader): Shadow {
  const names = readNames(reader)
  const json = () => JSON.parse(decodeUtf8(reader.bytes(PART_BYTES_MAX)) ?? 'null') as JsonObject
  const incarnation = reader.varint()
  const [value, view] = [json(), json()]
  const heads = readHeads(reader)
  const seqs = readSeqs(reader)
  const owed = Array.from({ length: reader.varint(FIELDS_MAX) }, () => reader.string(NAME_BYTES_MAX))
  const document = reader.bytes(PART_BYTES_MAX).slice()
  return { ...names, incarnation, value, view, heads, seqs, owed, document }
}

function readNames(reader: ByteReader): Pick<Shadow, 'gone' | 'type' | 'rowId' | 'externalId' | 'version'> {
  const gone = (reader.u8() & 1) === 1
  const name = () => reader.string(NAME_BYTES_MAX)
  return { gone, type: name(), rowId: name(), externalId: name(), version: name() }
}

function readHeads(reader: ByteReader): string[] {
  return Array.from({ length: reader.varint(HEADS_MAX) }, () => toHex(reader.raw(HASH_BYTES)))
}

function readSeqs(reader: ByteReader): Record<string, number> {
  const seqs = Array.from(
    { length: reader.varint(HEADS_MAX) },
    () => [toHex(reader.raw(ACTOR_BYTES)), reader.varint()] as const,
  )
  return Object.fromEntries(seqs)
}
