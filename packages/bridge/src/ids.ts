/** Names that both sides can compute: a repeat, or another node, finds what the first one made. */
import { ByteWriter, encodeUtf8, type Host, idOf, keyOf, toHex } from '@skerry/core'
import { EXTERNAL_ID_LENGTH_MAX } from './limits.ts'

type Hash = Pick<Host, 'sha256'>

/** Begins every external id that this project gave, so that it is told apart from other callers'. */
const OURS = 'skerry:'
const HASHED = `${OURS}~`
const idForm = /^[A-Za-z0-9._:-][A-Za-z0-9._:~-]*$/
const crockford = '0123456789abcdefghjkmnpqrstvwxyz'
/** 200 bits of the hash: 40 digits of 5 bits. */
const ID_HASH_BYTES = 25

/** Id of the record that a row of the system becomes (SPEC B-27). */
export function importedId(
  host: Hash,
  system: string,
  type: string,
  rowId: string,
  incarnation: number,
): string {
  const name = new ByteWriter()
    .string('skerry/imported/1')
    .string(system)
    .string(type)
    .string(rowId)
    .varint(incarnation)
  return `x${base32(host.sha256(name.finish()).subarray(0, ID_HASH_BYTES))}`
}

/** External id of the row that a record becomes (SPEC B-04). Ids too long for a system are hashed. */
export function externalIdOf(host: Hash, record: string): string {
  const plain = `${OURS}${idOf(record)}`
  return plain.length <= EXTERNAL_ID_LENGTH_MAX
    ? plain
    : `${HASHED}${toHex(host.sha256(encodeUtf8(record))).slice(0, 40)}`
}

/** The record that an external id of ours names; undefined for others' and for hashed ones, which only the links know. */
export function recordNamed(collection: string, externalId: string | undefined): string | undefined {
  if (!externalId?.startsWith(OURS)) return undefined
  const id = externalId.slice(OURS.length)
  return idForm.test(id) ? keyOf(collection, id) : undefined
}

export interface Frozen {
  record: string
  action: 'upsert' | 'delete'
  heads: readonly string[]
  expectedVersion: string | null | undefined
}

/** Equal for every repeat of one call, different for every other call (SPEC B-06). */
export function idempotencyKeyOf(host: Hash, { record, action, heads, expectedVersion }: Frozen): string {
  const writer = new ByteWriter()
    .string('skerry/call/1')
    .string(record)
    .string(action)
    .string(JSON.stringify(expectedVersion ?? null))
  for (const head of heads) writer.string(head)
  return toHex(host.sha256(writer.finish())).slice(0, 48)
}

/** Tells one wish from a later one about the same thing. */
export function stamp({ host }: { host: Pick<Host, 'random'> }): string {
  return toHex(host.random(8))
}

function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += crockford[(held >>> (bits - 5)) & 31]
  }
  return text
}
