/** Names of what belongs to one replica of this app in a browser, by the replica's own: its database, its worker and its locks are called like it. */

/** Of a browser that has known one authority only. */
export const FIRST_REPLICA = 'skerry-field'

/** Hex digits of an authority's key that tell it from any other. */
const AUTHORITY_DIGITS = 16

/** @param authority public key, 64 hex digits */
export function replicaNameFor(authority: string): string {
  return `${FIRST_REPLICA}-${authority.slice(0, AUTHORITY_DIGITS)}`
}

/** Database of the photos. */
export function photosNameOf(replica: string): string {
  return `${replica}-blobs`
}

/** Channel on which pages ask the worker for photos. */
export function photosChannelOf(replica: string): string {
  return `${replica}:photos`
}

/** Channel on which pages tell the worker when photos may be sent. */
export function sendWhenChannelOf(replica: string): string {
  return `${replica}:send-when`
}
