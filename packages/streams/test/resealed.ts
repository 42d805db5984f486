/** Makes forged segments whose checksums are right: what an adversary sends, and what no checksum can stop. */

import { crc32 } from '@skerry/core'

/** A copy of `segment`, forged by `forge` (given a view of it), with both checksums computed anew. */
export function resealed(
  segment: Uint8Array,
  forge: (view: DataView, bytes: Uint8Array) => void,
): Uint8Array {
  const bytes = segment.slice()
  const view = new DataView(bytes.buffer)
  forge(view, bytes)
  const headerBytes = Math.min(82 + view.getUint16(80, true), bytes.length)
  view.setUint32(32, crc32(bytes.subarray(headerBytes)), true)
  view.setUint32(4, crc32(bytes.subarray(8, headerBytes)), true)
  return bytes
}
