/** The checksums of rows (schema.ts says why). Each covers what makes the row mean something else if it flips: keys, numbers, content. */
import { crc32 } from 'node:zlib'

/** What damaged content gets that is not even of its type: no CRC-32 is negative, so it matches no stored one. */
const NO_CRC = -1

/** Of an entry; absent origin is 0. The record's key is covered too, though it stands in another row. */
export function entryCrc(
  bytes: Uint8Array,
  key: string,
  numbers: readonly [seq: number, kind: number, origin: number, originSeq: number],
): number {
  if (!isBytes(bytes) || typeof key !== 'string') return NO_CRC
  return crc32(bytes, numbersCrc(numbers, crc32(key)))
}

export function rowCrc(record: string, frontier: Uint8Array, indexed: string, view: string | null): number {
  const isText =
    typeof record === 'string' && typeof indexed === 'string' && (view === null || typeof view === 'string')
  if (!isBytes(frontier) || !isText) return NO_CRC
  return crc32(`${record}\n${indexed}\n${view ?? ''}`, crc32(frontier))
}

export function pairCrc(key: string, value: Uint8Array): number {
  return isBytes(value) && typeof key === 'string' ? crc32(value, crc32(key)) : NO_CRC
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

/** What comes from a file may be of any type, whatever its column declares. */
function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array
}
