/** Inflating with a bound on what comes out: a frame of some kilobytes may say a gigabyte. */
import { Inflate } from 'fflate'

/** Bytes taken in at once. Deflate makes at most 1,032 bytes of one, so that what is made beyond a bound before it is noticed stays below 5 MB. */
const STEP_BYTES = 4_096

/** @throws RangeError above `outputBytesMax`; what fflate throws for what is no deflate stream, or breaks off */
export function inflateBounded(bytes: Uint8Array, outputBytesMax: number): Uint8Array {
  // Of no bytes at all fflate says nothing.
  if (bytes.length === 0) throw new RangeError('there is nothing to inflate')
  const parts: Uint8Array[] = []
  let length = 0
  const inflate = new Inflate((part) => {
    length += part.length
    if (length > outputBytesMax)
      throw new RangeError(`inflating ${bytes.length} bytes gives more than ${outputBytesMax}`)
    parts.push(part)
  })
  for (let at = 0; at < bytes.length; at += STEP_BYTES)
    inflate.push(bytes.subarray(at, at + STEP_BYTES), at + STEP_BYTES >= bytes.length)
  return joined(parts, length)
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
