/**
 * A snapshot's body: a record's whole history up to the entry at whose sequence it stands. It is what is left when entries are compacted, on disk and on the
 * wire. Every change is in it, with author and time, and what was said of the record (receipts, whole entries of their own). Of an author's signatures
 * only the newest is kept: a later change has the actor's earlier ones as ancestors, so their bytes follow from it.
 *
 *   format 1 (u8)
 *   count, 32 bytes each      credentials that anything in here cites, each once
 *   count, per actor:         actor (17) · last sequence (varint) · number of the credential (varint) · signature (64)
 *   inflated length (varint) · bytes: raw deflate of
 *     the changes, oldest first (change/pack.ts)
 *     count, bytes each       receipts: encoded entries
 *
 * Nobody signs the whole: whoever is told it takes it apart and judges the parts (replica/judge-snapshot.ts).
 */
import { BytesError } from '../bytes/bytes-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { packChanges, unpackChanges } from '../change/pack.ts'
import type { ParsedChange } from '../change/parse.ts'
import type { Host } from '../host.ts'
import {
  ACTOR_BYTES,
  CHANGES_PER_ENTRY_MAX,
  ENTRY_BYTES_MAX,
  EntryError,
  type EntrySignature,
  HASH_BYTES,
  SIGNATURE_BYTES,
} from './entry.ts'

/** Changes in a snapshot, as in any entry: judging one costs about 0.1 ms, and blocks for all of them together. */
export const SNAPSHOT_CHANGES_MAX = CHANGES_PER_ENTRY_MAX
/** Authors who sign in a snapshot: each run of a device is one, and each costs a check of its signature and a turn of weighing its rights. */
export const SNAPSHOT_AUTHORS_MAX = 1_000
/** Bytes of a snapshot's inflated part, and of its changes once whole again: four entries; beyond it a record is large by its texts, and stays as it is. */
export const SNAPSHOT_BYTES_WHOLE_MAX = 16 * 1024 * 1024
/** Receipts in a snapshot: as many as are ever listed. */
export const SNAPSHOT_RECEIPTS_MAX = 1_000

const FORMAT = 1
const ZERO = '0'.repeat(2 * HASH_BYTES)

export interface Snapshot {
  /** The newest of each actor that signs. */
  signatures: readonly EntrySignature[]
  /** Whole changes, oldest first. */
  changes: readonly Uint8Array[]
  /** Whole entries of kind receipt, oldest first. */
  receipts: readonly Uint8Array[]
}

export interface SnapshotParts extends Omit<Snapshot, 'changes'> {
  changes: readonly ParsedChange[]
  /** Hex of credentials that the receipts cite. */
  alsoCited: readonly string[]
}

/** @throws EntryError entry-too-large for what nobody would read back */
export function encodeSnapshot(parts: SnapshotParts, host: Pick<Host, 'deflateRaw'>): Uint8Array {
  const { signatures, changes, receipts, alsoCited } = parts
  within('changes', changes.length, SNAPSHOT_CHANGES_MAX)
  within('authors', signatures.length, SNAPSHOT_AUTHORS_MAX)
  within('receipts', receipts.length, SNAPSHOT_RECEIPTS_MAX)
  within(
    'bytes of changes',
    changes.reduce((sum, change) => sum + change.body.length, 0),
    SNAPSHOT_BYTES_WHOLE_MAX,
  )
  const cited = [
    ...new Set([...signatures.map(({ credentialHash }) => toHex(credentialHash)), ...alsoCited]),
  ].filter((hash) => hash !== ZERO)
  const packed = new ByteWriter(64 * 1024)
  packChanges(packed, changes)
  packed.varint(receipts.length)
  for (const receipt of receipts) packed.bytes(receipt)
  within('inflated bytes', packed.length, SNAPSHOT_BYTES_WHOLE_MAX)
  const whole = packed.finish()
  const writer = new ByteWriter(64 * 1024).u8(FORMAT).varint(cited.length)
  for (const hash of cited) writer.raw(fromHex(hash))
  writer.varint(signatures.length)
  for (const { actor, lastSeq, credentialHash, signature } of signatures)
    writer
      .raw(actor)
      .varint(lastSeq)
      .varint(cited.indexOf(toHex(credentialHash)))
      .raw(signature)
  return writer.varint(whole.length).bytes(host.deflateRaw(whole)).finish()
}

function within(what: string, has: number, limit: number): void {
  if (has > limit)
    throw new EntryError(
      'entry-too-large',
      `a snapshot of ${has} ${what}: limit ${limit}; the record stays as it is`,
    )
}

/** Allocates in proportion to the ceilings above at most. @throws EntryError */
export function decodeSnapshot(body: Uint8Array, host: Pick<Host, 'inflateRaw' | 'sha256'>): Snapshot {
  try {
    const reader = new ByteReader(body)
    const credentials = readCredentials(reader)
    const signatures = readSignatures(reader, credentials)
    const length = reader.varint(SNAPSHOT_BYTES_WHOLE_MAX)
    const deflated = reader.bytes(ENTRY_BYTES_MAX)
    end(reader)
    const packed = new ByteReader(inflate(deflated, length, host))
    const changes = unpackChanges(packed, host, {
      changesMax: SNAPSHOT_CHANGES_MAX,
      bytesMax: SNAPSHOT_BYTES_WHOLE_MAX,
    })
    const receipts: Uint8Array[] = []
    for (let left = packed.varint(SNAPSHOT_RECEIPTS_MAX); left > 0; left--)
      receipts.push(packed.bytes(ENTRY_BYTES_MAX))
    end(packed)
    if (changes.length === 0) throw new EntryError('malformed-entry', 'a snapshot with no change in it')
    return { signatures, changes, receipts }
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new EntryError('malformed-entry', `malformed snapshot: ${cause.message}`, { cause })
    throw cause
  }
}

/** Hex of the credentials that a snapshot's body cites, without taking anything out of it. @throws BytesError, EntryError */
export function credentialsCitedIn(body: Uint8Array): string[] {
  return readCredentials(new ByteReader(body)).map(toHex)
}

function readCredentials(reader: ByteReader): Uint8Array[] {
  const format = reader.u8()
  if (format !== FORMAT)
    throw new EntryError(
      'unknown-version',
      `a snapshot of format ${format}: this version reads format ${FORMAT}; upgrade this node`,
    )
  const credentials: Uint8Array[] = []
  for (let left = reader.varint(SNAPSHOT_AUTHORS_MAX + SNAPSHOT_RECEIPTS_MAX); left > 0; left--)
    credentials.push(reader.raw(HASH_BYTES))
  return credentials
}

function readSignatures(reader: ByteReader, credentials: readonly Uint8Array[]): EntrySignature[] {
  const signatures: EntrySignature[] = []
  const actors = new Set<string>()
  for (let left = reader.varint(SNAPSHOT_AUTHORS_MAX); left > 0; left--) {
    const actor = reader.raw(ACTOR_BYTES)
    const lastSeq = reader.varint()
    const credentialHash = credentials[reader.varint()]
    const signature = reader.raw(SIGNATURE_BYTES)
    if (!credentialHash || actors.has(toHex(actor)))
      throw new EntryError(
        'malformed-entry',
        `a snapshot has two signatures of actor ${toHex(actor)}, or one that cites no credential`,
      )
    actors.add(toHex(actor))
    signatures.push({ actor, lastSeq, credentialHash, signature })
  }
  return signatures
}

function inflate(deflated: Uint8Array, length: number, host: Pick<Host, 'inflateRaw'>): Uint8Array {
  let whole: Uint8Array
  try {
    whole = host.inflateRaw(deflated, length)
  } catch (cause) {
    throw new EntryError(
      'malformed-entry',
      `a snapshot's ${deflated.length} bytes are no DEFLATE stream, or inflate to more than the ${length} it says`,
      { cause },
    )
  }
  if (whole.length !== length)
    throw new EntryError('malformed-entry', `a snapshot inflates to ${whole.length} bytes and says ${length}`)
  return whole
}

function end(reader: ByteReader): void {
  if (reader.remaining > 0)
    throw new EntryError('malformed-entry', `${reader.remaining} bytes are left behind a snapshot's end`)
}
