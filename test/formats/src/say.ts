/** Messages and entries, written as the pages say: the other direction of what the other files here read. */
import { createPrivateKey, randomBytes, sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { writeChangeBody } from './change.ts'
import { MAGIC, sha256 } from './entry.ts'
import { written } from './fields.ts'

const { varint, bytes, string } = written

/** Ed25519 seeds go into Node as they stand in a key file (RFC 8410). */
const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

export function signed(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([SEED_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  return sign(null, message, key)
}

export const randomId = () => randomBytes(16).toString('hex')
export const hex = (digits: string) => Buffer.from(digits, 'hex')
export const list = <T>(items: readonly T[], one: (item: T) => Uint8Array) =>
  Buffer.concat([varint(items.length), ...items.map(one)])
const le32 = (value: number) => {
  const four = Buffer.alloc(4)
  four.writeUInt32LE(value)
  return four
}
const message = (type: number, ...fields: Uint8Array[]) => Buffer.concat([Uint8Array.of(type), ...fields])

export interface Run {
  run: string
  first: number
}
export const runsOf = (runs: readonly Run[]) =>
  list(runs, ({ run, first }) => Buffer.concat([hex(run), varint(first)]))

export type Asked =
  | { kind: 'log' }
  /** Each from its beginning. */
  | { kind: 'channels'; channels: readonly string[] }

export function wantOf(asked: Asked): Uint8Array {
  if (asked.kind === 'log') return Buffer.concat([Uint8Array.of(1), Buffer.alloc(16), varint(0)])
  const fromBeginning = (channel: string) => Buffer.concat([string(channel), varint(0)])
  return Buffer.concat([Uint8Array.of(2), varint(0), list(asked.channels, fromBeginning)])
}

export interface Hello {
  key: Uint8Array
  log: string
  runs: readonly Run[]
  nonce: Uint8Array
  credential: { hash: string; token: string }
  want: Asked
  proof: Uint8Array
}

export function hello({ key, log, runs, nonce, credential, want, proof }: Hello): Uint8Array {
  const token = string(credential.token)
  return message(
    0x02,
    ...[varint(1), key, hex(log), runsOf(runs), nonce, hex(credential.hash), token],
    ...[Uint8Array.of(1), wantOf(want), proof],
  )
}

export function challenge({
  space,
  key,
  log,
  credential,
  nonce,
}: {
  space: string
  key: Uint8Array
  log: string
  credential: string
  nonce: Uint8Array
}): Uint8Array {
  return message(0x01, varint(1), varint(1), string(space), key, hex(log), hex(credential), nonce)
}

export function welcome({
  runs,
  token,
  read,
  refused = [],
  want,
  proof,
}: {
  runs: readonly Run[]
  token: string
  read: readonly string[]
  refused?: readonly string[]
  want: Asked
  proof: Uint8Array
}): Uint8Array {
  const grants = [read, read, refused].map((names) => list(names, string))
  return message(0x03, runsOf(runs), string(token), ...grants, wantOf(want), varint(1024 * 1024), proof)
}

export type Told =
  | { kind: 'entry'; seq: number; bytes: Uint8Array }
  | { kind: 'enter' | 'leave'; seq: number; channel: string; record: string }
  | { kind: 'credential'; token: string }

function itemOf(told: Told): Uint8Array {
  if (told.kind === 'entry') return Buffer.concat([Uint8Array.of(1), varint(told.seq), bytes(told.bytes)])
  if (told.kind === 'credential') return Buffer.concat([Uint8Array.of(4), string(told.token)])
  const tag = told.kind === 'enter' ? 2 : 3
  return Buffer.concat([Uint8Array.of(tag), varint(told.seq), string(told.channel), string(told.record)])
}

/** A frame of the stream; as a rule the last for now. Without a position where there is none to tell. */
export function frame(told: readonly Told[], position: number, isCurrent = true): Uint8Array {
  const where = position === 0 ? [] : [varint(position)]
  const content = Buffer.concat([...told.map(itemOf), Uint8Array.of(0), ...where])
  return message(0x10, Uint8Array.of((position === 0 ? 0 : 2) + (isCurrent ? 4 : 0)), content, le32(crc32(content)))
}

/** Of views, more of which are to come. `views`: as bytes. */
export function viewsFrame(views: Uint8Array): Uint8Array {
  const content = Buffer.concat([Uint8Array.of(5), views, Uint8Array.of(0)])
  return message(0x10, Uint8Array.of(32), content, le32(crc32(content)))
}

export interface Refusal {
  seq: number
  code: string
  reason: string
}

export function ack(position: number, head: number, refusals: readonly Refusal[] = []): Uint8Array {
  const refusal = ({ seq, code, reason }: Refusal) =>
    Buffer.concat([varint(seq), string(code), string(reason)])
  return message(0x11, varint(position), varint(head), list(refusals, refusal))
}

export function bye(code: string): Uint8Array {
  const type = `urn:skerry:problem:${code}`
  const problem = { type, title: code, detail: '', code, retryable: false }
  return message(0x1f, string(code), string(JSON.stringify(problem)))
}

/** Who signs, and as whom. */
export interface Author {
  seed: Uint8Array
  space: string
  credential: string
}

export interface Edit {
  record: string
  actor: Uint8Array
  sequence?: number
  firstOperation?: number
  dependencies?: readonly string[]
  set: Readonly<Record<string, string>>
}

/** An entry of one change that sets text fields at the root of its record. */
export function editEntry(author: Author, edit: Edit): { bytes: Uint8Array; hash: string } {
  const content = Buffer.concat([Uint8Array.of(1), bytes(writeChangeBody(edit))])
  const hash = sha256(content)
  const chunk = Buffer.concat([hex(MAGIC), hash.subarray(0, 4), content])
  const { record, actor, sequence = 1 } = edit
  const entry = entryOf(author, {
    kind: 1,
    record,
    body: list([chunk], bytes),
    signs: { actor, sequence, hash },
  })
  return { bytes: entry, hash: hash.toString('hex') }
}

/** An entry of another kind than changes: what is signed is its body. */
export function bodyEntry(author: Author, kind: number, record: string, body: Uint8Array): Uint8Array {
  const signs = { actor: new Uint8Array(17), sequence: 0, hash: sha256(body) }
  return entryOf(author, { kind, record, body, signs })
}

function entryOf(
  { seed, space, credential }: Author,
  {
    kind,
    record,
    body,
    signs,
  }: {
    kind: number
    record: string
    body: Uint8Array
    signs: { actor: Uint8Array; sequence: number; hash: Uint8Array }
  },
): Uint8Array {
  const [actor, sequence, cited] = [signs.actor, varint(signs.sequence), hex(credential)]
  const statement = Buffer.concat([
    ...[string('skerry/entry/1'), string(space), string(record), Uint8Array.of(kind)],
    ...[actor, sequence, signs.hash, cited],
  ])
  const content = Buffer.concat([
    ...[Uint8Array.of(1, kind, 1), varint(0), string(record)],
    ...[actor, sequence, cited, signed(seed, statement), bytes(body)],
  ])
  return Buffer.concat([content, le32(crc32(content))])
}
