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
const hex = (digits: string) => Buffer.from(digits, 'hex')
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
const runsOf = (runs: readonly Run[]) =>
  list(runs, ({ run, first }) => Buffer.concat([hex(run), varint(first)]))

export type Asked =
  | { kind: 'log' }
  /** Each from its beginning. */
  | { kind: 'channels'; channels: readonly string[] }

function wantOf(asked: Asked): Uint8Array {
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

/** A frame of these flags around content, with its checksum. */
export function rawFrame(flags: number, content: Uint8Array): Uint8Array {
  return message(0x10, Uint8Array.of(flags), content, le32(crc32(content)))
}

/** A frame of the stream; as a rule the last for now. Without a position where there is none to tell. */
export function frame(told: readonly Told[], position: number, isCurrent = true): Uint8Array {
  const where = position === 0 ? [] : [varint(position)]
  const content = Buffer.concat([...told.map(itemOf), Uint8Array.of(0), ...where])
  return rawFrame((position === 0 ? 0 : 2) + (isCurrent ? 4 : 0), content)
}

/** Of views, more of which are to come. `views`: as bytes. */
export function viewsFrame(views: Uint8Array): Uint8Array {
  const content = Buffer.concat([Uint8Array.of(5), views, Uint8Array.of(0)])
  return rawFrame(32, content)
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

/** A chunk around the body of a change. */
export function chunkOf(body: Uint8Array, type = 1): { chunk: Uint8Array; hash: Uint8Array } {
  const content = Buffer.concat([Uint8Array.of(type), bytes(body)])
  const hash = sha256(content)
  return { chunk: Buffer.concat([hex(MAGIC), hash.subarray(0, 4), content]), hash }
}

/** An entry of one change that sets text fields at the root of its record. */
export function editEntry(author: Author, edit: Edit): { bytes: Uint8Array; hash: string } {
  const { chunk, hash } = chunkOf(writeChangeBody(edit))
  const { record, actor, sequence = 1 } = edit
  const body = list([chunk], bytes)
  const entry = entryOf(author, { kind: 1, record, body, signs: { actor, sequence, hash } })
  return { bytes: entry, hash: Buffer.from(hash).toString('hex') }
}

/** An entry of another kind than changes: what is signed is its body. */
export function bodyEntry(author: Author, kind: number, record: string, body: Uint8Array): Uint8Array {
  const signs = { actor: new Uint8Array(17), sequence: 0, hash: sha256(body) }
  return entryOf(author, { kind, record, body, signs })
}

export interface EntryParts {
  version?: number
  kind: number
  flags?: number
  incarnation?: number
  record: string
  body: Uint8Array
  /** What is said to be signed; absent: nothing is. */
  signs?: { actor: Uint8Array; sequence: number; hash: Uint8Array } | undefined
}

export function entryOf({ seed, space, credential }: Author, parts: EntryParts): Uint8Array {
  const { version = 1, kind, incarnation = 0, record, body, signs } = parts
  const flags = parts.flags ?? (signs ? 1 : 0)
  const head = [Uint8Array.of(version, kind, flags), varint(incarnation), string(record)]
  const content = Buffer.concat([...head, ...signature(), bytes(body)])
  return Buffer.concat([content, le32(crc32(content))])

  function signature(): Uint8Array[] {
    if (!signs) return []
    const [actor, sequence, cited] = [signs.actor, varint(signs.sequence), hex(credential)]
    const statement = Buffer.concat([
      ...[string('skerry/entry/1'), string(space), string(record), Uint8Array.of(kind)],
      ...[actor, sequence, signs.hash, cited, ...(incarnation === 0 ? [] : [varint(incarnation)])],
    ])
    return [actor, sequence, cited, signed(seed, statement)]
  }
}
