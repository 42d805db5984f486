/**
 * Frames: what carries entries, marks and positions.
 *
 *   0x10 │ flags │ body                        plain
 *   0x10 │ flags │ inflated length │ deflate   flag bit 0
 *
 *   body:  tag item  tag item  …  0  [position [run]]  CRC-32
 *
 * Decoding trusts nothing: it is bounded before it allocates, and gives views into the message, not copies.
 */

import { crc32 } from '../bytes/crc32.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Host } from '../host.ts'
import type { Seq } from '../store/port.ts'
import { readHex, reading, writeHex, writeText } from './fields.ts'
import * as limit from './limits.ts'
import { messageTypes } from './messages.ts'
import { ProtocolError } from './port.ts'

export type FrameItem =
  | { kind: 'entry'; seq: Seq; bytes: Uint8Array }
  | { kind: 'enter' | 'leave'; seq: Seq; channel: string; record: string }
  | { kind: 'credential'; token: string }
  | ViewsItem

/** Views of some records (view-text.ts). */
export interface ViewsItem {
  kind: 'views'
  bytes: Uint8Array
}

/** What frames may hold beside the stream: what a reconciliation found missing, in any order; or views. Neither has a position. */
export type Beside = 'missing' | 'views'

export interface Frame {
  items: FrameItem[]
  /** `run` is named when it is none of those the sender listed. */
  position: { seq: Seq; run: string | undefined } | undefined
  /** Nothing was left at the sender when this was sent; of views: these were the last, and none was left out. */
  current: boolean
  /** Absent in the stream. */
  beside?: Beside | undefined
}

const DEFLATED = 1
const POSITIONED = 2
const CURRENT = 4
const RUN_NAMED = 8
const MISSING = 16
const VIEWS = 32
const FLAGS_KNOWN = DEFLATED | POSITIONED | CURRENT | RUN_NAMED | MISSING | VIEWS
/** What must not be set beside them. */
const FLAGS_EXCLUDED = [
  [MISSING, POSITIONED | CURRENT | RUN_NAMED | VIEWS],
  [VIEWS, POSITIONED | RUN_NAMED],
] as const

const END = 0
const tags = { entry: 1, enter: 2, leave: 3, credential: 4, views: 5 } as const

const HEADER_BYTES = 2
const CRC_BYTES = 4
/** Tag, sequence and length of an item, at most. */
const ITEM_HEAD_BYTES_MAX = 13

/** CRC-32, ours or the host's. */
type Checksum = (bytes: Uint8Array) => number

/** Upper bound of an item's bytes in a frame: what frames are filled by. */
export function itemBytesMax(item: FrameItem): number {
  if (item.kind === 'entry' || item.kind === 'views') return ITEM_HEAD_BYTES_MAX + item.bytes.length
  if (item.kind === 'credential') return ITEM_HEAD_BYTES_MAX + item.token.length * 3
  return ITEM_HEAD_BYTES_MAX + (item.channel.length + item.record.length) * 3
}

/** The message, not deflated. @throws RangeError when an item is beyond its limit */
export function encodeFrame(
  { items, position, current, beside }: Frame,
  checksum: Checksum = crc32,
): Uint8Array {
  let bytes = HEADER_BYTES + 2 * limit.ID_BYTES
  for (const item of items) bytes += itemBytesMax(item)
  const writer = new ByteWriter(bytes)
    .u8(messageTypes.frame)
    .u8(flagsOf(position, current) | (beside === undefined ? 0 : beside === 'missing' ? MISSING : VIEWS))
  for (const item of items) writeItem(writer, item)
  writer.u8(END)
  if (position !== undefined) {
    writer.varint(position.seq)
    if (position.run !== undefined) writeHex(writer, position.run, limit.ID_BYTES, 'a run id')
  }
  const message = writer.raw(new Uint8Array(CRC_BYTES)).finish()
  writeCheckSum(message.subarray(HEADER_BYTES), checksum)
  return message
}

function flagsOf(position: Frame['position'], current: boolean): number {
  const positioned =
    position === undefined ? 0 : position.run === undefined ? POSITIONED : POSITIONED | RUN_NAMED
  return positioned | (current ? CURRENT : 0)
}

function writeItem(writer: ByteWriter, item: FrameItem): void {
  writer.u8(tags[item.kind])
  if (item.kind === 'entry') {
    if (item.bytes.length > limit.ENTRY_BYTES_MAX)
      throw tooLong('an entry', item.bytes.length, limit.ENTRY_BYTES_MAX)
    writer.varint(item.seq).bytes(item.bytes)
  } else if (item.kind === 'credential') {
    writeText(writer, item.token, limit.TOKEN_BYTES_MAX, 'a credential')
  } else if (item.kind === 'views') {
    if (item.bytes.length > limit.VIEWS_BYTES_MAX)
      throw tooLong('views', item.bytes.length, limit.VIEWS_BYTES_MAX)
    writer.bytes(item.bytes)
  } else {
    writer.varint(item.seq)
    writeText(writer, item.channel, limit.CHANNEL_BYTES_MAX, 'a channel name')
    writeText(writer, item.record, limit.RECORD_BYTES_MAX, 'a record key')
  }
}

function tooLong(what: string, length: number, max: number): RangeError {
  return new RangeError(`writing ${what}: ${length} bytes, limit ${max}`)
}

/** The same frame with its body deflated, or as it was when that does not pay. */
export function deflateFrame(message: Uint8Array, deflateRaw: Host['deflateRaw']): Uint8Array {
  const bodyBytes = message.length - HEADER_BYTES
  const deflated = deflateRaw(message.subarray(HEADER_BYTES))
  if (deflated.length > bodyBytes * limit.DEFLATE_RATIO_MAX) return message
  return new ByteWriter(HEADER_BYTES + 8 + deflated.length)
    .u8(message[0]!)
    .u8(message[1]! | DEFLATED)
    .varint(bodyBytes)
    .raw(deflated)
    .finish()
}

/** @throws ProtocolError malformed, frame-too-large */
export function decodeFrame(
  message: Uint8Array,
  inflateRaw: Host['inflateRaw'],
  checksum: Checksum = crc32,
): Frame {
  return reading('a frame', () => {
    const flags = new ByteReader(message, 1).u8()
    const isWrong =
      (flags & (POSITIONED | RUN_NAMED)) === RUN_NAMED ||
      FLAGS_EXCLUDED.some(([flag, others]) => (flags & flag) !== 0 && (flags & others) !== 0)
    if ((flags & ~FLAGS_KNOWN) !== 0 || isWrong) {
      throw new ProtocolError('malformed', `reading a frame: flags ${flags} are not in version 1`)
    }
    const body = (flags & DEFLATED) === 0 ? message.subarray(HEADER_BYTES) : inflateBody(message, inflateRaw)
    checkSum(body, checksum)
    const reader = new ByteReader(body, 0, body.length - CRC_BYTES)
    const beside = (flags & MISSING) !== 0 ? 'missing' : (flags & VIEWS) !== 0 ? 'views' : undefined
    const items = readItems(reader, beside === 'views')
    const position = (flags & POSITIONED) === 0 ? undefined : readPosition(reader, flags)
    if (reader.remaining > 0) {
      throw new ProtocolError('malformed', `reading a frame: ${reader.remaining} bytes after its last field`)
    }
    return { items, position, current: (flags & CURRENT) !== 0, beside }
  })
}

function inflateBody(message: Uint8Array, inflateRaw: Host['inflateRaw']): Uint8Array {
  const reader = new ByteReader(message, HEADER_BYTES)
  const length = reader.varint()
  if (length > limit.MESSAGE_BYTES_MAX) {
    throw new ProtocolError(
      'frame-too-large',
      `inflating a frame: ${length} bytes, limit ${limit.MESSAGE_BYTES_MAX}`,
    )
  }
  const body = inflate(reader.raw(reader.remaining), length, inflateRaw)
  if (body.length !== length) {
    throw new ProtocolError('malformed', `inflating a frame: ${body.length} bytes, its header says ${length}`)
  }
  return body
}

function inflate(bytes: Uint8Array, length: number, inflateRaw: Host['inflateRaw']): Uint8Array {
  try {
    return inflateRaw(bytes, length)
  } catch (cause) {
    throw new ProtocolError(
      'malformed',
      `inflating a frame of ${bytes.length} bytes to ${length} bytes failed`,
      { cause },
    )
  }
}

function writeCheckSum(body: Uint8Array, checksum: Checksum): void {
  const at = body.length - CRC_BYTES
  const sum = checksum(body.subarray(0, at))
  for (let i = 0; i < CRC_BYTES; i++) body[at + i] = sum >>> (8 * i)
}

function checkSum(body: Uint8Array, checksum: Checksum): void {
  const at = body.length - CRC_BYTES
  if (at < 1)
    throw new ProtocolError(
      'malformed',
      `reading a frame: a body of ${body.length} bytes, at least 5 are needed`,
    )
  const told = (body[at]! | (body[at + 1]! << 8) | (body[at + 2]! << 16) | (body[at + 3]! << 24)) >>> 0
  const found = checksum(body.subarray(0, at))
  if (told !== found) {
    throw new ProtocolError('malformed', `reading a frame: its checksum is ${told}, its bytes have ${found}`)
  }
}

function readItems(reader: ByteReader, areViews: boolean): FrameItem[] {
  const items: FrameItem[] = []
  const start = reader.offset
  for (let tag = reader.u8(); tag !== END; tag = reader.u8()) {
    if ((tag === tags.views) !== areViews) throw oddItem(tag, areViews)
    items.push(readItem(reader, tag))
    if (items.length > 1 && reader.offset - start > limit.FRAME_BYTES_MAX) {
      const message = `reading a frame: ${reader.offset - start} bytes in ${items.length} items, limit ${limit.FRAME_BYTES_MAX}`
      throw new ProtocolError('frame-too-large', message)
    }
  }
  return items
}

function oddItem(tag: number, areViews: boolean): ProtocolError {
  const where = areViews ? 'a frame of views' : 'a frame that is not one of views'
  return new ProtocolError('malformed', `reading a frame: item tag ${tag} in ${where}`)
}

function readItem(reader: ByteReader, tag: number): FrameItem {
  switch (tag) {
    case tags.entry:
      return { kind: 'entry', seq: readSeq(reader), bytes: reader.bytes(limit.ENTRY_BYTES_MAX) }
    case tags.enter:
      return readMark(reader, 'enter')
    case tags.leave:
      return readMark(reader, 'leave')
    case tags.credential:
      return { kind: 'credential', token: reader.string(limit.TOKEN_BYTES_MAX) }
    case tags.views:
      return { kind: 'views', bytes: reader.bytes(limit.VIEWS_BYTES_MAX) }
    default:
      throw new ProtocolError('malformed', `reading a frame: item tag ${tag}, known are 1 to 5`)
  }
}

function readMark(reader: ByteReader, kind: 'enter' | 'leave'): FrameItem {
  const seq = readSeq(reader)
  return {
    kind,
    seq,
    channel: reader.string(limit.CHANNEL_BYTES_MAX),
    record: reader.string(limit.RECORD_BYTES_MAX),
  }
}

function readPosition(reader: ByteReader, flags: number): { seq: Seq; run: string | undefined } {
  const seq = readSeq(reader)
  return { seq, run: (flags & RUN_NAMED) === 0 ? undefined : readHex(reader, limit.ID_BYTES) }
}

function readSeq(reader: ByteReader): Seq {
  const seq = reader.varint()
  if (seq === 0) throw new ProtocolError('malformed', 'reading a frame: sequence 0 stands before the first')
  return seq
}
