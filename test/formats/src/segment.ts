/** A segment of readings, as packages/streams/src/SPEC.md has it. */
import { crc32 } from 'node:zlib'
import { Fields } from './fields.ts'
import { inflated } from './inflated.ts'

export interface ReadHeader {
  number: number
  count: number
  measured: number
  storedBytes: number
  inflatedBytes: number
  timeBytes: number
  checksum: number
  isDeflated: boolean
  encoding: number
  places: number
  firstMs: number
  lastMs: number
  min: number
  max: number
  sum: number
  stream: string
}

export function readHeader(bytes: Uint8Array): { header: ReadHeader; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const [u32, f64] = [(at: number) => view.getUint32(at, true), (at: number) => view.getFloat64(at, true)]
  if (Buffer.from(bytes.subarray(0, 3)).toString() !== 'SKG' || bytes[3] !== 1) throw new Error('bad-version')
  const length = 82 + view.getUint16(80, true)
  if (bytes.length < length) throw new Error('truncated')
  if (u32(4) !== crc32(bytes.subarray(8, length))) throw new Error('bad-checksum')
  if (bytes[36]! > 1 || bytes[37]! > 2 || bytes[39] !== 0) throw new Error('malformed')
  const header = {
    ...{ number: u32(8), count: u32(12), measured: u32(16), storedBytes: u32(20), inflatedBytes: u32(24) },
    ...{ timeBytes: u32(28), checksum: u32(32), isDeflated: bytes[36] === 1, encoding: bytes[37]! },
    ...{ places: bytes[38]!, firstMs: f64(40), lastMs: f64(48), min: f64(56), max: f64(64), sum: f64(72) },
    stream: new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(82, length)),
  }
  return { header, length }
}

export function readSegment(bytes: Uint8Array) {
  const { header, length } = readHeader(bytes)
  const stored = bytes.subarray(length)
  if (stored.length !== header.storedBytes || crc32(stored) !== header.checksum)
    throw new Error('bad-checksum')
  const body = header.isDeflated ? inflated(stored, header.inflatedBytes) : stored
  const times = readTimes(new Fields(body.subarray(0, header.timeBytes)), header)
  const values = readValues(body.subarray(header.timeBytes), header)
  return { header, times, values }
}

const unzigzag = (code: number) => (code % 2 === 0 ? code / 2 : -(code + 1) / 2)

function readTimes(fields: Fields, { count, firstMs }: ReadHeader): number[] {
  const times = [firstMs]
  for (let spacing = 0; times.length < count; ) {
    const code = fields.varint()
    if (code !== 0) spacing += unzigzag(code)
    for (let run = code === 0 ? fields.varint() : 1; run > 0; run--) times.push(times.at(-1)! + spacing)
  }
  return fields.done(times)
}

function readValues(bytes: Uint8Array, { count, encoding, places }: ReadHeader): number[] {
  if (encoding === 2) return readDecimals(new Fields(bytes), count, places)
  return encoding === 1 ? readXor(new Fields(bytes), count) : readPlanes(bytes, count)
}

function readDecimals(fields: Fields, count: number, places: number): number[] {
  let scaled = 0
  const values = Array.from({ length: count }, () => {
    const code = fields.varint()
    if (code === 0) return Buffer.from(fields.raw(8)).readDoubleLE()
    scaled += unzigzag(code - 1)
    return scaled / 10 ** places
  })
  return fields.done(values)
}

function readXor(fields: Fields, count: number): number[] {
  const bits = Buffer.alloc(8)
  const values = Array.from({ length: count }, () => {
    const control = fields.u8()
    for (let byte = control & 15; byte < 8 - (control >> 4); byte++) bits[byte]! ^= fields.u8()
    return bits.readDoubleLE()
  })
  return fields.done(values)
}

function readPlanes(bytes: Uint8Array, count: number): number[] {
  if (bytes.length !== 8 * count) throw new Error('malformed')
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(Array.from({ length: 8 }, (_, plane) => bytes[plane * count + i]!)).readDoubleLE(),
  )
}
