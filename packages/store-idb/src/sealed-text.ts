/** A small value as text that shows whether it was damaged: `CRC32:JSON`. */
import { crc32, encodeUtf8 } from '@skerry/core'

export function sealedText(value: unknown): string {
  const json = JSON.stringify(value)
  return `${crc32(encodeUtf8(json))}:${json}`
}

/** Undefined where it is not as it was written. */
export function unsealed(text: unknown): unknown {
  const [, crc, json] = typeof text === 'string' ? (/^(\d+):(.*)$/s.exec(text) ?? []) : []
  if (json === undefined || Number(crc) !== crc32(encodeUtf8(json))) return undefined
  return JSON.parse(json)
}
