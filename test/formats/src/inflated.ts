/** Raw deflate (RFC 1951): all of the bytes, and as many of them inflated as was said. */
import { inflateRawSync } from 'node:zlib'

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
