/** What of a record two replicas must have in common to be called equal: its heads, and its receipts. Nothing that is only known here (holders, sequences) is in it. */
import { fromHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Host } from '../host.ts'
import { DIGEST_BYTES } from './tree.ts'

export interface Fingerprint {
  key: string
  incarnation: number
  /** Hex, ascending. */
  heads: readonly string[]
  /** The first bytes of sha256 of each receipt's body, hex, ascending. */
  receipts: readonly string[]
}

/** Every part has its length before it: no two records have the same bytes. */
export function recordDigest(
  host: Pick<Host, 'sha256'>,
  { key, incarnation, heads, receipts }: Fingerprint,
): Uint8Array {
  const writer = new ByteWriter().string('skerry/item/1').string(key).varint(incarnation).varint(heads.length)
  for (const head of heads) writer.raw(fromHex(head))
  writer.varint(receipts.length)
  for (const receipt of receipts) writer.bytes(fromHex(receipt))
  return host.sha256(writer.finish()).subarray(0, DIGEST_BYTES)
}

/** Of an entry that never changes: its key names its content. */
export function otherDigest(host: Pick<Host, 'sha256'>, key: string): Uint8Array {
  return host.sha256(new ByteWriter().string('skerry/other/1').string(key).finish()).subarray(0, DIGEST_BYTES)
}

/**
 * For a recount: sums of these cannot be met on purpose by whoever chose records before the seed was. An item's own digest is as hard to forge as half a sha256, and so may
 * go into it.
 */
export function seededDigest(
  host: Pick<Host, 'sha256'>,
  seed: Uint8Array,
  key: string,
  digest: Uint8Array,
): Uint8Array {
  const bytes = new ByteWriter().string('skerry/recount/1').bytes(seed).string(key).raw(digest).finish()
  return host.sha256(bytes).subarray(0, DIGEST_BYTES)
}
