/** Content in memory: gathered, hashed, held against its name. */
import { toHex } from '@skerry/core'
import { BlobError } from '../blob-error.ts'
import type { BlobContent } from './port.ts'

/** A copy, in one piece. */
export async function gathered(content: BlobContent): Promise<Uint8Array<ArrayBuffer>> {
  if (content instanceof Uint8Array) return new Uint8Array(content)
  const parts: Uint8Array[] = []
  for await (const part of content) parts.push(new Uint8Array(part))
  return joined(parts)
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** SHA-256 in hex, by the platform's own. */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export function wrongHash(sha256: string, is: string): BlobError {
  return new BlobError(
    'wrong-hash',
    `blob ${sha256}: its content has the hash ${is}; it was altered, or cut short, on the way`,
  )
}

export function damaged(sha256: string): BlobError {
  return new BlobError(
    'damaged',
    `blob ${sha256}: what the disk gives back is not what was written; fetch it again, or restore it`,
  )
}
