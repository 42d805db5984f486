/** What leaves the device of an attacker in place of what its replica said: by chance a mutated message, with checksums made right where that lets it in further. */
import { crc32 } from '@skerry/core'
import type { Random } from '../machine/random.ts'

const FRAME = 0x10
const CRC_BYTES = 4
/** Share of an attacker's messages that are not what its replica said. */
const MUTATED_SHARE = 0.15
/** Messages of others that an attacker keeps. */
export const OVERHEARD_MAX = 64

/** What leaves an attacker's device in place of this message. */
export function mutated(random: Random, message: Uint8Array): Uint8Array[] {
  if (!random.chance(MUTATED_SHARE)) return [message]
  const bytes = message.slice()
  const what = random.below(5)
  if (what === 0) return [bytes.subarray(0, random.below(bytes.length))]
  if (what === 1) return [bytes, bytes]
  if (what === 2) return [Uint8Array.from([...bytes, ...random.bytes(1 + random.below(8))])]
  bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
  if (what === 3) return [bytes]
  return [reframed(random, message.slice())]
}

/** A frame with a flipped bit somewhere in its items, and with the checksum of what it says now: the entries' own checks must find it. */
function reframed(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== FRAME || bytes[1]! & 1 || bytes.length < 3 + CRC_BYTES) return bytes
  const end = bytes.length - CRC_BYTES
  bytes[2 + random.below(end - 2)]! ^= 1 << random.below(8)
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, crc32(bytes.subarray(2, end)), true)
  return bytes
}
