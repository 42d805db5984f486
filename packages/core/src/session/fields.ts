/**
 * The parts that several messages share, with their bounds checked when written (a broken invariant of ours: RangeError) and when read
 * (the peer's doing: BytesError, which messages.ts turns into ProtocolError).
 */
import { BytesError } from '../bytes/bytes-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import type { ByteReader } from '../bytes/reader.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { ByteWriter } from '../bytes/writer.ts'
import type { RunRow } from '../store/port.ts'
import { NO_RUN } from './cursor.ts'
import {
  CHANNEL_BYTES_MAX,
  CHANNELS_MAX,
  HASH_BYTES,
  ID_BYTES,
  RUNS_LISTED_MAX,
  TOKEN_BYTES_MAX,
} from './limits.ts'
import { type Cursor, ProtocolError, type Want } from './port.ts'

/** How a credential is named on the wire. */
export interface CredentialName {
  /** 64 hex digits; zeros for none. */
  hash: string
  /** Empty when the other side is believed to know it. */
  token: string
}

const WANT_NOTHING = 0
const WANT_LOG = 1
const WANT_CHANNELS = 2
const WANT_CHANNELS_AND_VIEWS = 3

export function writeText(writer: ByteWriter, text: string, bytesMax: number, what: string): void {
  // A unit of UTF-16 is at most three bytes of UTF-8: most texts need no counting.
  if (text.length * 3 > bytesMax) checkLength(encodeUtf8(text).length, bytesMax, what)
  writer.string(text)
}

export function writeFixed(writer: ByteWriter, bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length)
    throw new RangeError(`writing ${what}: ${bytes.length} bytes, needed are ${length}`)
  writer.raw(bytes)
}

export function writeHex(writer: ByteWriter, hex: string, bytes: number, what: string): void {
  writeFixed(writer, fromHex(hex), bytes, what)
}

export function readHex(reader: ByteReader, bytes: number): string {
  return toHex(reader.raw(bytes))
}

export function writeCount(writer: ByteWriter, count: number, max: number, what: string): void {
  checkLength(count, max, what)
  writer.varint(count)
}

export function writeNames(writer: ByteWriter, names: readonly string[]): void {
  writeCount(writer, names.length, CHANNELS_MAX, 'channels')
  for (const name of names) writeText(writer, name, CHANNEL_BYTES_MAX, 'a channel name')
}

export function readNames(reader: ByteReader): string[] {
  const count = reader.varint(CHANNELS_MAX)
  return Array.from({ length: count }, () => reader.string(CHANNEL_BYTES_MAX))
}

export function writeRuns(writer: ByteWriter, runs: readonly RunRow[]): void {
  writeCount(writer, runs.length, RUNS_LISTED_MAX, 'runs')
  for (const { run, first } of runs) {
    writeHex(writer, run, ID_BYTES, 'a run id')
    writer.varint(first)
  }
}

export function readRuns(reader: ByteReader): RunRow[] {
  const runs: RunRow[] = []
  const count = reader.varint(RUNS_LISTED_MAX)
  let lowest = 1
  for (let i = 0; i < count; i++) {
    const run = readHex(reader, ID_BYTES)
    const first = reader.varint()
    if (first < lowest)
      throw new ProtocolError('malformed', `reading runs: run ${run} begins at ${first}, before ${lowest}`)
    lowest = first
    runs.push({ run, first })
  }
  if (count === 0) throw new ProtocolError('malformed', 'reading runs: none listed, every open log has one')
  return runs
}

export function writeCredential(writer: ByteWriter, { hash, token }: CredentialName): void {
  writeHex(writer, hash, HASH_BYTES, 'a credential hash')
  writeText(writer, token, TOKEN_BYTES_MAX, 'a credential')
}

export function readCredential(reader: ByteReader): CredentialName {
  return { hash: readHex(reader, HASH_BYTES), token: reader.string(TOKEN_BYTES_MAX) }
}

/** kind · log: cursor · channels: the distinct runs, then per channel name, run (1-based, 0 from the beginning) and, if any, sequence. */
export function writeWant(writer: ByteWriter, want: Want): void {
  if (want.kind === 'nothing') {
    writer.u8(WANT_NOTHING)
  } else if (want.kind === 'log') {
    writer.u8(WANT_LOG)
    writeHex(writer, want.cursor?.run ?? NO_RUN, ID_BYTES, 'a run id')
    writer.varint(want.cursor?.seq ?? 0)
  } else {
    writer.u8(want.views ? WANT_CHANNELS_AND_VIEWS : WANT_CHANNELS)
    writeChannelCursors(writer, want.cursors)
  }
}

function writeChannelCursors(writer: ByteWriter, cursors: ReadonlyMap<string, Cursor | undefined>): void {
  const runs = new Map<string, number>()
  for (const cursor of cursors.values()) {
    if (cursor !== undefined && !runs.has(cursor.run)) runs.set(cursor.run, runs.size + 1)
  }
  writeCount(writer, runs.size, CHANNELS_MAX, 'runs of a want')
  for (const run of runs.keys()) writeHex(writer, run, ID_BYTES, 'a run id')
  writeCount(writer, cursors.size, CHANNELS_MAX, 'channels of a want')
  for (const [channel, cursor] of cursors) {
    writeText(writer, channel, CHANNEL_BYTES_MAX, 'a channel name')
    writer.varint(cursor === undefined ? 0 : runs.get(cursor.run)!)
    if (cursor !== undefined) writer.varint(cursor.seq)
  }
}

/** Cursors in a want are positions in the log of the side that reads it: `log`. */
export function readWant(reader: ByteReader, log: string): Want {
  const kind = reader.u8()
  if (kind === WANT_NOTHING) return { kind: 'nothing' }
  if (kind === WANT_LOG) {
    const run = readHex(reader, ID_BYTES)
    const seq = reader.varint()
    return { kind: 'log', cursor: seq === 0 ? undefined : { log, run, seq } }
  }
  if (kind === WANT_CHANNELS) return { kind: 'channels', cursors: readChannelCursors(reader, log) }
  if (kind === WANT_CHANNELS_AND_VIEWS)
    return { kind: 'channels', cursors: readChannelCursors(reader, log), views: true }
  throw new ProtocolError('malformed', `reading a want: kind ${kind}, known are 0 to 3`)
}

function readChannelCursors(reader: ByteReader, log: string): ReadonlyMap<string, Cursor | undefined> {
  const runs = Array.from({ length: reader.varint(CHANNELS_MAX) }, () => readHex(reader, ID_BYTES))
  const cursors = new Map<string, Cursor | undefined>()
  const count = reader.varint(CHANNELS_MAX)
  for (let i = 0; i < count; i++) {
    const channel = reader.string(CHANNEL_BYTES_MAX)
    const run = reader.varint(runs.length)
    const seq = run === 0 ? 0 : reader.varint()
    if (cursors.has(channel))
      throw new ProtocolError('malformed', `reading a want: channel ${JSON.stringify(channel)} twice`)
    cursors.set(channel, seq === 0 ? undefined : { log, run: runs[run - 1]!, seq })
  }
  return cursors
}

function checkLength(length: number, max: number, what: string): void {
  if (length > max) throw new RangeError(`writing ${what}: ${length}, limit ${max}`)
}

/** Runs `read`; what the bytes got wrong becomes a `malformed`. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BytesError)) throw error
    throw new ProtocolError('malformed', `reading ${what}: ${error.message}`, { cause: error })
  }
}
