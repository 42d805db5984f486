/** Raw deflate (RFC 1951): all of the bytes, and as many of them inflated as was said. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'

interface WithInfo {
  buffer: Buffer
  engine: { bytesWritten: number }
}

export function inflated(bytes: Uint8Array, length?: number): Uint8Array {
  const { buffer, engine } = inflateRawSync(bytes, { info: true }) as unknown as WithInfo
  if (engine.bytesWritten !== bytes.length) throw new Error('bytes after the end of what was deflated')
  if (length !== undefined && buffer.length !== length) throw new Error(`${buffer.length} bytes of ${length}`)
  return buffer
}

/** The same, not compressed: of deflated bytes several may say one thing, of these each has a meaning. */
export function storedAsItIs(bytes: Uint8Array): Uint8Array {
  return deflateRawSync(inflated(bytes), { level: 0 })
}
