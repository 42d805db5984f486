/** Messages of a session, as packages/core/src/session/SPEC.md and reconcile/SPEC.md have them. */
import { crc32, inflateRawSync } from 'node:zlib'
import { Fields, written } from './fields.ts'

export interface Challenge {
  versions: [min: number, max: number]
  space: string
  key: Uint8Array
  log: string
  credential: string
  nonce: Uint8Array
}

function after(type: number, message: Uint8Array): Fields {
  if (message[0] !== type) throw new Error(`type ${message[0]} in the place of ${type}`)
  return new Fields(message.subarray(1))
}

export function readChallenge(message: Uint8Array): Challenge {
  const fields = after(0x01, message)
  return fields.done({
    versions: [fields.varint(), fields.varint()],
    space: fields.string(),
    key: fields.raw(32),
    log: fields.hex(16),
    credential: fields.hex(32),
    nonce: fields.raw(32),
  })
}

export type Want =
  | { kind: 'nothing' }
  | { kind: 'log'; run: string; seq: number }
  | { kind: 'channels'; views: boolean; channels: Record<string, { run: string; seq: number } | undefined> }

function readWant(fields: Fields): Want {
  const kind = fields.u8()
  if (kind === 0) return { kind: 'nothing' }
  if (kind === 1) return { kind: 'log', run: fields.hex(16), seq: fields.varint() }
  const runs = fields.list(() => fields.hex(16))
  const channels = fields.list(() => {
    const channel = fields.string()
    const run = fields.varint()
    return [channel, run === 0 ? undefined : { run: runs[run - 1]!, seq: fields.varint() }] as const
  })
  return { kind: 'channels', views: kind === 3, channels: Object.fromEntries(channels) }
}

const readRuns = (fields: Fields) => fields.list(() => ({ run: fields.hex(16), first: fields.varint() }))

export function readHello(message: Uint8Array) {
  const fields = after(0x02, message)
  return fields.done({
    version: fields.varint(),
    key: fields.raw(32),
    log: fields.hex(16),
    runs: readRuns(fields),
    nonce: fields.raw(32),
    credential: { hash: fields.hex(32), token: fields.string() },
    show: fields.u8(),
    want: readWant(fields),
    proof: fields.raw(64),
  })
}

export function readWelcome(message: Uint8Array) {
  const fields = after(0x03, message)
  return fields.done({
    runs: readRuns(fields),
    token: fields.string(),
    read: fields.list(() => fields.string()),
    write: fields.list(() => fields.string()),
    refused: fields.list(() => fields.string()),
    want: readWant(fields),
    credit: fields.varint(),
    proof: fields.raw(64),
  })
}

interface Side {
  key: Uint8Array
  nonce: Uint8Array
  log: string
  credential: string
}

/** H3 */
export function proven(purpose: string, space: string, acceptor: Side, initiator: Side): Uint8Array {
  const parts = [acceptor, initiator].flatMap(({ key, nonce, log, credential }) =>
    [key, nonce, Buffer.from(log, 'hex'), Buffer.from(credential, 'hex')].map(written.bytes),
  )
  return Buffer.concat([written.string(purpose), written.string(space), ...parts])
}

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
}

export function readFrame(message: Uint8Array): ReadFrame {
  const header = after(0x10, message)
  const flags = header.u8()
  const has = (bit: number) => (flags & (1 << bit)) !== 0
  const length = has(0) ? header.varint() : header.left
  const rest = header.raw(header.left)
  const body = has(0) ? inflateRawSync(rest) : rest
  if (body.length !== length) throw new Error(`${body.length} bytes of ${length}`)
  const content = body.subarray(0, -4)
  if (Buffer.from(body.subarray(-4)).readUInt32LE() !== crc32(content)) throw new Error('a frame is damaged')
  const fields = new Fields(content)
  const items: Item[] = []
  for (let tag = fields.u8(); tag !== 0; tag = fields.u8()) items.push(readItem(fields, tag))
  const position = has(1) ? { seq: fields.varint(), ...(has(3) && { run: fields.hex(16) }) } : undefined
  return fields.done({ items, position, isCurrent: has(2), isMissing: has(4) })
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

/** The opening of a comparison: the root of each tree. */
export function readOpening(message: Uint8Array) {
  const fields = after(0x20, message)
  const opening = { number: fields.varint(), flags: fields.u8(), granted: fields.varint() }
  if (opening.flags !== 1) throw new Error(`flags ${opening.flags}: no opening, or a seeded one`)
  const trees = fields.list(() => {
    const [kind, channel, count] = [fields.u8(), fields.string(), fields.varint()]
    return { kind, channel, count, sum: count === 0 ? new Uint8Array(16) : fields.raw(16) }
  })
  return fields.done({ ...opening, trees })
}
