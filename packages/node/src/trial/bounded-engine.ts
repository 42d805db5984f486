/**
 * The CRDT engine with a ceiling to its memory. WebAssembly's memory is outside of what a thread's `resourceLimits` cover, and the engine's module sets no maximum of its own: it grows to 4 GiB.
 * Setting one in the module before it is compiled makes the ceiling exact, whatever else this process does, and needs nobody who watches: beyond it the engine ends.
 *
 * A module is magic, version, then sections of one byte id, LEB128 size, content; section 5 says of each memory flags (bit 0: has a maximum), minimum, maximum, in pages
 * (https://webassembly.github.io/spec/core/binary/modules.html).
 */

const HEADER_BYTES = 8
const MEMORY_SECTION = 5
const PAGE_BYTES = 64 * 1024
const HAS_MAXIMUM = 1

/** @throws TypeError for a module without one memory of its own */
export function withMemoryMax(module: Uint8Array, bytesMax: number): Uint8Array<ArrayBuffer> {
  let at = HEADER_BYTES
  while (at < module.length) {
    const id = module[at]
    const size = readNumber(module, at + 1)
    const end = size.end + size.value
    if (id !== MEMORY_SECTION) {
      at = end
      continue
    }
    const count = readNumber(module, size.end)
    const minimum = readNumber(module, count.end + 1)
    if (count.value !== 1) break
    const content = [
      1,
      HAS_MAXIMUM,
      ...numberBytes(minimum.value),
      ...numberBytes(Math.floor(bytesMax / PAGE_BYTES)),
    ]
    const section = [MEMORY_SECTION, ...numberBytes(content.length), ...content]
    const bounded = new Uint8Array(at + section.length + module.length - end)
    bounded.set(module.subarray(0, at))
    bounded.set(section, at)
    bounded.set(module.subarray(end), at + section.length)
    return bounded
  }
  throw new TypeError('the WebAssembly module has not one memory of its own, so that it cannot be bounded')
}

/** Unsigned LEB128. */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0
  for (let end = start, factor = 1; ; factor *= 128) {
    const byte = bytes[end++]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, end }
  }
}

function numberBytes(value: number): number[] {
  const bytes = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left]
    bytes.push((left % 128) + 128)
  }
}
