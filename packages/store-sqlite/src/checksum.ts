/** The checksums of rows (schema.ts says why). Each covers what makes the row mean something else if it flips: keys, numbers, content. */
import { crc32 } from 'node:zlib'

/** Of an entry; absent origin is 0. The record's key is covered too, though it stands in another row. */
export function entryCrc(
  bytes: Uint8Array,
  key: string,
  numbers: readonly [seq: number, kind: number, origin: number, originSeq: number],
): number {
  return crc32(bytes, numbersCrc(numbers, crc32(key)))
}

export function rowCrc(record: string, frontier: Uint8Array, indexed: string, view: string | null): number {
  return crc32(`${record}\n${indexed}\n${view ?? ''}`, crc32(frontier))
}

export function pairCrc(key: string, value: Uint8Array): number {
  return crc32(value, crc32(key))
}

export function textCrc(...parts: (string | number)[]): number {
  return crc32(parts.join('\n'))
}

/** A multiplicative hash rather than a CRC, because these are few and short. Any one changed number changes it. */
export function numbersCrc(numbers: readonly number[], start = 0): number {
  let mixed = start
  for (const number of numbers)
    mixed = (Math.imul(mixed, 0x9e3779b1) + (number % 2 ** 32) + Math.floor(number / 2 ** 32)) >>> 0
  return mixed
}
