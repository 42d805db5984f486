/** The checksums of rows (schema.ts says why). Each covers what makes the row mean something else if it flips: keys, numbers, content. */
import { crc32 } from 'node:zlib'

/** Columns of an entry row that the checksum covers beside the bytes; absent origin is 0. */
export function entryCrc(
  bytes: Uint8Array,
  seq: number,
  record: number,
  kind: number,
  origin: number,
  originSeq: number,
): number {
  let mixed = 0
  for (const number of [seq, record, kind, origin, originSeq])
    mixed = (Math.imul(mixed, 0x9e3779b1) + number) >>> 0
  return crc32(bytes, mixed)
}

export function rowCrc(record: string, frontier: Uint8Array, indexed: string, view: string | null): number {
  return crc32(`${record}\n${indexed}\n${view ?? ''}`, crc32(frontier))
}

export function pairCrc(key: string, value: Uint8Array): number {
  return crc32(value, crc32(key))
}
