/** An upload is named by the blob's hash and its owner's key, so that a device has one of each and nobody goes on with another's (packages/blobs/src/SPEC.md, BL-50). */
import { type Credential, toHex } from '@skerry/core'

const HASH_DIGITS = 64
/** Hex digits of a device's key in an upload's name: enough that two devices never share one. */
const OWNER_DIGITS = 32

export function uploadName(sha256: string, { publicKey }: Pick<Credential, 'publicKey'>): string {
  return `${sha256}-${toHex(publicKey).slice(0, OWNER_DIGITS)}`
}

export function hashOfUpload(name: string): string {
  return name.slice(0, HASH_DIGITS)
}

export function ownerOf(name: string): string {
  return name.slice(HASH_DIGITS + 1)
}
