/** Writes to be made: one item per record, its three states, and its durable form (SPEC "Outbox"). */
import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8, type JsonObject } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'

/** What the system should be told of a record. */
export type Wish =
  | { action: 'none' }
  | { action: 'upsert'; fields: JsonObject; restore: boolean; awaits?: Awaits[] }
  | { action: 'delete' }

/** A reference that cannot be written yet (SPEC B-80). */
export type Awaits = {
  external: string
  /** Key of the record whose row it needs. */
  parent: string
}

interface Timed {
  /** Milliseconds since 1970; not called before. */
  dueAt: number
  /** Calls made for it so far, whatever their answers. */
  attempts: number
}

export interface Waiting extends Timed {
  state: 'waiting'
  /** Milliseconds since 1970: the first edit that it waits with, where the mapping's mode asks (mapping/mode.ts). */
  since?: number
  /** The edits it has waited for so far. */
  seqs?: Record<string, number>
  /** It is due by its mapping's schedule, or when somebody asks: the type of that mapping. */
  held?: string
}

/** Nothing of it can be written before another record has its row (SPEC B-80, B-81). */
export interface Parked {
  state: 'parked'
  /** Keys of those records. */
  parents: string[]
  reason: string
}

/** A call that may have been made. Nothing in it but `dueAt` and `attempts` changes until its fate is known (B-06). */
export interface Begun extends Timed {
  state: 'begun'
  wish: Exclude<Wish, { action: 'none' }>
  type: string
  externalId: string
  /** Absent for a row that is not known yet. */
  rowId?: string
  /** Null: there must be none yet. */
  expectedVersion: string | null
  idempotencyKey: string
  /** Milliseconds since 1970; absent in items of earlier versions. */
  begunAt?: number
  /** The record's state that the wish was made from. */
  heads: readonly string[]
  view: JsonObject
  seqs: Record<string, number>
  incarnation: number
  document: Uint8Array
}

export interface Dead {
  state: 'dead'
  wish: Wish
  reason: string
  /** External names. */
  fields: string[]
  seqs: Record<string, number>
  /** Milliseconds since 1970. */
  at: number
}

export type OutboxItem = Waiting | Begun | Parked | Dead

const FORMAT = 1
const PART_BYTES_MAX = 64 * 1024 * 1024
const none = new Uint8Array(0)

export function encodeItem(item: OutboxItem): Uint8Array {
  const { document, ...content } = item.state === 'begun' ? item : { ...item, document: none }
  const writer = new ByteWriter(document.length + 512, 2 * PART_BYTES_MAX)
  return writer
    .u8(FORMAT)
    .bytes(encodeUtf8(JSON.stringify(content)))
    .bytes(document)
    .finish()
}

/** @throws BridgeError damaged-table */
export function decodeItem(record: string, bytes: Uint8Array): OutboxItem {
  try {
    const reader = new ByteReader(bytes)
    const format = reader.u8()
    if (format !== FORMAT) throw new RangeError(`format ${format} is unknown`)
    const content = JSON.parse(decodeUtf8(reader.bytes(PART_BYTES_MAX)) ?? '') as OutboxItem
    return content.state === 'begun'
      ? { ...content, document: reader.bytes(PART_BYTES_MAX).slice() }
      : content
  } catch (cause) {
    throw new BridgeError(
      'damaged-table',
      `the outbox item of ${record} cannot be read; restore this node, or upgrade it`,
      { cause },
    )
  }
}
