/** A FRAME and its items, as packages/core/src/session/SPEC.md has them. */
import { crc32 } from 'node:zlib'
import { Fields } from './fields.ts'
import { inflated } from './inflated.ts'
import { after } from './message.ts'

export type Item =
  | { kind: 'entry'; seq: number; bytes: Uint8Array }
  | { kind: 'enter' | 'leave'; seq: number; channel: string; record: string }
  | { kind: 'credential'; token: string }
  | { kind: 'views'; bytes: Uint8Array }

export interface ReadFrame {
  items: Item[]
  position: { seq: number; run?: string } | undefined
  isCurrent: boolean
  isMissing: boolean
  isViews: boolean
}

export function readFrame(message: Uint8Array): ReadFrame {
  const header = after(0x10, message)
  const flags = header.u8()
  const has = (bit: number) => (flags & (1 << bit)) !== 0
  const isOdd =
    (has(3) && !has(1)) || (has(4) && (flags & 0b101110) !== 0) || (has(5) && (flags & 0b11010) !== 0)
  if (flags > 63 || isOdd) throw new Error(`flags ${flags}`)
  const length = has(0) ? header.varint() : header.left
  const rest = header.raw(header.left)
  const body = has(0) ? inflated(rest, length) : rest
  const content = body.subarray(0, -4)
  if (Buffer.from(body.subarray(-4)).readUInt32LE() !== crc32(content)) throw new Error('a frame is damaged')
  const fields = new Fields(content)
  const items: Item[] = []
  for (let tag = fields.u8(); tag !== 0; tag = fields.u8()) {
    if ((tag === 5) !== has(5)) throw new Error(`item ${tag} in a frame with flags ${flags}`)
    items.push(readItem(fields, tag))
  }
  const position = has(1) ? { seq: fields.varint(), ...(has(3) && { run: fields.hex(16) }) } : undefined
  return fields.done({ items, position, isCurrent: has(2), isMissing: has(4), isViews: has(5) })
}

function readItem(fields: Fields, tag: number): Item {
  if (tag === 1) return { kind: 'entry', seq: fields.varint(), bytes: fields.bytes() }
  if (tag === 2 || tag === 3) {
    const kind = tag === 2 ? 'enter' : 'leave'
    return { kind, seq: fields.varint(), channel: fields.string(), record: fields.string() }
  }
  if (tag === 4) return { kind: 'credential', token: fields.string() }
  if (tag === 5) return { kind: 'views', bytes: fields.bytes() }
  throw new Error(`item ${tag}`)
}

export interface ReadView {
  record: string
  version: number
  heads: string
  view: string
}

/** What an item of tag 5 holds. */
export function readViews(bytes: Uint8Array): ReadView[] {
  const list = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown[]
  if (list.length % 4 !== 0) throw new Error(`${list.length} values are no whole views`)
  return Array.from({ length: list.length / 4 }, (_, i) => {
    const [record, version, heads, view] = list.slice(4 * i, 4 * i + 4)
    if (typeof record !== 'string' || typeof heads !== 'string' || typeof view !== 'string')
      throw new Error('a view that is no text')
    if (!Number.isSafeInteger(version) || !/^([0-9a-f]{16})*$/.test(heads)) throw new Error(`heads ${heads}`)
    return { record, version: version as number, heads, view }
  })
}
