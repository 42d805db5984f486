// CRC-32 as in IEEE 802.3, zip and PNG: finds what disks and cables damage. It is no defence against anybody:
// for that there is SHA-256. Eight tables let one step take eight bytes (the "slicing by 8" of Kounavis and
// Berry, Intel 2005).

const POLYNOMIAL_REVERSED = 0xedb88320
const SLICE_BYTES = 8

const tables = buildTables()

/**
 * The CRC-32 of `bytes`, an unsigned 32 bit number. Pass the previous result as `seed` to go on with the next
 * piece.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const t = tables
  const slicedEnd = bytes.length - (bytes.length % SLICE_BYTES)
  let crc = ~seed
  let i = 0
  for (; i < slicedEnd; i += SLICE_BYTES) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    crc =
      t[1792 + (low & 0xff)]! ^
      t[1536 + ((low >>> 8) & 0xff)]! ^
      t[1280 + ((low >>> 16) & 0xff)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}

/** Table `s` starts at 256 * s: the effect of a byte that `s` further bytes follow. */
function buildTables(): Int32Array {
  const built = new Int32Array(256 * SLICE_BYTES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1
    built[byte] = crc
  }
  for (let i = 256; i < built.length; i++) {
    const before = built[i - 256]!
    built[i] = (before >>> 8) ^ built[before & 0xff]!
  }
  return built
}
