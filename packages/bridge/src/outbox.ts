/** Writes to be made: one item per record, its three states, and its durable form (SPEC "Outbox", TABLES.md). */
import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8, type JsonObject } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import type { Tier } from './delivery/tiers.ts'

/** What the system should be told of a record. */
export type Wish =
  | { action: 'none' }
  | { action: 'upsert'; fields: JsonObject; restore: boolean; awaits?: Awaits[] }
  | { action: 'delete' }

/** What a write does in the system; writes of one kind go together (B-55). */
export type WriteKind = 'create' | 'update' | 'restore' | 'delete'

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
  /** Milliseconds since 1970, of the first edit that it tells; absent in items of earlier versions. */
  since?: number
  /** Where an edit lifts it above its mapping's (B-50). */
  tier?: Tier
  /** Of them, those that met another row than they expected, since one was carried out; absent for none. */
  conflicts?: number
}

export interface Waiting extends Timed {
  state: 'waiting'
  /** As things stood last; absent in items of earlier versions. */
  kind?: WriteKind
  /** Type of the mapping that it waits by; absent in items of earlier versions. */
  type?: string
  /** The edits it has waited for so far, where the mapping's mode asks (mapping/mode.ts). */
  seqs?: Record<string, number>
  /** It is due by its mapping's schedule, or when somebody asks (B-87, B-88). */
  deferred?: true
  /** What may be written, of a mapping whose writes need approval (B-53). */
  approved?: Wish
  /** The last call of it that was surely, or perhaps, not carried out: these edits were there by then. */
  tried?: Tried
}

export interface Tried {
  /** Milliseconds since 1970, by this node's clock. */
  at: number
  /** Highest sequence per actor. */
  seqs: Record<string, number>
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
  /** Items in the last call of it that was not answered (B-57). */
  company?: number
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

export function kindOf(item: Waiting | Begun): WriteKind {
  if (item.state === 'waiting') return item.kind ?? 'update'
  if (item.wish.action === 'delete') return 'delete'
  if (item.wish.restore) return 'restore'
  return item.rowId === undefined ? 'create' : 'update'
}

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
