/**
 * CRC-32 (IEEE 802.3, the one of zip and png): finds damage by disks and lines. It is no defence against someone who
 * wants to deceive; who may write a stream is decided by credentials.
 */

const POLYNOMIAL_REFLECTED = 0xedb88320

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL_REFLECTED : remainder >>> 1
  }
  return remainder
})

/** The checksum of `bytes` as an unsigned 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff
  for (let i = 0; i < bytes.length; i += 1) {
    remainder = TABLE[(remainder ^ bytes[i]!) & 0xff]! ^ (remainder >>> 8)
  }
  return ~remainder >>> 0
}
