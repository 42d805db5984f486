/**
 * Where sums are kept: named tables of the store, so that every store has them, and they are one commit with the position up to which they hold.
 *
 *   digest-nodes     tree / digits of the node's name / its name   →  count, sum
 *   digest-items     tree / hash of the key / key                  →  digest [sequence, for others]
 *   digest-records   record                                        →  what stands in the items above for it, and since when
 *   digest-again     record                                        →  it changed without an entry; look at it again
 *   digest-state     'position'                                    →  the log is counted up to here
 */
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Seq, Store } from '../store/port.ts'
import { DIGEST_BYTES, type Sum, type Tree } from './tree.ts'

export const NODES_TABLE = 'digest-nodes'
export const ITEMS_TABLE = 'digest-items'
export const RECORDS_TABLE = 'digest-records'
export const AGAIN_TABLE = 'digest-again'
export const STATE_TABLE = 'digest-state'
export const POSITION_KEY = 'position'
/** In the place of a position: what was counted is to be counted anew. */
export const COUNT_ANEW = Uint8Array.of(0)

/** A channel's name in a row, bytes: as in a record's own row. */
const CHANNEL_BYTES_MAX = 1024
const CHANNELS_MAX = 65_535

/** What a turn gives for reading and writing tables. */
export interface TableTurn {
  get(table: string, key: string): Promise<Uint8Array | undefined>
  /** An undefined value removes the key. */
  put(table: string, key: string, value: Uint8Array | undefined): void
}

/** No name of a tree begins another's: its length stands before it. */
export function treeKey({ kind, channel }: Tree): string {
  return `${kind === 'records' ? 'r' : 'o'}${channel.length}:${channel}/`
}

export function nodeKey(tree: string, name: string): string {
  return `${nodesPrefix(tree, name.length)}${name}`
}

/** Begins the keys of all nodes whose name has so many digits. */
export function nodesPrefix(tree: string, digits: number): string {
  return `${tree}${digits}/`
}

export function itemKey(tree: string, hash: string, key: string): string {
  return `${tree}${hash}/${key}`
}

export function encodeSum({ count, digest }: Sum): Uint8Array {
  return new ByteWriter(24).varint(count).raw(digest).finish()
}

export function decodeSum(value: Uint8Array): Sum {
  const reader = new ByteReader(value)
  return { count: reader.varint(), digest: reader.raw(DIGEST_BYTES).slice() }
}

/** `seq`: of the one entry that the item is; absent for records. */
export function encodeItem(digest: Uint8Array, seq?: Seq): Uint8Array {
  const writer = new ByteWriter(24).raw(digest)
  if (seq !== undefined) writer.varint(seq)
  return writer.finish()
}

export function decodeItem(value: Uint8Array): { digest: Uint8Array; seq: Seq | undefined } {
  const reader = new ByteReader(value)
  const digest = reader.raw(DIGEST_BYTES).slice()
  return { digest, seq: reader.remaining > 0 ? reader.varint() : undefined }
}

/** What is counted of a record. */
export interface Counted {
  digest: Uint8Array
  channels: readonly string[]
  hasReceipts: boolean
  /** The log was counted up to here when this last changed. */
  since: Seq
}

export function encodeCounted({ digest, channels, hasReceipts, since }: Counted): Uint8Array {
  const writer = new ByteWriter(64)
    .u8(hasReceipts ? 1 : 0)
    .varint(since)
    .raw(digest)
    .varint(channels.length)
  for (const channel of channels) writer.string(channel)
  return writer.finish()
}

export function decodeCounted(value: Uint8Array): Counted {
  const reader = new ByteReader(value)
  const hasReceipts = reader.u8() === 1
  const since = reader.varint()
  const digest = reader.raw(DIGEST_BYTES).slice()
  const channels: string[] = []
  for (let left = reader.varint(CHANNELS_MAX); left > 0; left--)
    channels.push(reader.string(CHANNEL_BYTES_MAX))
  return { digest, channels, hasReceipts, since }
}

/** The record changes in this turn without an entry that tells so: it is given up, or an entry of it is taken out. */
export async function countAgain(turn: TableTurn, record: string): Promise<void> {
  const before = (await turn.get(AGAIN_TABLE, record))?.[0] ?? 0
  turn.put(AGAIN_TABLE, record, Uint8Array.of((before + 1) % 256))
}

/** Whether the record was counted in one of these channels before the log stood at `upTo`, and did not change since. */
export async function wasCounted(
  store: Pick<Store, 'get'>,
  record: string,
  upTo: Seq,
  channels: ReadonlySet<string>,
): Promise<boolean> {
  const value = await store.get(RECORDS_TABLE, record)
  const counted = value && decodeCounted(value)
  if (!counted || counted.since > upTo) return false
  return counted.channels.some((channel) => channels.has(channel))
}
