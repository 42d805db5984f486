/**
 * A tombstone's body: what is left of a deleted record. The entry around it says which record and which incarnation has gone; the authority signs it.
 *
 *   format 1 (u8) · when the authority heard of the deletion, milliseconds since 1970 (varint)
 */
import { ByteWriter } from '../bytes/writer.ts'
import { readBody } from './body.ts'

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
  return readBody('a tombstone', FORMAT, body, (reader) => ({ deletedAt: reader.varint() }))
}
