/** Reads a head back into what the index holds (rule S-2). */
import { ByteReader, crc32, type EntryKind, entryKinds, type Mark, type Seq } from '@skerry/core'
import type { Frame, PlacedBatch, PlacedEntry, PlacedRow, Span } from './frame.ts'
import { indexValue } from './index-text.ts'
import { readText, readTexts } from './text.ts'

const CRC_BYTES = 4
const UINT32_MAX = 2 ** 32 - 1
const KIND_BY_CODE: ReadonlyMap<number, EntryKind> = new Map(
  Object.entries(entryKinds).map(([kind, code]) => [code, kind as EntryKind]),
)

export interface ReadHead {
  frame: Frame
  batch: PlacedBatch
}

/** Whether these are the bytes of a head, as they were written. */
export function isSound(head: unknown): head is Uint8Array {
  if (!(head instanceof Uint8Array) || head.length <= CRC_BYTES) return false
  const kept = new DataView(head.buffer, head.byteOffset).getUint32(0, true)
  return kept === crc32(head.subarray(CRC_BYTES))
}

/** Of a sound head. `batch.entries` holds what was replaced, too. */
export function readHead(number: number, head: Uint8Array): ReadHead {
  const reader = new ByteReader(head, CRC_BYTES)
  const frame: Frame = {
    number,
    body: reader.varint(),
    bodyBytes: reader.varint(),
    headBytes: head.length,
    liveBytes: 0,
    isGone: false,
    isFixed: false,
  }
  frame.liveBytes = frame.bodyBytes
  const logHead = reader.varint()
  return { frame, batch: new HeadReader(reader, frame).batch(logHead) }
}

class HeadReader {
  readonly #reader: ByteReader
  readonly #frame: Frame
  #names: string[] = []
  /** By name: most entries are in one channel, the same as their neighbours. */
  readonly #channelsByName = new Map<string, readonly string[]>()
  #from = 0

  constructor(reader: ByteReader, frame: Frame) {
    this.#reader = reader
    this.#frame = frame
  }

  batch(head: Seq): PlacedBatch {
    this.#names = readTexts(this.#reader)
    return {
      head,
      forgotten: this.#list(() => this.#name()),
      removed: this.#list(() => this.#reader.varint()),
      entries: this.#list(() => this.#entry()),
      marks: this.#list(() => this.#mark()),
      records: this.#list(() => this.#row()),
      tables: this.#list(() => this.#value()),
    }
  }

  #list<T>(read: () => T): T[] {
    const items: T[] = []
    for (let left = this.#reader.varint(); left > 0; left -= 1) items.push(read())
    return items
  }

  #name(at = this.#reader.varint()): string {
    const name = this.#names[at]
    if (name === undefined)
      throw new RangeError(`a head has ${this.#names.length} names, and refers to ${at}`)
    return name
  }

  #span(length: number, crc: number): Span {
    const from = this.#from
    this.#from += length
    return { frame: this.#frame, from, length, crc }
  }

  #entry(): PlacedEntry {
    const reader = this.#reader
    const seq = reader.varint()
    const code = reader.u8()
    const kind = KIND_BY_CODE.get(code)
    if (kind === undefined) throw new RangeError(`entry ${seq} has kind ${code}, which is none`)
    const record = this.#name()
    const channels = this.#channels()
    const run = reader.varint()
    const origin = run === 0 ? undefined : { run: this.#name(run - 1), seq: reader.varint() }
    const length = reader.varint()
    return { seq, kind, record, channels, origin, bytes: this.#span(length, reader.varint(UINT32_MAX)) }
  }

  #channels(): readonly string[] {
    const count = this.#reader.varint()
    if (count !== 1) return Array.from({ length: count }, () => this.#name())
    const channel = this.#name()
    const known = this.#channelsByName.get(channel) ?? [channel]
    this.#channelsByName.set(channel, known)
    return known
  }

  #mark(): Mark {
    const seq = this.#reader.varint()
    const channel = this.#name()
    const record = this.#name()
    return { seq, channel, record, kind: this.#reader.u8() === 1 ? 'enter' : 'leave' }
  }

  #row(): PlacedRow {
    const reader = this.#reader
    const record = this.#name()
    const collection = this.#name()
    const indexed = this.#list(() => [this.#name(), indexValue(this.#name())] as const)
    const frontierBytes = reader.varint()
    const length = reader.varint()
    const form = reader.u8()
    const view = form === 0 ? undefined : { length: reader.varint(), isUtf16: form === 2 }
    return {
      record,
      collection,
      indexed,
      frontierBytes,
      view,
      bytes: this.#span(length, reader.varint(UINT32_MAX)),
    }
  }

  #value(): { table: string; key: string; value?: Span } {
    const table = this.#name()
    const key = readText(this.#reader)
    const length = this.#reader.varint()
    if (length === 0) return { table, key }
    return { table, key, value: this.#span(length - 1, this.#reader.varint(UINT32_MAX)) }
  }
}
