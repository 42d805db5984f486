/** Entries, what is signed, changes and rows, as packages/core/src/log/SPEC.md has them. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type ChangeBody, readChangeBody } from './change.ts'
import { Fields, written } from './fields.ts'
import { inflated } from './inflated.ts'

export const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

export interface ReadEntry {
  kind: number
  incarnation: number
  record: string
  signed?: { actor: Uint8Array; lastSeq: number; credential: Uint8Array; signature: Uint8Array }
  body: Uint8Array
}

export function readEntry(bytes: Uint8Array): ReadEntry {
  const content = bytes.subarray(0, -4)
  if (Buffer.from(bytes.subarray(-4)).readUInt32LE() !== crc32(content)) throw new Error('entry-checksum')
  const fields = new Fields(content)
  const [version, kind, flags] = [fields.u8(), fields.u8(), fields.u8()]
  if (version !== 1 || flags > 1) throw new Error(`version ${version}, flags ${flags}`)
  const entry = { kind, incarnation: fields.varint(), record: fields.string() }
  const signed =
    flags === 1
      ? {
          actor: fields.raw(17),
          lastSeq: fields.varint(),
          credential: fields.raw(32),
          signature: fields.raw(64),
        }
      : undefined
  return fields.done({ ...entry, ...(signed && { signed }), body: fields.bytes() })
}

export interface ReadChange extends ChangeBody {
  hash: string
}

export const MAGIC = '856f4a83'

/** A chunk of Automerge's: magic, checksum, type, length, body. Type 2 is type 1, deflated. */
export function readChange(chunk: Uint8Array): ReadChange {
  const fields = new Fields(chunk)
  if (fields.hex(4) !== MAGIC) throw new Error('no change chunk')
  const checksum = fields.hex(4)
  const type = fields.u8()
  if (type !== 1 && type !== 2) throw new Error(`a chunk of type ${type}`)
  const content = fields.bytes()
  const body = type === 2 ? inflated(content) : content
  const hash = sha256(Uint8Array.of(1), written.bytes(body)).toString('hex')
  if (!hash.startsWith(checksum)) throw new Error('bad-checksum')
  fields.done(undefined)
  return { hash, ...readChangeBody(body) }
}

export function readChanges(body: Uint8Array): ReadChange[] {
  const fields = new Fields(body)
  return fields.done(fields.list(() => readChange(fields.bytes())))
}

/** Whether the signature of an entry of kind changes is this key's. */
export function isSigned(entry: ReadEntry, space: string, key: Uint8Array): boolean {
  const { kind, record, incarnation, signed, body } = entry
  if (!signed) return false
  const lastHash = kind === 1 ? Buffer.from(readChanges(body).at(-1)!.hash, 'hex') : sha256(body)
  const statement = Buffer.concat([
    written.string('skerry/entry/1'),
    written.string(space),
    written.string(record),
    Uint8Array.of(kind),
    signed.actor,
    written.varint(signed.lastSeq),
    lastHash,
    signed.credential,
    ...(incarnation === 0 ? [] : [written.varint(incarnation)]),
  ])
  return isSignature(key, statement, signed.signature)
}

/** Ed25519 keys go into Node as they stand in a certificate (RFC 8410). */
const KEY_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export function isSignature(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = createPublicKey({
    key: Buffer.concat([KEY_PREFIX, key]),
    format: 'der',
    type: 'spki',
  })
  return verify(null, message, publicKey, signature)
}

export interface ReadFrontier {
  deleted: boolean
  incarnation: number
  maxOp: number
  ownSeq: number
  heads: string[]
  sequences: Record<string, number>
  channels: string[]
  held: string[]
}

export function readFrontier(bytes: Uint8Array): ReadFrontier {
  const fields = new Fields(bytes)
  if (fields.u8() !== 1) throw new Error('unreadable-row')
  return fields.done({
    deleted: fields.u8() === 1,
    incarnation: fields.varint(),
    maxOp: fields.varint(),
    ownSeq: fields.varint(),
    heads: fields.list(() => fields.hex(32)),
    sequences: Object.fromEntries(fields.list(() => [fields.hex(17), fields.varint()])),
    channels: fields.list(() => fields.string()),
    held: fields.list(() => fields.string()),
  })
}

/** D-2. `receipts`: the first 8 bytes of sha256 of the body of each, hex. */
export function recordDigest(
  key: string,
  { incarnation, heads }: Pick<ReadFrontier, 'incarnation' | 'heads'>,
  receipts: readonly string[] = [],
): Uint8Array {
  return sha256(
    written.string('skerry/item/1'),
    written.string(key),
    written.varint(incarnation),
    written.varint(heads.length),
    ...heads.map((head) => Buffer.from(head, 'hex')),
    written.varint(receipts.length),
    ...[...receipts].sort().map((hash) => written.bytes(Buffer.from(hash, 'hex'))),
  ).subarray(0, 16)
}

export function otherDigest(key: string): Uint8Array {
  return sha256(written.string('skerry/other/1'), written.string(key)).subarray(0, 16)
}

/** Replica rule L-9: how the log names the run in which it heard an entry. */
export function heardRun(node: string, run: string): string {
  const parts = ['skerry/heard/1', node, run].map(written.string)
  return sha256(...parts)
    .subarray(0, 16)
    .toString('hex')
}

/** D-7 */
export function seededDigest(seed: Uint8Array, key: string, digest: Uint8Array): Uint8Array {
  const parts = [written.string('skerry/recount/1'), written.bytes(seed), written.string(key), digest]
  return sha256(...parts).subarray(0, 16)
}

/** Modulo 2^128, little endian. */
export function sumOf(digests: readonly Uint8Array[]): bigint {
  const numbers = digests.map((digest) => BigInt(`0x${Buffer.from(digest).reverse().toString('hex')}`))
  return numbers.reduce((sum, number) => (sum + number) % 2n ** 128n, 0n)
}
