/** References to blobs as they stand in records: one text, so that two of them written at once never mix (SPEC.md, BL-1, BL-2). */
import type { Json } from '@skerry/core'
import * as z from 'zod'
import { REF_LENGTH_MAX, REF_NAME_LENGTH_MAX } from './limits.ts'

export interface BlobRef {
  /** 64 hex digits. */
  sha256: string
  bytes: number
  /** `image/jpeg` */
  type: string
  /** Of the file it was. */
  name?: string
  /** A small picture of it, a blob of its own. */
  thumbnail?: { sha256: string; bytes: number }
}

const PREFIX = 'blob:sha256:'
const HASH = /^[0-9a-f]{64}$/
const TYPE = /^[a-z]+\/[a-z0-9.+-]+$/

/** A field that refers to a blob. */
export function blobRef(): z.ZodString {
  return z
    .string()
    .max(REF_LENGTH_MAX)
    .refine((value) => parseRef(value) !== undefined, 'want a reference to a blob, as `take` gives it')
}

export function formatRef({ sha256, bytes, type, name, thumbnail }: BlobRef): string {
  const parameters = new URLSearchParams({
    bytes: String(bytes),
    type,
    ...(name && { name: name.slice(0, REF_NAME_LENGTH_MAX) }),
    ...(thumbnail && { thumb: thumbnail.sha256, thumbBytes: String(thumbnail.bytes) }),
  })
  return `${PREFIX}${sha256}?${parameters}`
}

/** Undefined for what is none. */
export function parseRef(text: string): BlobRef | undefined {
  if (!text.startsWith(PREFIX) || text.length > REF_LENGTH_MAX) return undefined
  const [sha256 = '', query = ''] = text.slice(PREFIX.length).split('?', 2)
  const parameters = new URLSearchParams(query)
  const bytes = wholeNumber(parameters.get('bytes'))
  const type = parameters.get('type') ?? ''
  if (!HASH.test(sha256) || bytes === undefined || !TYPE.test(type)) return undefined
  const name = parameters.get('name')
  const thumb = parameters.get('thumb')
  const thumbBytes = wholeNumber(parameters.get('thumbBytes'))
  const hasThumbnail = thumb !== null && HASH.test(thumb) && thumbBytes !== undefined
  return {
    sha256,
    bytes,
    type,
    ...(name && { name }),
    ...(hasThumbnail && { thumbnail: { sha256: thumb, bytes: thumbBytes } }),
  }
}

export function isHash(text: string): boolean {
  return HASH.test(text)
}

/** The reference by which this value has the blob; of a thumbnail, what is known of it. Undefined: it does not refer to it. */
export function refersTo(
  value: Json | undefined,
  sha256: string,
): Pick<BlobRef, 'bytes' | 'type'> | undefined {
  if (typeof value === 'string') {
    // Most texts are none.
    if (!value.startsWith(PREFIX) || !value.includes(sha256)) return undefined
    const ref = parseRef(value)
    if (ref?.sha256 === sha256) return { bytes: ref.bytes, type: ref.type }
    return ref?.thumbnail?.sha256 === sha256
      ? { bytes: ref.thumbnail.bytes, type: THUMBNAIL_TYPE }
      : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const part of Object.values(value) as Json[]) {
    const found = refersTo(part, sha256)
    if (found) return found
  }
  return undefined
}

/** Every thumbnail's: it is small, and every browser writes and shows it. */
export const THUMBNAIL_TYPE = 'image/jpeg'

function wholeNumber(text: string | null): number | undefined {
  const value = Number(text)
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? value : undefined
}
