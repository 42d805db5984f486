/** A frame being written: bytes go to its body at once, what is where to the sections of its head (rules S-2, S-3). */
import {
  ByteWriter,
  crc32,
  entryKinds,
  type IndexValue,
  type Mark,
  type Origin,
  type Seq,
} from '@skerry/core'
import { FRAME_BYTES } from './frame.ts'
import { indexText } from './index-text.ts'
import { writeText, writeTexts } from './text.ts'

/** Bytes of a body: an entry may be as large as a message, and a commit has at most a few of those. */
const BODY_BYTES_MAX = 256 * 1024 * 1024
const CRC_BYTES = 4
/** Bytes of a body that may stay small: a commit of one edit. */
const SMALL_BODY_BYTES = 1024
/** Of an item in a head, without its names: as measured for entries and rows with two indexed fields. */
const ITEM_BYTES = 24

/** What stands in a body, as it is, with its checksum. */
export interface Piece {
  bytes: Uint8Array
  crc: number
}

export interface EntryMeta {
  seq: Seq
  kind: keyof typeof entryKinds
  record: string
  channels: readonly string[]
  origin?: Origin | undefined
}

export interface RowMeta {
  record: string
  collection: string
  indexed: readonly (readonly [field: string, value: IndexValue])[]
  frontierBytes: number
  view: { length: number; isUtf16: boolean } | undefined
}

export interface SealedFrame {
  number: number
  body: number
  head: Uint8Array
  bytes: Uint8Array
}

class Section {
  readonly writer = new ByteWriter()
  count = 0

  next(): ByteWriter {
    this.count += 1
    return this.writer
  }
}

export class FrameDraft {
  readonly #names = new Map<string, number>()
  readonly #forgotten = new Section()
  readonly #removed = new Section()
  readonly #entries = new Section()
  readonly #marks = new Section()
  readonly #rows = new Section()
  readonly #values = new Section()
  readonly #body: ByteWriter
  /** Bytes of head and body, roughly. */
  #held = 0

  constructor(bodyBytes: number) {
    this.#body = new ByteWriter(bodyBytes, BODY_BYTES_MAX)
  }

  /** Whether so many more bytes belong into the next frame. */
  isFullFor(bytes: number): boolean {
    return this.#held > 0 && this.#held + bytes > FRAME_BYTES
  }

  forget(record: string): void {
    this.#next(this.#forgotten).varint(this.#name(record))
  }

  remove(seq: Seq): void {
    this.#next(this.#removed).varint(seq)
  }

  entry({ seq, kind, record, channels, origin }: EntryMeta, { bytes, crc }: Piece): void {
    const writer = this.#next(this.#entries)
    writer.varint(seq).u8(entryKinds[kind]).varint(this.#name(record)).varint(channels.length)
    for (const channel of channels) writer.varint(this.#name(channel))
    if (origin) writer.varint(this.#name(origin.run) + 1).varint(origin.seq)
    else writer.varint(0)
    writer.varint(bytes.length).varint(crc)
    this.#add(bytes)
  }

  mark({ seq, channel, record, kind }: Mark): void {
    const writer = this.#next(this.#marks)
    writer
      .varint(seq)
      .varint(this.#name(channel))
      .varint(this.#name(record))
      .u8(kind === 'enter' ? 1 : 0)
  }

  row({ record, collection, indexed, frontierBytes, view }: RowMeta, { bytes, crc }: Piece): void {
    const writer = this.#next(this.#rows)
    writer.varint(this.#name(record)).varint(this.#name(collection)).varint(indexed.length)
    for (const [field, value] of indexed) {
      writer.varint(this.#name(field)).varint(this.#name(indexText(value)))
    }
    writer.varint(frontierBytes).varint(bytes.length)
    if (view) writer.u8(view.isUtf16 ? 2 : 1).varint(view.length)
    else writer.u8(0)
    writer.varint(crc)
    this.#add(bytes)
  }

  /** No piece: the key is taken away. */
  value(table: string, key: string, piece: Piece | undefined): void {
    const writer = this.#next(this.#values)
    writer.varint(this.#name(table))
    writeText(writer, key)
    this.#held += key.length
    if (!piece) {
      writer.varint(0)
      return
    }
    writer.varint(piece.bytes.length + 1).varint(piece.crc)
    this.#add(piece.bytes)
  }

  /** `logHead`: the log's head once this frame is in it. */
  sealed(number: number, body: number, logHead: Seq): SealedFrame {
    const sections = [this.#forgotten, this.#removed, this.#entries, this.#marks, this.#rows, this.#values]
    const writer = new ByteWriter(this.#held - this.#body.length, BODY_BYTES_MAX)
    writer.raw(new Uint8Array(CRC_BYTES)).varint(body).varint(this.#body.length).varint(logHead)
    writeTexts(writer, [...this.#names.keys()])
    for (const { count, writer: section } of sections) writer.varint(count).raw(section.finish())
    const head = writer.finish()
    new DataView(head.buffer).setUint32(0, crc32(head.subarray(CRC_BYTES)), true)
    return { number, body, head, bytes: this.#body.finish() }
  }

  #next(section: Section): ByteWriter {
    this.#held += ITEM_BYTES
    return section.next()
  }

  #add(bytes: Uint8Array): void {
    this.#held += bytes.length
    this.#body.raw(bytes)
  }

  #name(text: string): number {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    this.#held += text.length
    this.#names.set(text, this.#names.size)
    return this.#names.size - 1
  }
}

/** Frames of one transaction: the next begins where one is full (rule S-4). */
export class FrameDrafts {
  readonly drafts = [new FrameDraft(SMALL_BODY_BYTES)]

  /** The frame for something of so many bytes. */
  for(bytes: number): FrameDraft {
    const last = this.drafts.at(-1)!
    if (!last.isFullFor(bytes)) return last
    const next = new FrameDraft(FRAME_BYTES)
    this.drafts.push(next)
    return next
  }
}
