/**
 * A revocation's body: what the authority takes back. The entry around it is signed by the authority, so that whoever hears of it from anybody can check it.
 *
 *   format 1 (u8) · what (u8; 1 a credential by the sha256 of its token, 2 a device by its public key) · that (32) · flags (u8; bit 0: wipe)
 *
 * Nothing else, so that two hubs that revoke the same write the same body.
 */
import { fromHex, toHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { readBody } from './body.ts'
import { EntryError } from './entry.ts'

const FORMAT = 1
const NAMED_BYTES = 32
const kinds = ['hash', 'key'] as const

/** `hash`: one credential, by the sha256 of its token. `key`: a device, by its public key, with every credential it has or will get. Both 64 hex digits. */
export interface Revoked {
  by: 'hash' | 'key'
  value: string
}

export interface Revocation extends Revoked {
  /** The device is to give up what it holds of the space, when it hears of this. */
  wipe: boolean
}

export function encodeRevocation({ by, value, wipe }: Revocation): Uint8Array {
  return new ByteWriter(48)
    .u8(FORMAT)
    .u8(kinds.indexOf(by) + 1)
    .raw(fromHex(value))
    .u8(wipe ? 1 : 0)
    .finish()
}

/** @throws EntryError */
export function decodeRevocation(body: Uint8Array): Revocation {
  return readBody('a revocation', FORMAT, body, (reader) => {
    const by = kinds[reader.u8() - 1]
    const value = toHex(reader.raw(NAMED_BYTES))
    const flags = reader.u8()
    if (by === undefined || flags > 1)
      throw new EntryError('malformed-entry', 'a revocation with something unknown in it')
    return { by, value, wipe: flags === 1 }
  })
}
