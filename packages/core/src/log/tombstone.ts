/**
 * A tombstone's body: what is left of a deleted record. The entry around it says which record and which incarnation has gone; the authority signs it.
 *
 *   format 1 (u8) · when the authority heard of the deletion, milliseconds since 1970 (varint)
 */
import { BytesError } from '../bytes/bytes-error.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { EntryError } from './entry.ts'

const FORMAT = 1

export interface Tombstone {
  deletedAt: number
}

export function encodeTombstone({ deletedAt }: Tombstone): Uint8Array {
  return new ByteWriter(16)
    .u8(FORMAT)
    .varint(Math.max(0, Math.floor(deletedAt)))
    .finish()
}

/** @throws EntryError */
export function decodeTombstone(body: Uint8Array): Tombstone {
  try {
    const reader = new ByteReader(body)
    const format = reader.u8()
    if (format !== FORMAT)
      throw new EntryError(
        'unknown-version',
        `a tombstone of format ${format}: this version reads format ${FORMAT}; upgrade this node`,
      )
    const deletedAt = reader.varint()
    if (reader.remaining > 0)
      throw new EntryError('malformed-entry', `${reader.remaining} bytes are left behind a tombstone's end`)
    return { deletedAt }
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new EntryError('malformed-entry', `malformed tombstone: ${cause.message}`, { cause })
    throw cause
  }
}
